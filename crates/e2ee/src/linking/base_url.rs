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
    if !is_host(host) {
        return None;
    }
    let host = host.to_ascii_lowercase();
    let host = host.strip_suffix(default_port).unwrap_or(&host);
    let normal = format!("{scheme}://{host}{}", path.trim_end_matches('/'));
    (normal.len() <= MAX_BASE_URL_BYTES).then_some(normal)
}

/// A name or address, in brackets if it has colons, and perhaps a port.
fn is_host(text: &str) -> bool {
    let (name, rest) = match text.find(']') {
        Some(end) if text.starts_with('[') => text.split_at(end + 1),
        _ => text.find(':').map_or((text, ""), |at| text.split_at(at)),
    };
    let is_port = |port: &str| port.bytes().all(|c| c.is_ascii_digit()) && port.parse::<u16>().is_ok();
    !name.is_empty() && (rest.is_empty() || rest.strip_prefix(':').is_some_and(is_port))
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
        assert_eq!(normalize_base_url("http://[::1]:80/").as_deref(), Some("http://[::1]"));
        for text in ["chat.example", "ftp://x", "https://", "https://a@b", "https://a/?b", "https://a#b", "https://ä"]
        {
            assert_eq!(normalize_base_url(text), None, "{text}");
        }
        for text in
            ["https://a:443:443", "https://:443", "https://a:", "https://a:99999", "https://a:+1", "https://[::1"]
        {
            assert_eq!(normalize_base_url(text), None, "{text}");
        }
        assert_eq!(normalize_base_url(&format!("https://{}", "a".repeat(250))), None);
    }
}
