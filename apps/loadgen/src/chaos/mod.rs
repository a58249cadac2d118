//! Faults on purpose: people who talk all the while, what is done to them, and what the checker says afterwards.

pub mod crew;
mod faults;
mod handset;
mod place;
mod processes;
mod replica;
mod run;
pub mod schedule;
mod summary;
mod wire;

pub use handset::Handset;
pub use run::{Args, run};
pub use wire::{Mischief, Mischiefs};
