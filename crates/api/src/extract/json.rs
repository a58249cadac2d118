//! JSON bodies within limits of size, time and depth; and JSON answers.

use axum::{
    body::Body,
    extract::{FromRequest, OptionalFromRequest, Request},
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures_util::StreamExt as _;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::error::Category;
use sotto_protocol::{
    Problem, ProblemCode,
    limits::{MAX_BODY_BYTES, MAX_JSON_DEPTH, MAX_SEND_BODY_BYTES},
};
use tokio::time::timeout;

use crate::{ApiError, ApiResult, ApiState};

/// A JSON body of at most `LIMIT` bytes; as an answer, JSON of any size.
#[derive(Clone, Copy, Debug)]
pub struct Json<T, const LIMIT: usize = MAX_BODY_BYTES>(pub T);

/// The body of a send. Write `Json(body): LargeJson<SendMessage>`.
pub type LargeJson<T> = Json<T, MAX_SEND_BODY_BYTES>;

/// What is read and thrown away of a body that is too large, so that the client gets to read the answer.
const DRAIN_BYTES: usize = 2 * 1024 * 1024;

impl<T: DeserializeOwned, const LIMIT: usize> FromRequest<ApiState> for Json<T, LIMIT> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &ApiState) -> ApiResult<Self> {
        if !is_json(request.headers()) {
            return Err(ProblemCode::UnsupportedMediaType.into());
        }
        let body = timeout(state.config.body_timeout, read(request.into_body(), LIMIT));
        let bytes = body.await.map_err(|_| ProblemCode::RequestTimeout)??;
        parse(&bytes).map(Self)
    }
}

/// No body: a request that names no type of content.
impl<T: DeserializeOwned, const LIMIT: usize> OptionalFromRequest<ApiState> for Json<T, LIMIT> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &ApiState) -> ApiResult<Option<Self>> {
        if !request.headers().contains_key(header::CONTENT_TYPE) {
            return Ok(None);
        }
        <Self as FromRequest<ApiState>>::from_request(request, state).await.map(Some)
    }
}

impl<T: Serialize, const LIMIT: usize> IntoResponse for Json<T, LIMIT> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

/// `application/json`, with UTF-8 if any charset is named (RFC 8259 section 8.1).
fn is_json(headers: &HeaderMap) -> bool {
    let Some(Ok(value)) = headers.get(header::CONTENT_TYPE).map(|value| value.to_str()) else { return false };
    let mut parts = value.split(';').map(str::trim);
    let is_utf8 = |parameter: &str| match parameter.split_once('=') {
        Some((name, charset)) if name.eq_ignore_ascii_case("charset") => {
            charset.trim_matches('"').eq_ignore_ascii_case("utf-8")
        }
        _ => true,
    };
    parts.next().is_some_and(|kind| kind.eq_ignore_ascii_case("application/json")) && parts.all(is_utf8)
}

async fn read(body: Body, limit: usize) -> ApiResult<Bytes> {
    let mut chunks = body.into_data_stream();
    let mut whole = Vec::new();
    let mut total = 0;
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|_| malformed("the body ended early"))?;
        total += chunk.len();
        if total > limit + DRAIN_BYTES {
            break;
        }
        if total <= limit {
            whole.extend_from_slice(&chunk);
        }
    }
    if total > limit { Err(ProblemCode::PayloadTooLarge.into()) } else { Ok(whole.into()) }
}

/// Parses JSON that came from a client; frames of sockets go through it as well.
///
/// # Errors
/// `malformed_json`: not JSON, not UTF-8, or nested deeper than 32; `invalid_request`: JSON of another shape.
pub fn parse<T: DeserializeOwned>(bytes: &[u8]) -> ApiResult<T> {
    if depth(bytes) > MAX_JSON_DEPTH {
        return Err(malformed("nested too deeply"));
    }
    let parsed = serde_json::from_slice(bytes).map_err(|error| match error.classify() {
        Category::Data => invalid(error.to_string()),
        // What is no variant's name is bad syntax to serde_json, whatever it is.
        Category::Syntax if serde_json::from_slice::<serde_json::Value>(bytes).is_ok() => invalid(error.to_string()),
        Category::Syntax | Category::Eof | Category::Io => malformed(error.to_string()),
    })?;
    // serde reads objects from arrays, too.
    if bytes.trim_ascii_start().starts_with(b"[") { Err(invalid("an object is expected")) } else { Ok(parsed) }
}

