//! The rules that servers and clients hold alike.

mod backup;
mod canonical;
mod devices;
mod documented;
mod lists;
mod membership;
mod sorted;
mod support;
