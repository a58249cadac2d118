//! Whether this node takes clients, and the sockets it holds.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use tokio::sync::{Notify, watch};

/// The state that the whole process shares.
pub struct Lifecycle {
    draining: watch::Sender<bool>,
    sockets: Arc<Sockets>,
}

struct Sockets {
    open: AtomicUsize,
    most: usize,
    changed: Notify,
}

/// A socket's place among those that a node holds; dropping it frees the place.
pub struct SocketPlace {
    sockets: Arc<Sockets>,
    endpoint: &'static str,
}

impl Lifecycle {
    /// A node that takes this many sockets.
    pub fn new(max_sockets: usize) -> Self {
        let sockets = Sockets { open: AtomicUsize::new(0), most: max_sockets, changed: Notify::new() };
        Self { draining: watch::Sender::new(false), sockets: Arc::new(sockets) }
    }

    /// A place for a socket of this endpoint (a metric's label); `None` when the node is full or drains.
    pub fn enter(&self, endpoint: &'static str) -> Option<SocketPlace> {
        if self.is_draining() {
            return None;
        }
        let sockets = Arc::clone(&self.sockets);
        let took =
            sockets.open.try_update(Ordering::AcqRel, Ordering::Acquire, |n| (n < sockets.most).then_some(n + 1));
        took.ok()?;
        metrics::gauge!("ws_connections_active", "endpoint" => endpoint).increment(1);
        Some(SocketPlace { sockets, endpoint })
    }

    /// Sockets open now.
    pub fn sockets(&self) -> usize {
        self.sockets.open.load(Ordering::Acquire)
    }

    /// Sockets open over sockets allowed: the load that autoscaling looks at.
    #[expect(clippy::cast_precision_loss, reason = "a ratio for people")]
    pub fn load(&self) -> f64 {
        self.sockets() as f64 / self.sockets.most.max(1) as f64
    }

    /// Tells everybody to come to an end: no new sockets, readiness off.
    pub fn drain(&self) {
        self.draining.send_replace(true);
    }

    /// Whether the node is on its way out.
    pub fn is_draining(&self) -> bool {
        *self.draining.borrow()
    }

    /// Turns `true` once when the node drains.
    pub fn draining(&self) -> watch::Receiver<bool> {
        self.draining.subscribe()
    }

    /// Returns when no socket is open.
    pub async fn emptied(&self) {
        loop {
            let changed = self.sockets.changed.notified();
            if self.sockets() == 0 {
                return;
            }
            changed.await;
        }
    }
}

impl Drop for SocketPlace {
    fn drop(&mut self) {
        metrics::gauge!("ws_connections_active", "endpoint" => self.endpoint).decrement(1);
        if self.sockets.open.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.sockets.changed.notify_waiters();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_full_or_draining_node_takes_no_socket_and_is_empty_after_the_last() {
        let lifecycle = Lifecycle::new(1);
        let place = lifecycle.enter("ws").unwrap();
        assert!(lifecycle.enter("ws").is_none());
        drop(place);
        let place = lifecycle.enter("ws").unwrap();
        lifecycle.drain();
        assert!(*lifecycle.draining().borrow());
        let (waited, ()) = tokio::join!(lifecycle.emptied(), async { drop(place) });
        assert_eq!((waited, lifecycle.sockets()), ((), 0));
        assert!(lifecycle.enter("ws").is_none());
    }
}
