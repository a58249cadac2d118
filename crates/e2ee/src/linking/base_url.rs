//! The address of the service in one form, since both devices bind it in their messages.

/// Longest address, bytes.
pub const MAX_BASE_URL_BYTES: usize = 255;

/// Brings the service's address into the form that linking binds: `http` or `https` and the host in lower case, no
/// default port, no slash at the end. `None` if it has a user, query, fragment or anything but visible ASCII.
pub fn normalize_base_url(text: &str) -> Option<String> {
    let (scheme, rest) = text.split_once("://")?;
    let scheme = scheme.to_ascii_lowercase();
    let default_port = match scheme.as_str() {
        "https" => ":443",
        "http" => ":80",
        _ => return None,
    };
    let visible = |c: char| c.is_ascii_graphic() && !matches!(c, '@' | '?' | '#' | '\\' | '"' | '<' | '>' | '%');
    if !rest.chars().all(visible) {
        return None;
    }
    let (host, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
    let host = host.to_ascii_lowercase();
    let host = host.strip_suffix(default_port).unwrap_or(&host);
    if host.is_empty() || host.starts_with(':') {
        return None;
    }
    let normal = format!("{scheme}://{host}{}", path.trim_end_matches('/'));
    (normal.len() <= MAX_BASE_URL_BYTES).then_some(normal)
}

#[cfg(test)]
mod tests {
    use super::normalize_base_url;

    #[test]
    fn one_address_has_one_form() {
        for text in ["https://Chat.Example", "HTTPS://chat.example/", "https://chat.example:443//"] {
            assert_eq!(normalize_base_url(text).as_deref(), Some("https://chat.example"));
        }
        assert_eq!(normalize_base_url("http://localhost:8080/sotto/").as_deref(), Some("http://localhost:8080/sotto"));
        for text in ["chat.example", "ftp://x", "https://", "https://a@b", "https://a/?b", "https://a#b", "https://ä"]
        {
            assert_eq!(normalize_base_url(text), None, "{text}");
        }
        assert_eq!(normalize_base_url(&format!("https://{}", "a".repeat(250))), None);
    }
}
