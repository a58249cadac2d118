//! Between a client and its socket: for tests of what networks and nodes do.

use std::fmt::Debug;

use sotto_protocol::frames::{ClientFrame, ServerFrame};

/// Sees every frame of a client and decides what passes. Must not block.
pub trait Tap: Debug + Send + Sync + 'static {
    /// A socket is open, to this endpoint.
    fn opened(&self, endpoint: &str);
    /// What leaves instead of this frame.
    fn outgoing(&self, frame: ClientFrame) -> Vec<ClientFrame>;
    /// What comes instead of these frames.
    fn incoming(&self, frames: Vec<ServerFrame>) -> Vec<ServerFrame>;
    /// The socket is gone, and with it whatever was on its way.
    fn ended(&self);
}
