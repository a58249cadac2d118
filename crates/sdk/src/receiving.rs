//! What comes from the server into the machine and the store, in the order of its positions.

use sotto_e2ee::{EventOutcome, InboxOutcome};
use sotto_protocol::{
    ConversationId,
    events::{Event, EventBody, GoneReason, InboxItem},
    limits::MAX_EVENTS_PER_PAGE,
    sync::ConversationSync,
};

use crate::{
    SdkError, SdkResult,
    core::Core,
    events::ClientEvent,
    run::Run,
    shared::{Shared, is_gone},
};

/// What an inbox item asks for beyond itself, once it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Errand {
    /// Catch up with a conversation that this account came into.
    Enter(ConversationId),
    /// Query this account's own keys.
    OwnKeys,
    /// Give the account's secrets to devices that this one linked and that did not get them.
    HandOver,
    /// Look at the key backup.
    Backup,
    /// Upload one-time keys; this many are left.
    Refill(i64),
    /// Compare the outstanding one-time keys with the server's.
    CheckKeys,
    /// Replace the fallback key.
    Fallback,
}

impl Shared {
    /// Takes in items of the inbox. Nothing is stored before the commit.
    pub(crate) async fn take_inbox(&self, run: Run, items: &[InboxItem]) -> SdkResult<()> {
        for item in items {
            let mut core = self.turn(run).await?;
            if item.seq <= core.inbox_seq {
                continue;
            }
            let mut outcome = core.machine.receive_inbox(item, self.now_ms());
            if let InboxOutcome::NeedsIdentity(user_id) = outcome {
                drop(core);
                passable(self.query_user(user_id).await)?;
                core = self.turn(run).await?;
                outcome = core.machine.receive_inbox(item, self.now_ms());
            }
            let errand = take_inbox_outcome(&mut core, outcome);
            self.errands.lock().extend(errand);
            core.set_inbox_seq(item.seq)?;
        }
        Ok(())
    }

    /// Takes in a live event; reads what is missing before it.
    pub(crate) async fn take_live(&self, run: Run, event: &Event) -> SdkResult<()> {
        let cursor = self.turn(run).await?.cursor(event.conversation_id);
        if event.seq == cursor + 1 {
            self.take_event(run, event).await
        } else if event.seq > cursor {
            self.fill(run, event.conversation_id, event.seq).await
        } else {
            self.take_known(run, event).await
        }
    }

    /// Takes in a conversation of a sync page.
    pub(crate) async fn take_sync(&self, run: Run, sync: &ConversationSync) -> SdkResult<()> {
        let conversation_id = sync.conversation.conversation_id;
        let mut cursor = {
            let mut core = self.turn(run).await?;
            core.machine.roster_changed(conversation_id, sync.conversation.roster_version);
            core.raise_cursor(conversation_id, sync.conversation.start_seq - 1)?;
            if !sync.marks.is_empty() {
                core.stage(ClientEvent::Marks { conversation_id, marks: sync.marks.clone() });
            }
            core.cursor(conversation_id)
        };
        for event in &sync.events {
            if event.seq <= cursor {
                self.take_known(run, event).await?;
            } else if event.seq == cursor + 1 {
                self.take_event(run, event).await?;
                cursor = event.seq;
            }
        }
        let last_seq = sync.conversation.last_seq;
        if last_seq > cursor { self.fill(run, conversation_id, last_seq).await } else { Ok(()) }
    }

    /// Reads what is after the cursor by HTTP, page by page, up to what the socket told of: keys of later events are
    /// still to come there.
    pub(crate) async fn fill(&self, run: Run, conversation_id: ConversationId, up_to: i64) -> SdkResult<()> {
        loop {
            let after = self.turn(run).await?.cursor(conversation_id);
            let page = match self.http.list_events(conversation_id, after, MAX_EVENTS_PER_PAGE).await {
                Ok(page) => page,
                Err(error) if is_gone(&error).is_some() => return Ok(()),
                Err(error) => return Err(error),
            };
            for event in page.events.iter().filter(|event| event.seq <= up_to) {
                self.take_event(run, event).await?;
            }
            let up_to = up_to.min(page.last_seq);
            let end = page.events.last().map_or(up_to, |last| last.seq.min(up_to));
            self.turn(run).await?.raise_cursor(conversation_id, end.max(page.start_seq - 1))?;
            self.commit_run(run).await?;
            if end >= up_to {
                return Ok(());
            }
        }
    }

