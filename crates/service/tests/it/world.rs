//! A node whose clock can be moved. Ids and names are random, so that all tests share one database.

use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use sotto_bus::{Bus, BusConfig};
use sotto_protocol::{DeviceId, ProblemCode, accounts::SessionResponse, events::InboxBody};
use sotto_service::{
    Clock, Entropy as _, Service, ServiceConfig, ServiceResult, SystemEntropy,
    accounts::AccountsConfig,
    limits::{Limit, LimitsConfig, Rate},
    passwords::PasswordConfig,
    tokens::{AccessClaims, KeySource},
};
use sotto_store::{Database, DatabaseConfig, devices, devices::DeviceRow, inbox, inbox_reads, writer::WriterConfig};
use time::OffsetDateTime;

/// The machine's clock, moved.
pub struct MovedClock {
    real: sotto_service::SystemClock,
    by_s: AtomicI64,
}

impl Clock for MovedClock {
    fn now(&self) -> OffsetDateTime {
        self.real.now() + time::Duration::seconds(self.by_s.load(Ordering::Relaxed))
    }

    fn monotonic(&self) -> Duration {
        self.real.monotonic()
    }
}

pub struct World {
    pub service: Arc<Service>,
    clock: Arc<MovedClock>,
}

fn key_dir() -> PathBuf {
    std::env::temp_dir().join(format!("sotto-service-{}", SystemEntropy.uuid()))
}

fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} names a service for tests (`make test` starts one)"))
}

#[track_caller]
pub fn refused<T>(outcome: ServiceResult<T>) -> ProblemCode {
    match outcome {
        Ok(_) => panic!("it was not refused"),
        Err(error) => error.into_problem().code,
    }
}

impl World {
    /// A node that finds no Redis.
    pub async fn new() -> Self {
        Self::limited([]).await
    }

    /// The same, with rates of its own.
    pub async fn limited<const N: usize>(rates: [(Limit, Rate); N]) -> Self {
        Self::with(variable("DATABASE_URL"), "redis://127.0.0.1:1/", rates.into()).await
    }

    pub async fn with_redis() -> Self {
        Self::limited_with_redis([]).await
    }

    pub async fn limited_with_redis<const N: usize>(rates: [(Limit, Rate); N]) -> Self {
        let world = Self::with(variable("DATABASE_URL"), &variable("REDIS_URL"), rates.into()).await;
        while !world.service.bus.is_connected() {
            tokio::task::yield_now().await;
        }
        world
    }

    /// Two nodes of one cluster: they have the same keys.
    pub async fn pair() -> [Self; 2] {
        let dir = key_dir();
        let node = || Self::with_keys(dir.clone(), variable("DATABASE_URL"), "redis://127.0.0.1:1/", BTreeMap::new());
        let nodes = [node().await, node().await];
        std::fs::remove_dir_all(dir).unwrap();
        nodes
    }

    async fn with(database: String, redis: &str, rates: BTreeMap<Limit, Rate>) -> Self {
        let dir = key_dir();
        let world = Self::with_keys(dir.clone(), database, redis, rates).await;
        std::fs::remove_dir_all(dir).unwrap();
        world
    }

    async fn with_keys(dir: PathBuf, database: String, redis: &str, rates: BTreeMap<Limit, Rate>) -> Self {
        let config = ServiceConfig {
            node_name: "node-t".into(),
            issuer: "sotto".into(),
            keys: KeySource { dir, create: true },
            max_sockets: 10,
            max_group_members: 4,
            accounts: AccountsConfig {
                passwords: PasswordConfig { memory_kib: 64, passes: 1, lanes: 1, concurrency: 4 },
                ..AccountsConfig::default()
            },
            limits: LimitsConfig { rates, exempt: vec!["127.0.0.0/8".parse().unwrap()] },
            writer: WriterConfig::default(),
        };
        let database = Database::connect_lazy(&DatabaseConfig::new(database)).unwrap();
        database.migrate().await.unwrap();
        let bus = Bus::connect_lazy(BusConfig::new(redis)).unwrap();
        let clock = Arc::new(MovedClock { real: sotto_service::SystemClock::new(), by_s: AtomicI64::new(0) });
        let service =
            Service::new(database, bus, Arc::<MovedClock>::clone(&clock), Arc::new(SystemEntropy), config).unwrap();
        Self { service, clock }
    }

