//! The Origin check of sockets: browsers apply no CORS to them.

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header, request::Parts},
};
use sotto_protocol::ProblemCode;

use crate::{ApiConfig, ApiError, ApiState};

/// The request comes from no browser, from our own page, or from a page on the list; others get `foreign_origin`.
#[derive(Clone, Copy, Debug)]
pub struct AllowedOrigin;

impl AllowedOrigin {
    /// Looks at the headers.
    pub fn is_allowed(headers: &HeaderMap, config: &ApiConfig) -> bool {
        let mut origins = headers.get_all(header::ORIGIN).iter();
        let Some(origin) = origins.next() else { return true };
        let Some(origin) = origin.to_str().ok().filter(|_| origins.next().is_none()) else { return false };
        config.cors_origins.iter().any(|allowed| allowed == origin) || is_own(origin, headers)
    }
}

fn is_own(origin: &str, headers: &HeaderMap) -> bool {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let authority = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
    host.is_some() && authority == host
}

impl FromRequestParts<ApiState> for AllowedOrigin {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &ApiState) -> Result<Self, ApiError> {
        if Self::is_allowed(&parts.headers, &state.config) { Ok(Self) } else { Err(ProblemCode::ForeignOrigin.into()) }
    }
}

/// The request is made by a program, not by a browser that goes there (Fetch Metadata, `Sec-Fetch-Mode`): whoever is
/// lured to an address must not act by opening it. Others get `forbidden`.
#[derive(Clone, Copy, Debug)]
pub struct NoNavigation;

impl<S: Sync> FromRequestParts<S> for NoNavigation {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let mut modes = parts.headers.get_all("sec-fetch-mode").iter();
        if modes.any(|mode| mode.as_bytes().eq_ignore_ascii_case(b"navigate")) {
            return Err(ProblemCode::Forbidden.into());
        }
        Ok(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_page_and_those_on_the_list_may_open_sockets() {
        let config = ApiConfig { cors_origins: vec!["https://chat.test".into()], ..ApiConfig::default() };
        let allowed = |origin: Option<&str>| {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, "node.test:8080".parse().unwrap());
            if let Some(origin) = origin {
                headers.insert(header::ORIGIN, origin.parse().unwrap());
            }
            AllowedOrigin::is_allowed(&headers, &config)
        };
        assert!(allowed(None) && allowed(Some("https://chat.test")) && allowed(Some("http://node.test:8080")));
        for foreign in ["null", "", "https://chat.test.evil", "http://node.test", "https://evil.test", "node.test:8080"]
        {
            assert!(!allowed(Some(foreign)), "{foreign}");
        }
    }
}
