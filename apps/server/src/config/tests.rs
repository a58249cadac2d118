use std::path::Path;

use super::*;

fn parse(text: &str, environment: &[(&str, &str)]) -> Result<Config, ConfigError> {
    Config::parse(text, environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())))
}

fn message(text: &str, environment: &[(&str, &str)]) -> String {
    parse(text, environment).unwrap_err().to_string()
}

#[test]
fn the_environment_goes_over_the_file_and_the_file_over_the_defaults() {
    let text = "[server]\nlisten = '127.0.0.1:1'\ndrain_ms = 7\n[cors]\norigins = ['https://a.test']";
    let environment = [
        ("SOTTO_SERVER__LISTEN", "127.0.0.1:2"),
        ("SOTTO_SERVER__METRICS_LISTEN", "127.0.0.1:3"),
        ("SOTTO_SERVER__NODE_NAME", "1"),
        ("SOTTO_SERVER__TRUSTED_PROXIES", "127.0.0.0/8, 10.0.0.1"),
        ("SOTTO_SERVER__TEST_ROUTES", "true"),
        ("SOTTO_SERVER__MAX_CONNECTIONS", "99"),
        ("SOTTO_DATABASE__URL", "postgres://u:p@h/d"),
        ("SOTTO_LIMITS__EXEMPT", "127.0.0.0/8"),
        ("SOTTO_LIMITS__GROUP_MEMBERS", "12"),
        ("SOTTO_LIMITS__RATES__LOGIN_ADDRESS__BURST", "5"),
        ("SOTTO_LIMITS__RATES__LOGIN_ADDRESS__PERIOD_MS", "6"),
        ("SOTTO_LOG__FORMAT", "json"),
        ("SOTTO_DIR", "/elsewhere"),
        ("SOTTO_PORT_HTTP", "8080"),
        ("PATH", "/bin"),
    ];
    let config = parse(text, &environment).unwrap();
    assert_eq!((config.server.listen.port(), config.server.drain_ms), (2, 7));
    assert_eq!((config.server.node_name.as_str(), config.server.trusted_proxies.len()), ("1", 2));
    assert!(config.server.test_routes && config.server.query_tokens);
    assert_eq!((config.server.max_connections, config.database.max_connections), (99, 24));
    assert_eq!(config.database.url.expose(), "postgres://u:p@h/d");
    assert_eq!((config.limits.exempt.len(), config.limits.rates.len(), config.limits.group_members), (1, 1, 12));
    assert_eq!((config.log.format, config.cors.origins.len()), (LogFormat::Json, 1));
}

#[test]
fn unknown_fields_and_sections_are_refused_by_name() {
    assert!(message("[server]\nlisen = 'x'", &[]).contains("lisen"));
    assert!(message("[sever]", &[]).contains("sever"));
    assert!(message("", &[("SOTTO_SERVER__LISEN", "x")]).contains("lisen"));
    assert!(message("", &[("SOTTO_SEVER__LISTEN", "x")]).contains("sever"));
    assert!(message("", &[("SOTTO_LIMITS__RATES__LOGIN__BURST", "1")]).contains("login"));
    assert!(
        message("[server]\nlisten = '127.0.0.1:1'", &[("SOTTO_SERVER__LISTEN__PORT", "1")]).contains("LISTEN__PORT")
    );
}

#[test]
fn wrong_values_are_refused_with_the_name_of_their_field() {
    let wrong = [
        ("SOTTO_SERVER__LISTEN", "everywhere", "server.listen"),
        ("SOTTO_SERVER__MAX_CONNECTIONS", "many", "server.max_connections"),
        ("SOTTO_SERVER__MAX_CONNECTIONS", "0", "server.max_connections"),
        ("SOTTO_SERVER__NODE_NAME", "a b", "server.node_name"),
        ("SOTTO_SERVER__TRUSTED_PROXIES", "10.0.0.0/40", "server.trusted_proxies"),
        ("SOTTO_SERVER__ENVIRONMENT", "staging", "server.environment"),
        ("SOTTO_CORS__ORIGINS", "*", "cors.origins"),
        ("SOTTO_CORS__ORIGINS", "https://a.test/", "cors.origins"),
        ("SOTTO_LOG__FORMAT", "xml", "log.format"),
        ("SOTTO_HTTP__CONNECTIONS", "0", "http.connections"),
        ("SOTTO_HTTP__HEADER_BYTES", "1024", "http.header_bytes"),
        ("SOTTO_HTTP__WRITE_TIMEOUT_MS", "0", "http.write_timeout_ms"),
        ("SOTTO_DATABASE__LOCK_TIMEOUT_MS", "0", "database.lock_timeout_ms"),
        ("SOTTO_WRITER__LANES", "0", "writer.lanes"),
        ("SOTTO_WRITER__LANES", "24", "writer.lanes"),
        ("SOTTO_WRITER__QUEUE", "199", "writer.queue"),
        ("SOTTO_WRITER__INBOX_QUOTA", "1", "writer.inbox_quota"),
        ("SOTTO_CLUSTER__OUTGOING_QUEUE", "0", "cluster.outgoing_queue"),
    ];
    for (name, value, field) in wrong {
        let message = message("", &[(name, value)]);
        assert!(message.contains(field), "{name}={value}: {message}");
    }
}