    pub fn pass(&self, seconds: i64) {
        self.clock.by_s.fetch_add(seconds, Ordering::Relaxed);
    }

    pub fn now_ms(&self) -> i64 {
        self.clock.now_ms()
    }

    /// What a session's access token says.
    pub fn claims(&self, session: &SessionResponse) -> AccessClaims {
        self.service.tokens.verify_access(&session.tokens.access_token).unwrap()
    }

    /// The same device, with a password given just now.
    pub fn fresh(&self, claims: AccessClaims) -> AccessClaims {
        AccessClaims { fresh_at_ms: Some(self.now_ms()), ..claims }
    }

    pub async fn row(&self, device_id: DeviceId) -> DeviceRow {
        devices::get(&mut self.service.database.acquire().await.unwrap(), device_id).await.unwrap().unwrap()
    }

    pub async fn has_inbox(&self, device_id: DeviceId) -> bool {
        let mut conn = self.service.database.acquire().await.unwrap();
        !inbox::heads(&mut conn, &[device_id]).await.unwrap().is_empty()
    }

    /// What waits in a device's inbox.
    pub async fn notices(&self, device_id: DeviceId) -> Vec<InboxBody> {
        let mut conn = self.service.database.acquire().await.unwrap();
        let items = inbox_reads::page(&mut conn, device_id, 0, 200).await.unwrap();
        items.into_iter().map(|item| item.body).collect()
    }
}

/// A database of its own, for what is counted by the database itself.
pub struct Throwaway {
    admin: Database,
    name: String,
    url: String,
}

impl Throwaway {
    pub async fn new() -> Self {
        let url = variable("DATABASE_URL");
        let name = format!("sotto_{}", SystemEntropy.uuid().simple());
        let admin = Database::connect_lazy(&DatabaseConfig::new(&url)).unwrap();
        sqlx::query(sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"))).execute(admin.pool()).await.unwrap();
        let (base, _) = url.rsplit_once('/').unwrap();
        let url = format!("{base}/{name}");
        Self { admin, name, url }
    }

    /// A node on it that finds no Redis.
    pub async fn node<const N: usize>(&self, rates: [(Limit, Rate); N]) -> World {
        World::with(self.url.clone(), "redis://127.0.0.1:1/", rates.into()).await
    }

    /// How often PostgreSQL ended a transaction because of a deadlock (40P01), retried or not. Ends the connections:
    /// they tell what they counted when they end.
    pub async fn deadlocks(self) -> i64 {
        let theirs = "SELECT pid FROM pg_stat_activity WHERE datname = $1";
        let pids: Vec<i32> = sqlx::query_scalar(theirs).bind(&self.name).fetch_all(self.admin.pool()).await.unwrap();
        let end = "SELECT pg_terminate_backend(pid) FROM unnest($1) AS p (pid)";
        sqlx::query(end).bind(&pids).execute(self.admin.pool()).await.unwrap();
        let left = "SELECT count(*) FROM pg_stat_activity WHERE pid = ANY ($1)";
        while sqlx::query_scalar::<_, i64>(left).bind(&pids).fetch_one(self.admin.pool()).await.unwrap() > 0 {
            tokio::task::yield_now().await;
        }
        let counted = "SELECT deadlocks FROM pg_stat_database WHERE datname = $1";
        sqlx::query_scalar(counted).bind(&self.name).fetch_one(self.admin.pool()).await.unwrap()
    }
}
