//! The sender: a task that drives every conversation's queue while the device is connected.

use std::{sync::Weak, time::Duration};

use sotto_e2ee::{BlockReason, RefusedOutcome, SendStep};
use sotto_protocol::{
    ConversationId, Problem, ProblemCode, TxnId,
    frames::ClientFrame,
    messages::{SendEnvelopesRequest, SendMessage, SendResponse},
};
use tokio::{sync::mpsc, time::Instant};

use crate::{
    SdkError, SdkResult,
    core::Core,
    environment::full_jitter,
    events::ClientEvent,
    shared::{Shared, Wanted, is_gone},
};

/// How often messages whose time is over are looked for.
const EXPIRE_EVERY: Duration = Duration::from_secs(10);
/// How often overdue answers are looked for.
const TICK: Duration = Duration::from_secs(1);
/// Questions that one send may lead to before it has to wait.
const QUESTIONS: usize = 8;
const FIRST_WAIT: Duration = Duration::from_millis(250);
const LONGEST_WAIT: Duration = Duration::from_secs(5);
/// What only a person or another member can change is looked at again after this.
const LONG: Duration = Duration::from_mins(1);

/// Runs until the client is shut down or gone.
pub(crate) async fn run(client: Weak<Shared>) {
    if let Some(shared) = client.upgrade() {
        shared.expire().await;
    }
    let mut expired = Instant::now();
    loop {
        let Some(shared) = client.upgrade() else { return };
        if *shared.wanted.borrow() == Wanted::Shutdown {
            return;
        }
        if expired.elapsed() > EXPIRE_EVERY {
            expired = Instant::now();
            shared.expire().await;
        }
        if let Err(error) = shared.send_waiting().await {
            tracing::debug!(%error, "sending paused");
        }
        shared.tells.notify_one();
        let _ = tokio::time::timeout(TICK, shared.sends.notified()).await;
    }
}

/// What the machine asks for in one round.
enum Round {
    /// Frames for the socket, and then a question or nothing.
    Go(mpsc::Sender<ClientFrame>, Vec<SendMessage>, SendStep),
    /// Not now.
    Wait,
}

impl Shared {
    async fn send_waiting(&self) -> SdkResult<()> {
        let conversations = {
            let mut core = self.core.lock().await;
            if core.online.is_none() {
                return Ok(());
            }
            if !core.flights.overdue(Instant::now()).is_empty() {
                // A node that answers nothing for so long is frozen: another one takes over.
                self.http.endpoints().leave(self.http.endpoints().current());
                self.reconnect.notify_one();
                return Ok(());
            }
            core.machine.conversations_with_work()
        };
        for conversation_id in conversations {
            if let Err(error) = self.drive(conversation_id).await {
                self.hold(conversation_id, &error).await;
            }
        }
        Ok(())
    }

    async fn hold(&self, conversation_id: ConversationId, error: &SdkError) {
        tracing::debug!(%conversation_id, %error, "a conversation's queue waits");
        let mut core = self.core.lock().await;
        let attempt = core.flights.failures(conversation_id);
        let wait = full_jitter(&mut core.rng, FIRST_WAIT, LONGEST_WAIT, attempt);
        let wait = wait.max(Duration::from_millis(error.retry_after_ms()));
        core.flights.hold(conversation_id, wait, Instant::now());
    }

    /// Sends what may leave, asking what has to be known first.
    async fn drive(&self, conversation_id: ConversationId) -> SdkResult<()> {
        for _ in 0..QUESTIONS {
            let Round::Go(socket, messages, step) = self.round(conversation_id).await? else { return Ok(()) };
            for message in messages {
                // The socket is gone: everything is handed out again on the next one.
                if socket.send(ClientFrame::Send { conversation_id, message }).await.is_err() {
                    return Ok(());
                }
            }
            match step {
                SendStep::Idle | SendStep::Send(_) => return Ok(()),
                SendStep::Blocked(reason) => return self.blocked(conversation_id, reason).await,
                SendStep::QueryKeys(request) => self.query(&request).await?,
                SendStep::PostEnvelopes(request) => self.post_envelopes(conversation_id, request).await?,
                SendStep::ClaimKeys(request) => {
                    let response = self.http.claim_keys(&request).await?;
                    let now_ms = self.now_ms();
                    let mut core = self.core.lock().await;
                    core.machine.receive_claims(&request, &response, now_ms);
                    core.commit().await?;
                }
                SendStep::FetchRoster(query) => {
                    if let Err(error) = self.fetch_roster(query).await {
                        let Some(problem) = is_gone(&error) else { return Err(error) };
                        return self.give_up(conversation_id, problem).await;
                    }
                }
            }
        }
        Err(SdkError::Socket("the same questions come again and again".into()))
    }