fn invalid(detail: impl Into<String>) -> ApiError {
    Problem::new(ProblemCode::InvalidRequest).with_detail(detail).into()
}

fn malformed(detail: impl Into<String>) -> ApiError {
    Problem::new(ProblemCode::MalformedJson).with_detail(detail).into()
}

/// The deepest nesting of arrays and objects, before anything is parsed.
fn depth(bytes: &[u8]) -> usize {
    let (mut depth, mut deepest, mut in_string, mut escaped) = (0_usize, 0, false, false);
    for byte in bytes {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'[' | b'{' if !in_string => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b']' | b'}' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

#[cfg(test)]
mod tests {
    use serde_json::Value;
    use sotto_protocol::{devices::NewDevice, frames::ClientFrame};

    use super::*;

    fn code(bytes: &[u8]) -> Option<ProblemCode> {
        parse::<Value>(bytes).err().map(|error| error.0.into_problem().code)
    }

    #[test]
    fn depth_counts_nesting_outside_of_strings() {
        assert_eq!(depth(br#"{"a":[1,{"b":"[[[[{{\"[["}]}"#), 3);
        let nested = |levels: usize| format!("{{\"a\":{}{}}}", "[".repeat(levels - 1), "]".repeat(levels - 1));
        assert_eq!(code(nested(32).as_bytes()), None);
        assert_eq!(code(nested(33).as_bytes()), Some(ProblemCode::MalformedJson));
        assert_eq!(code("[".repeat(200_000).as_bytes()), Some(ProblemCode::MalformedJson));
    }

    #[test]
    fn what_is_not_json_is_malformed_and_what_has_another_shape_is_invalid() {
        for bytes in [&b""[..], b"{", b"\xff\xfe", b"\"\xc3\x28\"", b"{\"a\":1} x", b"nul", b"'a'"] {
            assert_eq!(code(bytes), Some(ProblemCode::MalformedJson), "{bytes:?}");
        }
        for bytes in [&b"[]"[..], b" [1,2]"] {
            assert_eq!(code(bytes), Some(ProblemCode::InvalidRequest), "{bytes:?}");
        }
    }

    #[test]
    fn another_type_is_another_shape_wherever_it_stands() {
        fn shape<T: DeserializeOwned>(text: &str) {
            let code = parse::<T>(text.as_bytes()).err().map(|error| error.0.into_problem().code);
            assert_eq!(code, Some(ProblemCode::InvalidRequest), "{text}");
        }
        for kind in ["null", "5", "{}", "[]", "true", "\"NONE\"", "1.5"] {
            shape::<NewDevice>(&format!(r#"{{"name":"a","device_type":{kind}}}"#));
        }
        shape::<NewDevice>(r#"["a","DESKTOP"]"#);
        shape::<ClientFrame>(r#"["ping",{"nonce":1}]"#);
        shape::<ClientFrame>(r#"[{"type":"ping"}]"#);
    }

    #[test]
    fn only_json_in_utf_8_is_taken_for_json() {
        let is = |value: &str| is_json(&HeaderMap::from_iter([(header::CONTENT_TYPE, value.parse().unwrap())]));
        assert!(is("application/json") && is("Application/JSON; charset=UTF-8") && is("application/json;v=1"));
        for other in ["", "text/plain", "application/json; charset=latin1", "application/jsonx"] {
            assert!(!is(other), "{other}");
        }
        assert!(!is_json(&HeaderMap::new()));
    }
}
