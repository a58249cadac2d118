//! Faults on purpose: people who talk all the while, what is done to them, and what the checker says afterwards.

pub mod crew;
mod handset;
mod wire;

pub use handset::Handset;
pub use wire::{Mischief, Mischiefs};