    /// Polls the machine for what fits the window, and stores before anything leaves.
    async fn round(&self, conversation_id: ConversationId) -> SdkResult<Round> {
        let now_ms = self.now_ms();
        let mut core = self.core.lock().await;
        let Some(socket) = core.online.clone() else { return Ok(Round::Wait) };
        let mut room = core.flights.room(conversation_id, Instant::now());
        let mut messages = Vec::new();
        let mut last = SendStep::Idle;
        while room > 0 {
            let Core { machine, rng, .. } = &mut *core;
            match machine.poll_send(conversation_id, rng, now_ms)? {
                SendStep::Send(message) => {
                    core.flights.left(conversation_id, message.txn_id, Instant::now());
                    messages.push(message);
                    room -= 1;
                }
                step => {
                    last = step;
                    break;
                }
            }
        }
        core.commit().await?;
        Ok(Round::Go(socket, messages, last))
    }

    async fn post_envelopes(&self, conversation_id: ConversationId, request: SendEnvelopesRequest) -> SdkResult<()> {
        let outcome = self.http.send_envelopes(conversation_id, &request).await;
        let mut core = self.core.lock().await;
        match &outcome {
            Ok(_) => core.machine.envelopes_stored(conversation_id, request.txn_id),
            Err(SdkError::Problem(problem)) => {
                core.machine.envelopes_refused(conversation_id, request.txn_id, problem);
            }
            Err(_) => core.machine.resend(conversation_id),
        }
        core.commit().await?;
        match outcome {
            Err(error) if error.is_temporary() => Err(error),
            _ => Ok(()),
        }
    }

    async fn blocked(&self, conversation_id: ConversationId, reason: BlockReason) -> SdkResult<()> {
        if reason == BlockReason::NotAMember {
            return self.give_up(conversation_id, &Problem::new(ProblemCode::Forbidden)).await;
        }
        let mut core = self.core.lock().await;
        core.flights.hold(conversation_id, LONG, Instant::now());
        core.stage(ClientEvent::SendBlocked { conversation_id, reason });
        core.commit().await
    }

    /// This account is out of the conversation: nothing of the queue will ever be stored.
    async fn give_up(&self, conversation_id: ConversationId, problem: &Problem) -> SdkResult<()> {
        let mut core = self.core.lock().await;
        core.flights.hold(conversation_id, LONG, Instant::now());
        let queued: Vec<TxnId> = core.machine.queued(conversation_id).collect();
        for txn_id in queued {
            core.machine.message_refused(conversation_id, txn_id, problem)?;
            core.unanswered.remove(&txn_id);
            core.stage(ClientEvent::Refused { conversation_id, txn_id, problem: Box::new(problem.clone()) });
        }
        core.commit().await
    }
}

/// The frame `sent`.
pub(crate) fn take_sent(core: &mut Core, conversation_id: ConversationId, response: &SendResponse) {
    core.machine.message_stored(conversation_id, response);
    core.answered(conversation_id, response.txn_id, Some(response.seq));
}

/// The frame `refused`.
pub(crate) fn take_refused(
    core: &mut Core,
    conversation_id: ConversationId,
    txn_id: TxnId,
    problem: Problem,
) -> SdkResult<()> {
    tracing::debug!(%conversation_id, %txn_id, code = problem.code.as_str(), "a send was refused");
    match core.machine.message_refused(conversation_id, txn_id, &problem)? {
        RefusedOutcome::Stored => core.answered(conversation_id, txn_id, problem.seq),
        RefusedOutcome::Again => {
            let temporary = SdkError::Problem(Box::new(problem));
            let mut wait = Duration::from_millis(temporary.retry_after_ms());
            if temporary.is_temporary() {
                wait += full_jitter(&mut core.rng, FIRST_WAIT, LONGEST_WAIT, 1);
            }
            core.flights.turned_back(conversation_id, txn_id, wait, Instant::now());
        }
        RefusedOutcome::Failed => {
            core.flights.landed(conversation_id, txn_id);
            core.unanswered.remove(&txn_id);
            core.stage(ClientEvent::Refused { conversation_id, txn_id, problem: Box::new(problem) });
        }
    }
    Ok(())
}
