//! What the types cannot say about a configuration.

use super::{Config, ConfigError, Environment, Secret};

/// Passwords that everybody knows, from samples and habit.
const KNOWN_PASSWORDS: [&str; 7] = ["", "change-me", "postgres", "password", "sotto", "redis", "secret"];

impl Config {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let name = &self.server.node_name;
        let plain = |c: char| c.is_ascii_alphanumeric() || ".-_".contains(c);
        ensure(
            (1..=64).contains(&name.len()) && name.chars().all(plain),
            "server.node_name: 1 to 64 letters, digits, `.`, `_` or `-`",
        )?;
        ensure(self.server.max_connections > 0, "server.max_connections: at least 1")?;
        ensure(self.server.body_timeout_ms > 0, "server.body_timeout_ms: at least 1")?;
        ensure(self.server.request_timeout_ms > 0, "server.request_timeout_ms: at least 1")?;
        ensure(self.database.max_connections > 1, "database.max_connections: at least 2")?;
        ensure(self.database.acquire_timeout_ms > 0, "database.acquire_timeout_ms: at least 1")?;
        ensure(self.database.lock_timeout_ms > 0, "database.lock_timeout_ms: at least 1")?;
        self.check_http()?;
        self.check_writer()?;
        ensure(self.cluster.outgoing_queue > 0, "cluster.outgoing_queue: at least 1")?;
        ensure(self.cluster.incoming_queue > 0, "cluster.incoming_queue: at least 1")?;
        ensure(!self.keys.issuer.is_empty(), "keys.issuer: must not be empty")?;
        for origin in &self.cors.origins {
            ensure(is_origin(origin), &format!("cors.origins: `{origin}` is not like https://chat.example.org"))?;
        }
        let ceiling = sotto_protocol::limits::MAX_GROUP_MEMBERS_CEILING;
        ensure((2..=ceiling).contains(&self.limits.group_members), &format!("limits.group_members: 2 to {ceiling}"))?;
        for (limit, rate) in &self.limits.rates {
            let name = limit.name();
            ensure(rate.burst > 0 && rate.period_ms > 0, &format!("limits.rates.{name}: numbers must be above 0"))?;
        }
        if self.server.environment == Environment::Production { self.check_production() } else { Ok(()) }
    }

    fn check_http(&self) -> Result<(), ConfigError> {
        let http = &self.http;
        ensure((1..=1_000_000).contains(&http.connections), "http.connections: 1 to 1000000")?;
        ensure(http.header_timeout_ms > 0, "http.header_timeout_ms: at least 1")?;
        ensure(http.proxy_header_timeout_ms > 0, "http.proxy_header_timeout_ms: at least 1")?;
        // Below it the routes' own limits, which answer with a problem document, would never be reached.
        let bytes = 32 * 1024..=1024 * 1024;
        ensure(bytes.contains(&http.header_bytes), "http.header_bytes: 32768 to 1048576")?;
        // 0 would mean the system's own patience, some fifteen minutes.
        ensure(http.write_timeout_ms > 0, "http.write_timeout_ms: at least 1")
    }

    fn check_writer(&self) -> Result<(), ConfigError> {
        let writer = &self.writer;
        let connections = usize::try_from(self.database.max_connections).unwrap_or(usize::MAX);
        ensure(
            writer.lanes > 0 && writer.lanes < connections,
            "writer.lanes: at least 1 and fewer than database.max_connections, since each holds one",
        )?;
        ensure((1..=10_000).contains(&writer.max_batch), "writer.max_batch: 1 to 10000")?;
        ensure(writer.queue >= writer.max_batch, "writer.queue: at least writer.max_batch")?;
        ensure(writer.sender_quota > 0, "writer.sender_quota: at least 1")?;
        ensure(writer.inbox_quota >= writer.sender_quota, "writer.inbox_quota: at least writer.sender_quota")
    }

    fn check_production(&self) -> Result<(), ConfigError> {
        ensure(!self.server.test_routes, "server.test_routes: not in production")?;
        ensure(!has_known_password(&self.database.url), "database.url: production needs a password of its own")?;
        let accounts = &self.accounts;
        // The least that OWASP recommends for Argon2id with two passes or fewer.
        ensure(accounts.password_memory_kib >= 19_456, "accounts.password_memory_kib: at least 19456 in production")?;
        let redis = &self.redis.url;
        // Redis may go without a password inside a private network, but not with one that everybody knows.
        ensure(
            password(redis).is_none_or(|password| !KNOWN_PASSWORDS.contains(&password)),
            "redis.url: production needs a password of its own",
        )
    }
}

fn ensure(holds: bool, message: &str) -> Result<(), ConfigError> {
    if holds { Ok(()) } else { Err(ConfigError(message.to_owned())) }
}

/// A URL over a local socket names no password; then the system says who is who.
fn has_known_password(url: &Secret) -> bool {
    let is_socket = url.expose().contains("host=/") || url.expose().contains("@%2F");
    match password(url) {
        Some(password) => KNOWN_PASSWORDS.contains(&password),
        None => !is_socket,
    }
}

fn password(url: &Secret) -> Option<&str> {
    let (_, rest) = url.expose().split_once("://")?;
    let (credentials, _) = rest.split('/').next()?.rsplit_once('@')?;
    credentials.split_once(':').map(|(_, password)| password)
}

/// Scheme, host and perhaps a port (RFC 6454), nothing else; no wildcard.
fn is_origin(text: &str) -> bool {
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    host.is_some_and(|host| !host.is_empty() && host.chars().all(|c| c.is_ascii_alphanumeric() || ".-:[]".contains(c)))
}
