//! The server's side of the opening handshake (RFC 6455, section 4.2), on hyper's upgrade.

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header, request::Parts},
    response::{IntoResponse as _, Response},
};
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use sotto_protocol::{Problem, ProblemCode, frames};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use super::socket::Socket;
use crate::ApiError;

/// A request for a socket that may be granted.
pub struct Upgrade {
    key: HeaderValue,
    /// The client offered `sotto.v1`.
    offered: bool,
    stream: OnUpgrade,
}

impl Upgrade {
    /// Answers 101 and serves the socket once the connection is the WebSocket's.
    pub fn accept<F>(self, serve: impl FnOnce(Socket) -> F + Send + 'static) -> Response
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let Self { key, offered, stream } = self;
        tokio::spawn(async move {
            // The peer was gone before the answer.
            let Ok(upgraded) = stream.await else { return };
            if let Ok(parts) = upgraded.downcast::<TokioIo<TcpStream>>() {
                serve(Socket::new(parts.io.into_inner(), parts.read_buf.to_vec())).await;
            } else {
                tracing::error!("a socket is not on a TCP stream");
            }
        });
        let mut response = StatusCode::SWITCHING_PROTOCOLS.into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
        headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
        if let Ok(accept) = HeaderValue::from_str(&derive_accept_key(key.as_bytes())) {
            headers.insert(header::SEC_WEBSOCKET_ACCEPT, accept);
        }
        if offered {
            headers.insert(header::SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(frames::SUBPROTOCOL));
        }
        response
    }
}

impl<S: Sync> FromRequestParts<S> for Upgrade {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        if parts.method != Method::GET {
            return Err(Problem::new(ProblemCode::MethodNotAllowed).into());
        }
        if !lists(&parts.headers, header::CONNECTION, "upgrade") || !lists(&parts.headers, header::UPGRADE, "websocket")
        {
            return Err(refused(ProblemCode::UpgradeRequired, "a WebSocket handshake is expected (RFC 6455)"));
        }
        if parts.headers.get(header::SEC_WEBSOCKET_VERSION).is_none_or(|version| version != "13") {
            return Err(refused(ProblemCode::InvalidRequest, "Sec-WebSocket-Version is not 13"));
        }
        let key = parts.headers.get(header::SEC_WEBSOCKET_KEY);
        let key = key.ok_or_else(|| refused(ProblemCode::InvalidRequest, "Sec-WebSocket-Key is missing"))?.clone();
        let stream = parts.extensions.remove::<OnUpgrade>();
        let stream =
            stream.ok_or_else(|| refused(ProblemCode::UpgradeRequired, "this connection cannot become a WebSocket"))?;
        Ok(Self { key, offered: lists(&parts.headers, header::SEC_WEBSOCKET_PROTOCOL, frames::SUBPROTOCOL), stream })
    }
}

fn refused(code: ProblemCode, detail: &str) -> ApiError {
    Problem::new(code).with_detail(detail).into()
}

/// Whether a comma-separated header names the token, in any case.
fn lists(headers: &HeaderMap, name: HeaderName, token: &str) -> bool {
    let values = headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|entry| entry.trim().eq_ignore_ascii_case(token))
}
