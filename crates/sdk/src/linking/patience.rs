//! Calls of a linking: repeated while only time can help. Whoever started them ends them when the time is over.

use std::time::Duration;

use sotto_protocol::ProblemCode;
use tokio::time::Instant;

use crate::{Environment, SdkError, SdkResult, environment::full_jitter};

const FIRST_WAIT: Duration = Duration::from_millis(100);
const LONGEST_WAIT: Duration = Duration::from_secs(2);
/// A person in front of a device is not left alone longer with a server that links nobody.
const UNAVAILABLE_FOR: Duration = Duration::from_secs(10);
/// Asked to wait longer than this, the person decides.
const LONGEST_RETRY_AFTER_MS: u64 = 15_000;

/// Calls until there is an answer that another call would not change. The call may be made twice.
pub(crate) async fn patiently<T, F>(environment: &dyn Environment, call: impl Fn() -> F) -> SdkResult<T>
where
    F: Future<Output = SdkResult<T>>,
{
    let mut unavailable_since = None;
    for attempt in 0.. {
        let error = match call().await {
            Err(error) if is_temporary(&error) => error,
            other => return other,
        };
        if error.code() == Some(ProblemCode::LinkingUnavailable) {
            let since = *unavailable_since.get_or_insert_with(Instant::now);
            if since.elapsed() > UNAVAILABLE_FOR {
                return Err(error);
            }
        } else {
            unavailable_since = None;
        }
        tracing::debug!(attempt, %error, "linking: calling again");
        let jitter = full_jitter(&mut environment.rng(), FIRST_WAIT, LONGEST_WAIT, attempt);
        tokio::time::sleep(Duration::from_millis(error.retry_after_ms()) + jitter).await;
    }
    Err(SdkError::Closed)
}

fn is_temporary(error: &SdkError) -> bool {
    let soon = error.retry_after_ms() <= LONGEST_RETRY_AFTER_MS;
    (error.is_temporary() || error.code() == Some(ProblemCode::LinkingUnavailable)) && soon
}
