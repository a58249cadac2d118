//! Errors leave as RFC 9457 problem documents, all through [`finish`].

use std::sync::Arc;

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use sotto_protocol::{Problem, ProblemCode};
use sotto_service::ServiceError;

/// What handlers and extractors fail with.
#[derive(Debug)]
pub struct ApiError(pub ServiceError);

/// Result of a handler.
pub type ApiResult<T> = Result<T, ApiError>;

/// Media type of a problem document.
pub const PROBLEM_JSON: &str = "application/problem+json";

impl<E: Into<ServiceError>> From<E> for ApiError {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

/// An error on its way to [`finish`], which renders it.
#[derive(Clone)]
struct Refusal(Arc<Problem>);

/// What went wrong inside, for the log only.
#[derive(Clone)]
struct Cause(String);

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let cause = self.0.to_string();
        let problem = self.0.into_problem();
        let mut response = status(problem.status).into_response();
        if problem.status >= 500 {
            response.extensions_mut().insert(Cause(cause));
        }
        response.extensions_mut().insert(Refusal(Arc::new(problem)));
        response
    }
}

/// The problem for a client of a socket; a 5xx is logged here, with its cause.
pub fn told(error: ServiceError) -> Problem {
    let cause = error.to_string();
    let problem = error.into_problem();
    if problem.status >= 500 {
        tracing::error!(code = problem.code.as_str(), cause, "a frame failed");
    }
    problem
}

fn status(code: u16) -> StatusCode {
    StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// Renders errors, whoever made them, and logs every 5xx once, with its cause.
pub fn finish(mut response: Response, request_id: &str) -> Response {
    let Some(problem) = problem_of(&mut response) else { return response };
    if problem.status >= 500 {
        let cause = response.extensions_mut().remove::<Cause>().map(|cause| cause.0);
        tracing::error!(code = problem.code.as_str(), cause = cause.as_deref(), "a request failed");
    }
    render(response, &Problem { request_id: Some(request_id.to_owned()), ..problem })
}

/// The problem that a response stands for: ours, or one for a bare status that some layer answered.
fn problem_of(response: &mut Response) -> Option<Problem> {
    if let Some(Refusal(problem)) = response.extensions_mut().remove::<Refusal>() {
        return Some(Arc::unwrap_or_clone(problem));
    }
    let code = response.status();
    let is_error = code.is_client_error() || code.is_server_error();
    (is_error && !has_json(response.headers())).then(|| Problem::new(bare(code)))
}

fn has_json(headers: &HeaderMap) -> bool {
    headers.get(header::CONTENT_TYPE).is_some_and(|value| value.as_bytes().starts_with(b"application/"))
}

/// The code that says what a bare status says.
fn bare(status: StatusCode) -> ProblemCode {
    match status {
        StatusCode::UNAUTHORIZED => ProblemCode::Unauthorized,
        StatusCode::FORBIDDEN => ProblemCode::Forbidden,
        StatusCode::NOT_FOUND => ProblemCode::NotFound,
        StatusCode::METHOD_NOT_ALLOWED => ProblemCode::MethodNotAllowed,
        StatusCode::REQUEST_TIMEOUT => ProblemCode::RequestTimeout,
        StatusCode::PAYLOAD_TOO_LARGE => ProblemCode::PayloadTooLarge,
        StatusCode::URI_TOO_LONG => ProblemCode::UriTooLong,
        StatusCode::UNSUPPORTED_MEDIA_TYPE => ProblemCode::UnsupportedMediaType,
        StatusCode::UPGRADE_REQUIRED => ProblemCode::UpgradeRequired,
        StatusCode::TOO_MANY_REQUESTS => ProblemCode::RateLimited,
        StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE => ProblemCode::HeadersTooLarge,
        StatusCode::SERVICE_UNAVAILABLE => ProblemCode::Unavailable,
        other if other.is_client_error() => ProblemCode::InvalidRequest,
        _ => ProblemCode::Internal,
    }
}

/// Keeps what other headers the response has, such as `Allow`.
fn render(response: Response, problem: &Problem) -> Response {
    let (mut parts, _) = response.into_parts();
    parts.status = status(problem.status);
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
    if let Some(wait_ms) = problem.retry_after_ms {
        parts.headers.insert(header::RETRY_AFTER, HeaderValue::from(wait_ms.div_ceil(1_000)));
    }
    if parts.status == StatusCode::UNAUTHORIZED {
        parts.headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    let body = serde_json::to_vec(problem).unwrap_or_default();
    Response::from_parts(parts, Body::from(body))
}

#[cfg(test)]
mod tests {
    use axum::body::to_bytes;

    use super::*;

    async fn read(response: Response) -> (StatusCode, HeaderMap, Problem) {
        let (parts, body) = finish(response, "r-1").into_parts();
        let bytes = to_bytes(body, 100_000).await.unwrap();
        (parts.status, parts.headers, serde_json::from_slice(&bytes).unwrap())
    }

    #[tokio::test]
    async fn every_code_is_rendered_with_its_status_and_the_request_id() {
        for code in ProblemCode::ALL {
            let (status, headers, problem) = read(ApiError::from(*code).into_response()).await;
            assert_eq!((status.as_u16(), problem.code), (code.status(), *code));
            assert_eq!(problem.request_id.as_deref(), Some("r-1"));
            assert_eq!(headers[header::CONTENT_TYPE], PROBLEM_JSON);
            assert_eq!(headers.contains_key(header::WWW_AUTHENTICATE), status == StatusCode::UNAUTHORIZED);
        }
    }

    #[tokio::test]
    async fn an_inner_failure_says_nothing_inside_out() {
        let error = ServiceError::Internal("relation users, password hunter2".into());
        let (status, _, problem) = read(ApiError(error).into_response()).await;
        assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
        assert!(!format!("{problem:?}").contains("hunter2"));
    }

    #[tokio::test]
    async fn retry_after_is_in_seconds_rounded_up() {
        let problem = Problem { retry_after_ms: Some(1_001), ..Problem::new(ProblemCode::RateLimited) };
        let (_, headers, problem) = read(ApiError::from(problem).into_response()).await;
        assert_eq!((headers[header::RETRY_AFTER].to_str().unwrap(), problem.retry_after_ms), ("2", Some(1_001)));
    }

    #[tokio::test]
    async fn bare_statuses_of_other_layers_become_problems_and_keep_their_headers() {
        let response = (StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, "GET")], "plain").into_response();
        let (_, headers, problem) = read(response).await;
        assert_eq!((problem.code, headers[header::ALLOW].to_str().unwrap()), (ProblemCode::MethodNotAllowed, "GET"));
        for status in (400..600).filter_map(|code| StatusCode::from_u16(code).ok()) {
            let (answered, _, problem) = read(status.into_response()).await;
            assert_eq!(answered.as_u16(), problem.status);
            assert_eq!(answered.is_server_error(), status.is_server_error(), "{status}");
        }
    }

    #[test]
    fn what_is_no_error_stays_as_it_is() {
        let ready = (StatusCode::SERVICE_UNAVAILABLE, axum::Json("own document")).into_response();
        assert_eq!(finish(ready, "r").headers()[header::CONTENT_TYPE], "application/json");
        assert_eq!(finish(StatusCode::NO_CONTENT.into_response(), "r").status(), StatusCode::NO_CONTENT);
    }
}
