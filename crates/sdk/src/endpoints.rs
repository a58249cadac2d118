//! The addresses of a cluster, tried in turn.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::{SdkError, SdkResult};

/// Base addresses. One is current; when it can't be reached the next one is.
#[derive(Debug)]
pub struct Endpoints {
    all: Vec<String>,
    current: AtomicUsize,
}

impl Endpoints {
    /// From base addresses such as `https://chat.example.org`, without a trailing slash.
    ///
    /// # Errors
    /// [`SdkError::Address`] for one that is not http or https, or when there is none.
    pub fn new(all: Vec<String>) -> SdkResult<Self> {
        let usable = |address: &&String| !(address.starts_with("http://") || address.starts_with("https://"));
        if let Some(bad) = all.iter().find(usable) {
            return Err(SdkError::Address(bad.clone()));
        }
        if all.is_empty() {
            return Err(SdkError::Address(String::new()));
        }
        let all = all.into_iter().map(|address| address.trim_end_matches('/').to_owned()).collect();
        Ok(Self { all, current: AtomicUsize::new(0) })
    }

    /// The current address.
    pub fn current(&self) -> &str {
        let at = self.current.load(Ordering::Relaxed);
        self.all.get(at % self.all.len()).map_or("", String::as_str)
    }

    /// Goes on to the next address, unless somebody else went on from `failed` already.
    pub fn leave(&self, failed: &str) {
        let at = self.current.load(Ordering::Relaxed);
        if self.all.get(at % self.all.len()).is_some_and(|address| address == failed) {
            // Losing the race means that the other one went on.
            let _ = self.current.compare_exchange(at, at.wrapping_add(1), Ordering::Relaxed, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_failed_is_left_once_however_many_noticed() {
        let endpoints = Endpoints::new(vec!["http://a/".into(), "http://b".into()]).unwrap();
        assert_eq!(endpoints.current(), "http://a");
        endpoints.leave("http://a");
        endpoints.leave("http://a");
        assert_eq!(endpoints.current(), "http://b");
        endpoints.leave("http://b");
        assert_eq!(endpoints.current(), "http://a");
    }

    #[test]
    fn only_http_addresses_are_taken() {
        assert!(Endpoints::new(vec!["ftp://a".into()]).is_err());
        assert!(Endpoints::new(vec![]).is_err());
    }
}
