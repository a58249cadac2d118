//! What `sotto-loadgen` and the tests share: the record of a run, the checker that judges it, the faults.

pub mod check;
pub mod error;
pub mod record;
