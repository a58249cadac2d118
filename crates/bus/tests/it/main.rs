//! The bus against a real Redis (`REDIS_URL`): one program.

mod limits;
mod registry;
mod rendezvous;
mod wakes;

use sotto_bus::{Bus, BusConfig};
use uuid::Uuid;

fn url() -> String {
    std::env::var("REDIS_URL").expect("REDIS_URL names a Redis for tests (`make test` starts one)")
}

/// As a node.
async fn bus() -> Bus {
    connect(url()).await
}

/// The same in this database of the server.
async fn bus_in(database: &str) -> Bus {
    let url = url();
    let (server, _) = url.rsplit_once('/').unwrap();
    connect(format!("{server}/{database}")).await
}

async fn connect(url: String) -> Bus {
    let bus = Bus::connect_lazy(BusConfig::new(url)).unwrap();
    while !bus.is_connected() {
        tokio::task::yield_now().await;
    }
    bus
}

/// An id that no other test has.
#[expect(clippy::disallowed_methods, reason = "tests share a Redis")]
fn unique() -> Uuid {
    Uuid::new_v4()
}