#[test]
fn sizes_and_times_reach_what_they_are_for() {
    let environment = [
        ("SOTTO_HTTP__CONNECTIONS", "1"),
        ("SOTTO_HTTP__HEADER_TIMEOUT_MS", "2"),
        ("SOTTO_HTTP__PROXY_HEADER_TIMEOUT_MS", "3"),
        ("SOTTO_HTTP__HEADER_BYTES", "40000"),
        ("SOTTO_HTTP__WRITE_TIMEOUT_MS", "4"),
        ("SOTTO_HTTP__GRACE_MS", "5"),
        ("SOTTO_WRITER__LANES", "6"),
        ("SOTTO_WRITER__MAX_BATCH", "7"),
        ("SOTTO_WRITER__QUEUE", "8"),
        ("SOTTO_WRITER__SENDER_QUOTA", "9"),
        ("SOTTO_WRITER__INBOX_QUOTA", "10"),
    ];
    let config = parse("", &environment).unwrap();
    let ms = std::time::Duration::from_millis;
    let accept = sotto_api::AcceptConfig::from(&config.http);
    assert_eq!((accept.max_connections, accept.max_header_bytes), (1, 40_000));
    assert_eq!((accept.header_timeout, accept.proxy_header_timeout), (ms(2), ms(3)));
    assert_eq!((accept.write_timeout, accept.grace), (ms(4), ms(5)));
    let writer = sotto_store::writer::WriterConfig::from(&config.writer);
    assert_eq!((writer.lanes, writer.max_batch, writer.queue), (6, 7, 8));
    assert_eq!((writer.sender_quota, writer.inbox_quota), (9, 10));
}

#[test]
fn production_refuses_what_is_for_development_only() {
    let production = |url: &'static str, extra: (&'static str, &'static str)| {
        parse("", &[("SOTTO_SERVER__ENVIRONMENT", "production"), ("SOTTO_DATABASE__URL", url), extra])
    };
    let good = "postgres://sotto:5Yq0-tr8Kd@db/sotto";
    assert!(production(good, ("", "")).is_ok());
    assert!(production("postgres:///sotto?host=/run/postgresql", ("", "")).is_ok());
    for url in ["postgres://sotto@db/sotto", "postgres://u:change-me@db/sotto", "postgres://u:postgres@db/sotto"] {
        assert!(production(url, ("", "")).unwrap_err().to_string().starts_with("database.url"), "{url}");
    }
    assert!(production(good, ("SOTTO_SERVER__TEST_ROUTES", "true")).is_err());
    assert!(production(good, ("SOTTO_REDIS__URL", "redis://:redis@r:6379/")).is_err());
    assert!(production(good, ("SOTTO_REDIS__URL", "redis://r:6379/")).is_ok());
}

#[test]
fn secrets_are_not_shown() {
    let environment = [
        ("SOTTO_DATABASE__URL", "postgres://sotto:hunter2@db/sotto"),
        ("SOTTO_REDIS__URL", "redis://:hunter2@r:6379/"),
        ("SOTTO_SERVER__NODE_NAME", "node-1"),
    ];
    let shown = format!("{:#?}", parse("", &environment).unwrap());
    assert!(!shown.contains("hunter2"));
    insta::assert_snapshot!(shown);
}

#[test]
fn the_sample_is_a_configuration_and_shows_every_field() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/sotto.sample.toml");
    let text = fs::read_to_string(&path).unwrap();
    Config::load(Some(&path), []).unwrap();
    let shown = format!("{:#?}", Config::default());
    let fields = shown.lines().filter_map(|line| line.strip_prefix("        ")?.split_once(": "));
    for (field, _) in fields.filter(|(field, _)| !field.starts_with(' ')) {
        assert!(text.contains(&format!("{field} = ")) || field == "rates", "{field} is missing");
    }
    let uncommented = text.replace("\n#! ", "\n");
    let message = parse(&uncommented, &[]).err();
    assert_eq!(message, None);
}

#[test]
fn the_sample_shows_the_defaults_of_sizes_and_times() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/sotto.sample.toml");
    let (sample, defaults) = (Config::load(Some(&path), []).unwrap(), Config::default());
    let sizes = |config: &Config| format!("{:?} {:?} {:?}", config.http, config.writer, config.cluster);
    assert_eq!(sizes(&sample), sizes(&defaults));
    let times = |config: &Config| (config.database.acquire_timeout_ms, config.database.lock_timeout_ms);
    assert_eq!(times(&sample), times(&defaults));
}
