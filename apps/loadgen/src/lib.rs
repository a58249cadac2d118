//! What `sotto-loadgen` and the tests share: the record of a run, the checker that judges it, the faults.

pub mod chaos;
pub mod check;
pub mod cluster;
pub mod error;
pub mod interrupt;
pub mod proxy;
pub mod record;
