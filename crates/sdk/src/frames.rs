//! Frames of the node: what each one does, and what is answered once it is stored.

use std::time::Duration;

use sotto_protocol::{
    ConversationId,
    frames::{ClientFrame, ServerFrame},
    messages::SendResponse,
};
use tokio::{sync::mpsc, time::Instant};

use crate::{
    SdkResult,
    core::Core,
    events::ClientEvent,
    receiving::Errand,
    run::Run,
    sending::{take_refused, take_sent},
    shared::Shared,
};

/// Events by HTTP in one page of catching up hold the driver for this long at most before answers are written.
const COMMIT_EVERY: usize = 256;

/// One connection's incoming side.
pub(crate) struct Incoming {
    run: Run,
    outgoing: mpsc::Sender<ClientFrame>,
    /// What it was opened with.
    access_token: String,
    /// It has caught up, and that is stored.
    caught_up: bool,
    is_live: bool,
    draining_ms: Option<u64>,
    /// Newest inbox item that is not acknowledged.
    unacknowledged: Option<i64>,
    uncommitted: usize,
}

impl Incoming {
    pub(crate) fn new(run: Run, outgoing: mpsc::Sender<ClientFrame>, access_token: String) -> Self {
        Self {
            run,
            outgoing,
            access_token,
            caught_up: false,
            is_live: false,
            draining_ms: None,
            unacknowledged: None,
            uncommitted: 0,
        }
    }

    pub(crate) fn caught_up(&self) -> bool {
        self.caught_up
    }

    pub(crate) fn drained(&self) -> bool {
        self.draining_ms.is_some()
    }

    pub(crate) fn reconnect_after(&self) -> Duration {
        Duration::from_millis(self.draining_ms.unwrap_or(0))
    }

    /// Takes in a run of frames, stores what it led to, and gives what to answer.
    ///
    /// # Errors
    /// Something could not be fetched or stored: the connection has to end, and the next one resumes from what is
    /// stored.
    pub(crate) async fn take(&mut self, shared: &Shared, frames: Vec<ServerFrame>) -> SdkResult<Vec<ClientFrame>> {
        let mut wakes = false;
        for frame in frames {
            wakes |= self.take_frame(shared, frame).await?;
            if self.uncommitted >= COMMIT_EVERY {
                self.uncommitted = 0;
                shared.commit_run(self.run).await?;
            }
        }
        self.uncommitted = 0;
        shared.commit_run(self.run).await?;
        if wakes {
            shared.sends.notify_one();
        }
        self.caught_up = self.is_live;
        let errands = std::mem::take(&mut *shared.errands.lock());
        for errand in errands {
            shared.run_errand(errand);
        }
        let acknowledged = self.unacknowledged.take().map(|seq| ClientFrame::InboxAck { seq });
        Ok(acknowledged.into_iter().chain(due_marks(shared).await).collect())
    }

    /// Gives whether there may be something to send now.
    async fn take_frame(&mut self, shared: &Shared, frame: ServerFrame) -> SdkResult<bool> {
        match frame {
            ServerFrame::Inbox { items } => {
                self.uncommitted += items.len();
                shared.take_inbox(self.run, &items).await?;
                self.unacknowledged = items.last().map(|item| item.seq).max(self.unacknowledged);
                return Ok(true);
            }
            ServerFrame::Sync { conversations } => {
                for conversation in &conversations {
                    self.uncommitted += conversation.events.len();
                    shared.take_sync(self.run, conversation).await?;
                    if !conversation.events.is_empty() {
                        note_delivered(shared, conversation.conversation.conversation_id).await;
                    }
                }
                return Ok(true);
            }
            ServerFrame::Event { event } => {
                shared.take_live(self.run, &event).await?;
                if event.sender_device_id != shared.core.lock().await.machine.device_id() {
                    note_delivered(shared, event.conversation_id).await;
                }
                self.uncommitted += 1;
            }
            ServerFrame::CaughtUp { sync_token } => {
                shared.commit_run(self.run).await?;
                self.go_live(shared, sync_token).await?;
                return Ok(true);
            }
            ServerFrame::Sent { conversation_id, txn_id, seq, created_at_ms } => {
                let response = SendResponse { txn_id, seq, created_at_ms };
                take_sent(&mut *shared.turn(self.run).await?, conversation_id, &response);
                return Ok(true);
            }
            ServerFrame::Refused { conversation_id, txn_id, problem } => {
                take_refused(&mut *shared.turn(self.run).await?, conversation_id, txn_id, problem)?;
                return Ok(true);
            }
            ServerFrame::RosterChanged { conversation_id, roster_version } => {
                shared.turn(self.run).await?.machine.roster_changed(conversation_id, roster_version);
            }
            ServerFrame::Draining { reconnect_after_ms } => self.draining_ms = Some(reconnect_after_ms),
            ServerFrame::Error { problem } => {
                tracing::warn!(code = problem.code.as_str(), detail = problem.detail, "the node complains");
            }
            ServerFrame::Pong { .. } => {}
            other => {
                if let Some(event) = told(other) {
                    shared.core.lock().await.stage(event);
                }
            }
        }
        Ok(false)
    }

    async fn go_live(&mut self, shared: &Shared, sync_token: String) -> SdkResult<()> {
        {
            let mut core = shared.turn(self.run).await?;
            // A device that was recovered meanwhile has caught up with nothing: what an unverified one gets is no start.
            if shared.http.tokens().is_some_and(|held| held.access_token == self.access_token) {
                core.set_sync_token(sync_token)?;
            }
            core.stage(ClientEvent::CaughtUp);
            core.flights.clear();
            for conversation_id in core.machine.conversations_with_work() {
                core.machine.resend(conversation_id);
            }
            core.online = Some(self.outgoing.clone());
        }
        self.is_live = true;
        shared.caught_up.send_replace(true);
        shared.run_errand(Errand::CheckKeys);
        shared.run_errand(Errand::HandOver);
        shared.backup.look();
        Ok(())
    }
}

/// News from others are here: the server is told, in time.
async fn note_delivered(shared: &Shared, conversation_id: ConversationId) {
    let mut core = shared.core.lock().await;
    let Core { machine, marking, rng, .. } = &mut *core;
    let members = machine.membership(conversation_id).map_or(0, |state| state.members.len());
    marking.note(conversation_id, members, Instant::now(), rng);
}

/// The delivered marks that are due.
pub(crate) async fn due_marks(shared: &Shared) -> Vec<ClientFrame> {
    let mut core = shared.core.lock().await;
    let due = core.marking.take_due(Instant::now());
    let mark = |conversation_id| {
        let delivered_seq = Some(core.cursor(conversation_id));
        ClientFrame::Mark { conversation_id, read_seq: None, delivered_seq }
    };
    due.into_iter().map(mark).collect()
}

/// Frames that are told as they are.
fn told(frame: ServerFrame) -> Option<ClientEvent> {
    Some(match frame {
        ServerFrame::Welcome { session_id, node_id, .. } => ClientEvent::Connected { node_id, session_id },
        ServerFrame::Marks { conversation_id, marks } => ClientEvent::Marks { conversation_id, marks },
        ServerFrame::Typing { conversation_id, user_id, typing } => {
            ClientEvent::Typing { conversation_id, user_id, typing }
        }
        ServerFrame::Presence { user_id, online, last_seen_at_ms } => {
            ClientEvent::Presence { user_id, online, last_seen_at_ms }
        }
        ServerFrame::Broadcast { message } => ClientEvent::Broadcast(message),
        _ => return None,
    })
}
