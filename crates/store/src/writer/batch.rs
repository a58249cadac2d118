//! What goes into the next batch.

use std::collections::{HashSet, VecDeque};

use super::Pending;

/// Ciphertext and envelopes of one batch, bytes; a single larger message goes alone.
const MAX_BATCH_BYTES: usize = 4 * 1024 * 1024;
/// A message with more envelopes takes so long to store that it must not hold up others.
const MANY_ENVELOPES: usize = 32;

/// Takes the next batch from the front: at most `max` messages, no transaction id twice (a retry that is queued behind
/// its first try waits for the next batch, and finds it stored). A heavy message goes alone.
pub(super) fn take(ready: &mut VecDeque<Pending>, max: usize) -> Vec<Pending> {
    let mut batch = Vec::new();
    let mut ids = HashSet::new();
    let mut bytes = 0;
    while batch.len() < max {
        let Some(next) = ready.front() else { break };
        let message = &next.message;
        bytes += message.ciphertext.len() + message.envelopes.iter().map(|e| e.body.len()).sum::<usize>();
        let fresh = ids.insert((message.conversation_id, message.device_id, message.txn_id));
        let heavy = is_heavy(next);
        if !fresh || ((heavy || bytes > MAX_BATCH_BYTES) && !batch.is_empty()) {
            break;
        }
        batch.extend(ready.pop_front());
        if heavy {
            break;
        }
    }
    batch
}

/// Whether others should not wait for it.
pub(super) fn is_heavy(pending: &Pending) -> bool {
    pending.message.envelopes.len() > MANY_ENVELOPES
}
