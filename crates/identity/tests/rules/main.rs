//! The rules that servers and clients hold alike.

mod canonical;
mod devices;
mod documented;
mod lists;
mod membership;
mod support;
