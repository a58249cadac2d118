//! Delivered and read marks: gathered a node ([`super::gatherer`]), stored by one statement a turn, shown to those who
//! may see them; in big conversations with pauses ([`super::pacing`]).

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use sotto_bus::wakes::Audience;
use sotto_protocol::{
    ConversationId,
    conversations::{MarkRequest, MemberMarks},
    frames::ServerFrame,
};
use sotto_store::{StoreResult, marks};

use super::{Cluster, gatherer::TURNS};

/// From one turn of the gatherer to the next.
const TURN: Duration = Duration::from_millis(50);
/// From one turn of a conversation to its next.
pub(super) const ROUND: Duration = TURN.saturating_mul(TURNS);

/// Who cares for marks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reach {
    /// What is delivered to one device says nothing to one's others.
    Others,
    /// What is read on one device is read on one's others.
    Everybody,
}

/// Stores gathered marks for ever.
pub(super) async fn run(cluster: Arc<Cluster>) {
    let mut tick = tokio::time::interval(TURN);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        cluster.store_marks().await;
        cluster.show_due();
    }
}

impl Cluster {
    /// Stores what is gathered, and shows what is due.
    pub async fn flush_marks(&self) {
        for _ in 0..TURNS {
            self.store_marks().await;
        }
        self.show_due();
    }

    /// Stores what is gathered, and shows everything: there is no next time.
    pub async fn finish_marks(&self) {
        self.flush_marks().await;
        self.show_paced(&self.pacing.take_all());
    }

    fn show_due(&self) {
        let sessions = |id| self.hub.size(id);
        self.show_paced(&self.pacing.take_due(self.clock.monotonic(), sessions));
    }

    async fn store_marks(&self) {
        let raises = self.marks.take();
        if raises.is_empty() {
            return;
        }
        match self.raise(&raises).await {
            Ok(raised) => {
                let read: HashSet<_> =
                    raises.iter().filter(|r| r.read_seq > 0).map(|r| (r.conversation_id, r.user_id)).collect();
                let reach = |mark: &marks::Raised| {
                    let is_read = read.contains(&(mark.conversation_id, mark.user_id));
                    if is_read { Reach::Everybody } else { Reach::Others }
                };
                self.pacing.add(raised.into_iter().map(|mark| (mark, reach(&mark))));
            }
            Err(error) => {
                tracing::warn!(%error, marks = raises.len(), "marks are not stored; trying again");
                for raise in raises {
                    let request =
                        MarkRequest { read_seq: Some(raise.read_seq), delivered_seq: Some(raise.delivered_seq) };
                    self.marks.add(raise.conversation_id, raise.user_id, &request);
                }
            }
        }
    }

    fn show_paced(&self, marks: &[(marks::Raised, Reach)]) {
        for shown in [Reach::Everybody, Reach::Others] {
            let of = marks.iter().filter(|(_, reach)| *reach == shown);
            self.show_marks(&of.map(|(mark, _)| *mark).collect::<Vec<_>>(), shown);
        }
    }

    async fn raise(&self, raises: &[marks::Raise]) -> StoreResult<Vec<marks::Raised>> {
        let mut connection = self.marks_connection.take().await?;
        let raised = marks::raise(&mut connection, raises).await?;
        self.marks_connection.put(connection);
        Ok(raised)
    }

    /// Shows marks to those who may see them and are there now.
    pub(crate) fn show_marks(&self, raised: &[marks::Raised], reach: Reach) {
        let mut shown: HashMap<ConversationId, Vec<MemberMarks>> = HashMap::new();
        for mark in raised {
            let marks =
                MemberMarks { user_id: mark.user_id, delivered_seq: mark.delivered_seq, read_seq: mark.read_seq };
            if mark.visible {
                shown.entry(mark.conversation_id).or_default().push(marks);
            } else if reach == Reach::Everybody {
                let frame = ServerFrame::Marks { conversation_id: mark.conversation_id, marks: vec![marks] };
                self.live(mark.conversation_id, Audience::Own(mark.user_id), &frame);
            }
        }
        for (conversation_id, marks) in shown {
            let audience = match marks.as_slice() {
                [mark] if reach == Reach::Others => Audience::ReceiptsBut(mark.user_id),
                _ => Audience::Receipts,
            };
            self.live(conversation_id, audience, &ServerFrame::Marks { conversation_id, marks });
        }
    }
}