    /// An event that was processed before and comes again: its content may be gone meanwhile.
    async fn take_known(&self, run: Run, event: &Event) -> SdkResult<()> {
        if let EventBody::Gone { reason, .. } = event.body {
            self.turn(run).await?.forget(event.conversation_id, event.seq, reason);
        }
        Ok(())
    }

    /// What the machine made of it and what that leads to are stored together.
    async fn take_event(&self, run: Run, event: &Event) -> SdkResult<()> {
        let conversation_id = event.conversation_id;
        let mut core = self.turn(run).await?;
        let mut outcome = core.machine.receive_event(event, self.now_ms());
        // A roster may be needed first, and then the sender's identity.
        for _ in 0..2 {
            let (roster, identity) = match outcome {
                EventOutcome::NeedsRoster(conversation_id) => (Some(conversation_id), None),
                EventOutcome::NeedsIdentity(user_id) => (None, Some(user_id)),
                _ => break,
            };
            drop(core);
            if let Some(conversation_id) = roster {
                passable(self.refresh_roster(conversation_id).await)?;
            } else if let Some(user_id) = identity {
                passable(self.query_user(user_id).await)?;
            }
            core = self.turn(run).await?;
            outcome = core.machine.receive_event(event, self.now_ms());
        }
        match outcome {
            EventOutcome::NeedsRoster(_) | EventOutcome::NeedsIdentity(_) => {
                core.stage(ClientEvent::Undecryptable { conversation_id, seq: event.seq, reason: None });
            }
            EventOutcome::Removal { target_seq, sender_user_id, .. } => {
                let target = match self.store.message(conversation_id, target_seq).await {
                    Ok(target) => target,
                    Err(error) => {
                        core.take_back().await?;
                        return Err(error);
                    }
                };
                if target.is_some_and(|target| target.sender_user_id == sender_user_id) {
                    core.forget(conversation_id, target_seq, GoneReason::Removed);
                }
            }
            outcome => core.take_outcome(outcome, event.seq),
        }
        core.raise_cursor(conversation_id, event.seq)
    }
}

fn take_inbox_outcome(core: &mut Core, outcome: InboxOutcome) -> Option<Errand> {
    match outcome {
        InboxOutcome::Keys { events, .. } => {
            for event in events {
                core.take_outcome(event, 0);
            }
        }
        InboxOutcome::Handled | InboxOutcome::NeedsIdentity(_) => {}
        InboxOutcome::SelfSigningKey | InboxOutcome::BackupKey => return Some(Errand::Backup),
        InboxOutcome::RecoveryKeyChanged => {
            core.stage(ClientEvent::RecoveryKeyChanged);
            return Some(Errand::Backup);
        }
        InboxOutcome::Verifications { device_id, people } => {
            for change in people {
                let (user_id, trust) = (change.user_id, change.trust);
                core.stage(ClientEvent::TrustChanged { user_id, trust, device_id });
            }
        }
        InboxOutcome::Dropped(reason) => tracing::debug!(?reason, "an envelope was dropped"),
        InboxOutcome::OwnListChanged => return Some(Errand::OwnKeys),
        InboxOutcome::Joined(conversation_id) => {
            core.stage(ClientEvent::Joined { conversation_id });
            return Some(Errand::Enter(conversation_id));
        }
        InboxOutcome::Accepted(conversation_id) => core.stage(ClientEvent::Accepted { conversation_id }),
        InboxOutcome::Left(conversation_id) => core.stage(ClientEvent::Left { conversation_id }),
        InboxOutcome::KeysLow { remaining } => return Some(Errand::Refill(remaining)),
        InboxOutcome::FallbackUsed { .. } => return Some(Errand::Fallback),
        InboxOutcome::Gap { conversation_id, sender_device_id, dropped } => {
            core.stage(ClientEvent::Gap { conversation_id, sender_device_id, dropped });
        }
        InboxOutcome::LoginSeen { device_id, name } => core.stage(ClientEvent::LoginSeen { device_id, name }),
    }
    None
}

/// A refusal for good changes nothing when it is asked again: what came is taken as it is. Anything else ends the
/// connection, and the next one begins with the same item.
fn passable(asked: SdkResult<()>) -> SdkResult<()> {
    match asked {
        Err(error @ SdkError::Problem(_)) if !error.is_temporary() => {
            tracing::debug!(%error, "an item stays as it is");
            Ok(())
        }
        other => other,
    }
}
