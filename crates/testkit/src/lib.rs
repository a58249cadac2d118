//! For tests only: a real cluster on random ports with a throw-away database, virtual devices, a proxy that breaks
//! connections on purpose.
//!
//! `DATABASE_URL` names a PostgreSQL where databases may be made, `REDIS_URL` a Redis; `make test` provides both.

mod cluster;
mod device;
mod raw;
mod scene;

pub use cluster::{TestCluster, TestNode};
pub use device::{PASSWORD, Person, SERVICE, TestDevice, eventually, settings, unique};
pub use raw::RawSocket;
pub use scene::Scene;
pub use sotto_loadgen::proxy::{Mode, Proxy};
