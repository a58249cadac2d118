//! Where a socket's credential may stand: the header, the subprotocol list, the query.

use axum::http::{HeaderMap, header};
use sotto_protocol::frames::TICKET_SUBPROTOCOL_PREFIX;

/// What the client showed.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Credential {
    /// An access token.
    Token(String),
    /// A one-use ticket.
    Ticket(String),
}

/// The first credential found: `Authorization`, then the subprotocols, then `ticket` and, where the operator allows it,
/// `token` of the query.
pub(super) fn find(headers: &HeaderMap, query: Option<&str>, query_tokens: bool) -> Option<Credential> {
    crate::extract::bearer(headers)
        .map(|token| Credential::Token(token.to_owned()))
        .or_else(|| subprotocol(headers))
        .or_else(|| parameter(query?, query_tokens))
}

fn subprotocol(headers: &HeaderMap) -> Option<Credential> {
    headers
        .get_all(header::SEC_WEBSOCKET_PROTOCOL)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|list| list.split(','))
        .find_map(|entry| entry.trim().strip_prefix(TICKET_SUBPROTOCOL_PREFIX))
        .map(|ticket| Credential::Ticket(ticket.to_owned()))
}

/// Tickets and JWTs need no percent-encoding, so the value is taken as it stands.
fn parameter(query: &str, query_tokens: bool) -> Option<Credential> {
    let value = |name: &str| {
        query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .find(|(key, _)| *key == name)
            .map(|(_, v)| v.to_owned())
    };
    value("ticket").map(Credential::Ticket).or_else(|| value("token").filter(|_| query_tokens).map(Credential::Token))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_credential_is_found_in_each_of_its_places() {
        let mut headers = HeaderMap::new();
        assert_eq!(find(&headers, None, true), None);
        assert_eq!(find(&headers, Some("a=b&token=t"), true), Some(Credential::Token("t".into())));
        assert_eq!(find(&headers, Some("token=t&ticket=k"), true), Some(Credential::Ticket("k".into())));
        assert_eq!(find(&headers, Some("token=t"), false), None);
        headers.insert(header::SEC_WEBSOCKET_PROTOCOL, "sotto.v1, ticket.abc".parse().unwrap());
        assert_eq!(find(&headers, Some("token=t"), true), Some(Credential::Ticket("abc".into())));
        headers.insert(header::AUTHORIZATION, "Bearer xyz".parse().unwrap());
        assert_eq!(find(&headers, None, true), Some(Credential::Token("xyz".into())));
    }
}
