//! Logs on standard output, one event a line, with the request's id, never with a credential.

use tracing_subscriber::{EnvFilter, Layer as _, Registry, layer::SubscriberExt as _, util::SubscriberInitExt as _};

use crate::config::{ConfigError, Log, LogFormat};

/// Starts logging, panics included.
///
/// # Errors
/// `log.level` cannot be read.
pub fn start(log: &Log) -> Result<(), ConfigError> {
    let filter = EnvFilter::try_new(&log.level).map_err(|error| ConfigError::new(format!("log.level: {error}")))?;
    let lines = tracing_subscriber::fmt::layer();
    let lines = match log.format {
        LogFormat::Json => lines.json().flatten_event(true).with_span_list(false).boxed(),
        LogFormat::Text => lines.boxed(),
    };
    // A second subscriber in one process happens in tests only: the first stays.
    let _ = Registry::default().with(lines.with_filter(filter)).try_init();
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        let said = panic.payload_as_str().unwrap_or_default();
        tracing::error!(place, said, "a task panicked");
    }));
    Ok(())
}
