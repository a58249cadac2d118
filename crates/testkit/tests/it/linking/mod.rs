//! Two devices in one person's hands, and one rendezvous: linking as an app does it.

mod broken;
mod hands;
mod history;
mod many;
mod refused;
mod ways;
