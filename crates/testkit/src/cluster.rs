//! Nodes in this process, real in everything: listeners, PostgreSQL, Redis.

use std::{net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use sotto_api::{ApiConfig, ApiState};
use sotto_bus::{Bus, BusConfig};
use sotto_service::{
    Entropy as _, Service, ServiceConfig, SystemClock, SystemEntropy, accounts::AccountsConfig, limits::LimitsConfig,
    passwords::PasswordConfig, tokens::KeySource,
};
use sotto_store::{Database, DatabaseConfig, faults::Faults, writer::WriterConfig};
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

use crate::Proxy;

/// Some nodes on one throw-away database.
pub struct TestCluster {
    /// The nodes.
    pub nodes: Vec<TestNode>,
    /// Between the nodes and Redis.
    pub redis: Proxy,
    /// Between the nodes and PostgreSQL.
    pub postgres: Proxy,
    /// Straight to the database.
    pub database: Database,
    /// Switches of the test build, shared by all nodes.
    pub faults: Faults,
    config: NodeConfig,
}

#[derive(Clone)]
struct NodeConfig {
    database_url: String,
    redis_url: String,
    keys: PathBuf,
    faults: Faults,
    /// To PostgreSQL.
    connections: u32,
}

/// A node.
pub struct TestNode {
    /// `http://127.0.0.1:<port>`.
    pub base_url: String,
    /// Its inside.
    pub service: Arc<Service>,
    end: Option<oneshot::Sender<()>>,
    task: JoinHandle<()>,
}

fn env(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set; `make test` sets it"))
}

/// `scheme://[user@]host:port[/path]` with another host and port.
fn moved(url: &str, to: SocketAddr) -> (String, String) {
    let (scheme, rest) = url.split_once("://").unwrap();
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let (user, host) = authority.rsplit_once('@').map_or(("", authority), |(user, host)| (user, host));
    let at = if user.is_empty() { String::new() } else { format!("{user}@") };
    (format!("{scheme}://{at}{to}/{path}"), host.to_owned())
}

/// With a database by chance, so that nodes of other tests are no siblings. A Redis has sixteen if nobody says otherwise.
fn of_its_own(redis_url: &str) -> String {
    let databases = std::env::var("REDIS_DATABASES").map_or(16, |count| count.parse().unwrap());
    let (server, _) = redis_url.rsplit_once('/').unwrap();
    format!("{server}/{}", SystemEntropy.uuid().as_u128() % databases)
}

impl TestCluster {
    /// Starts `count` nodes.
    pub async fn start(count: usize) -> Self {
        if std::env::var_os("RUST_LOG").is_some() {
            let filter = tracing_subscriber::EnvFilter::from_default_env();
            drop(tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).try_init());
        }
        let admin_url = env("DATABASE_URL");
        let name = format!("sotto_{}", SystemEntropy.uuid().simple());
        let admin = Database::connect_lazy(&DatabaseConfig::new(&admin_url)).unwrap();
        let create = sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"));
        sqlx::query(create).execute(admin.pool()).await.unwrap();
        let (base, _) = admin_url.rsplit_once('/').unwrap();
        let direct_url = format!("{base}/{name}");
        let database =
            Database::connect_lazy(&DatabaseConfig { max_connections: 4, ..DatabaseConfig::new(&direct_url) });
        let database = database.unwrap();
        database.migrate().await.unwrap();

        let nowhere: SocketAddr = "127.0.0.1:1".parse().unwrap();
        let redis = Proxy::start(moved(&env("REDIS_URL"), nowhere).1).await.unwrap();
        let postgres = Proxy::start(moved(&direct_url, nowhere).1).await.unwrap();
        let keys = std::env::temp_dir().join(format!("{name}-keys"));
        let config = NodeConfig {
            database_url: moved(&direct_url, postgres.address).0,
            redis_url: of_its_own(&moved(&env("REDIS_URL"), redis.address).0),
            keys,
            faults: Faults::default(),
            connections: 8,
        };
        let faults = config.faults.clone();
        let mut cluster = Self { nodes: Vec::new(), redis, postgres, database, faults, config };
        for _ in 0..count {
            cluster.add_node().await;
        }
        cluster
    }

    /// Starts one more node.
    pub async fn add_node(&mut self) -> &TestNode {
        self.add_node_with(|_, _| {}).await
    }

    /// Starts one more node, configured by the test.
    pub async fn add_node_with(&mut self, change: impl FnOnce(&mut ServiceConfig, &mut ApiConfig)) -> &TestNode {
        let name = format!("node-{}", self.nodes.len() + 1);
        self.nodes.push(TestNode::start(&self.config, name, change).await);
        &self.nodes[self.nodes.len() - 1]
    }

    /// Starts one more node, with so many connections to PostgreSQL.
    pub async fn add_small_node(&mut self, connections: u32) -> &TestNode {
        self.config.connections = connections;
        self.add_node().await
    }

    /// The base address of a node.
    pub fn url(&self, node: usize) -> &str {
        &self.nodes[node].base_url
    }
}

impl TestNode {
    async fn start(
        config: &NodeConfig,
        node_name: String,
        change: impl FnOnce(&mut ServiceConfig, &mut ApiConfig),
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("http://{}", listener.local_addr().unwrap());
        let database = DatabaseConfig {
            max_connections: config.connections,
            faults: config.faults.clone(),
            ..DatabaseConfig::new(&config.database_url)
        };
        let database = Database::connect_lazy(&database).unwrap();
        let bus = Bus::connect_lazy(BusConfig::new(&config.redis_url)).unwrap();
        let exempt = vec!["127.0.0.0/8".parse().unwrap()];
        let mut service = ServiceConfig {
            limits: LimitsConfig { exempt, ..LimitsConfig::default() },
            ..test_service(node_name, config.keys.clone())
        };
        let mut api = ApiConfig { test_routes: true, drain: Duration::from_secs(2), ..ApiConfig::default() };
        change(&mut service, &mut api);
        let service =
            Service::new(database, bus.clone(), Arc::new(SystemClock::new()), Arc::new(SystemEntropy), service)
                .unwrap();
        while !bus.is_connected() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let tasks = service.start();
        let state = ApiState::new(Arc::clone(&service), api);
        let (end, ended) = oneshot::channel::<()>();
        let task = tokio::spawn(async move {
            let shutdown = async { drop(ended.await) };
            sotto_api::serve(listener, state, shutdown).await.unwrap();
            drop(tasks);
        });
        Self { base_url, service, end: Some(end), task }
    }

    /// The socket's address.
    pub fn ws_url(&self) -> String {
        format!("{}/ws", self.base_url.replacen("http", "ws", 1))
    }

    /// Drains it, as SIGTERM does.
    pub async fn drain(&mut self) {
        self.service.cluster.drain(Duration::from_secs(2)).await;
        drop(self.end.take());
    }

    /// Stops listening and cuts every connection.
    pub fn abort(&self) {
        self.task.abort();
    }
}

fn test_service(node_name: String, keys: PathBuf) -> ServiceConfig {
    ServiceConfig {
        node_name,
        issuer: "sotto".to_owned(),
        keys: KeySource { dir: keys, create: true },
        max_sockets: 1_000,
        max_group_members: 1_000,
        limits: LimitsConfig::default(),
        writer: WriterConfig::default(),
        accounts: AccountsConfig {
            // Cheap: the tests sign in a lot.
            passwords: PasswordConfig { memory_kib: 64, passes: 1, lanes: 1, concurrency: 8 },
            ..AccountsConfig::default()
        },
    }
}
