//! The I/O of one connection: one task, one `select!`. The rules are in `service::session::Machine`.

use std::{sync::Arc, time::Duration};

use axum::extract::ws::{CloseFrame, Message, WebSocket};
use futures_util::{FutureExt as _, StreamExt as _, future::BoxFuture, stream::FuturesUnordered};
use sotto_protocol::{
    CloseCode, ConversationId, Problem, ProblemCode,
    frames::{ClientFrame, ServerFrame},
    messages::SendMessage,
};
use sotto_service::{
    Service,
    hub::Mailbox,
    limits::Limit,
    session::{Action, Connection, Gone, Machine, PING_INTERVAL, Phase},
    tokens::AccessClaims,
};

use super::sink::SocketSink;
use crate::{extract, problem};

/// Sends of one device that may wait for their commit; beyond it the socket is not read.
const MAX_SENDS_IN_FLIGHT: usize = 64;
/// How long a peer may take to answer our close.
const CLOSE_DEADLINE: Duration = Duration::from_secs(2);

/// Why the loop ended.
enum End {
    /// Tell the peer this.
    Close(CloseCode),
    /// Nobody is there any more.
    Gone,
}

impl From<Gone> for End {
    fn from(_: Gone) -> Self {
        Self::Gone
    }
}

struct Driver {
    service: Arc<Service>,
    caller: AccessClaims,
    sink: SocketSink,
    machine: Machine,
    connection: Connection,
    sends: FuturesUnordered<BoxFuture<'static, ServerFrame>>,
    /// Close when the sends in flight are answered.
    leaving: bool,
}

/// Serves a connection to its end.
pub(super) async fn run(service: Arc<Service>, caller: AccessClaims, socket: WebSocket) {
    let mut sink = SocketSink::new(socket);
    // Boxed wherever it is rare: an idle connection carries only what it waits in.
    let connection = match Box::pin(Connection::open(&service.cluster, &*service.entropy, &caller)).await {
        Ok(connection) => connection,
        Err(code) => return Box::pin(close(sink.into_inner(), code)).await,
    };
    let now = service.clock.monotonic();
    let welcome = ServerFrame::Welcome {
        session_id: connection.handle.session_id,
        node_id: service.cluster.node_id,
        verified: caller.verified,
        ping_interval_ms: u64::try_from(PING_INTERVAL.as_millis()).unwrap_or(u64::MAX),
        server_time_ms: service.clock.now_ms(),
    };
    let welcomed = sink.frame(&welcome).await;
    let mut driver = Driver {
        machine: Machine::new(caller.verified, now),
        service,
        caller,
        sink,
        connection,
        sends: FuturesUnordered::new(),
        leaving: false,
    };
    let end = match welcomed {
        Ok(()) => driver.serve().await,
        Err(Gone) => End::Gone,
    };
    // Out of the registry first: the peer may be back elsewhere before it answers our close.
    Box::pin(driver.connection.close()).await;
    if let End::Close(code) = end {
        Box::pin(close(driver.sink.into_inner(), code)).await;
    }
}

impl Driver {
    async fn serve(&mut self) -> End {
        loop {
            if let Err(end) = self.step().await {
                return end;
            }
        }
    }

    async fn step(&mut self) -> Result<(), End> {
        self.deliver().await?;
        if self.leaving && self.sends.is_empty() {
            return Err(End::Close(CloseCode::Drain));
        }
        tokio::select! {
            () = self.connection.handle.signalled() => Ok(()),
            Some(frame) = self.sends.next(), if !self.sends.is_empty() => Ok(self.sink.frame(&frame).await?),
            message = self.sink.receive(), if !self.leaving && self.sends.len() < MAX_SENDS_IN_FLIGHT => self.receive(message).await,
        }
    }

    /// Sends what waits in the mailbox, and reads what the session is behind in.
    async fn deliver(&mut self) -> Result<(), End> {
        let delivery = self.connection.handle.with_mailbox(Mailbox::take);
        for frame in delivery.frames {
            self.sink.text(frame).await?;
        }
        if let Some(code) = delivery.close {
            return Err(End::Close(code));
        }
        if let Some(reconnect_after_ms) = delivery.drain {
            self.sink.frame(&ServerFrame::Draining { reconnect_after_ms }).await?;
            self.leaving = true;
        }
        if delivery.tick {
            let actions = self.machine.on_tick(self.service.clock.monotonic());
            self.act(actions).await?;
        }
        if delivery.behind && self.machine.phase() == Phase::Live {
            self.repair().await?;
        }
        self.connection.mailbox_sent();
        Ok(())
    }

    async fn receive(&mut self, message: Option<Result<Message, axum::Error>>) -> Result<(), End> {
        let now = self.service.clock.monotonic();
        let actions = match message {
            None | Some(Ok(Message::Close(_))) => return Err(End::Gone),
            Some(Err(error)) => return Err(broken(&error)),
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => {
                self.machine.on_heard(now);
                return Ok(());
            }
            Some(Ok(Message::Binary(_))) => {
                let problem = Problem::new(ProblemCode::InvalidRequest).with_detail("sotto.v1 is JSON text");
                self.machine.on_garbage(problem, now)
            }
            Some(Ok(Message::Text(text))) => match extract::parse::<ClientFrame>(text.as_bytes()) {
                Ok(frame) => self.machine.on_frame(frame, now),
                Err(error) => self.machine.on_garbage(problem::told(error.0), now),
            },
        };
        self.act(actions).await
    }

    async fn act(&mut self, actions: Vec<Action>) -> Result<(), End> {
        for action in actions {
            match action {
                Action::Send(frame) => self.sink.frame(&frame).await?,
                Action::Ping => self.sink.ping().await?,
                Action::CatchUp(resume) => {
                    let outcome = Box::pin(self.connection.catch_up(&resume, &mut self.sink)).await;
                    settle(outcome)?;
                    self.machine.caught_up();
                    self.repair().await?;
                }
                Action::Submit { conversation_id, message } => self.submit(conversation_id, *message).await?,
                Action::AckInbox(seq) => settle(Box::pin(self.connection.ack_inbox(seq)).await.map(Ok))?,
                Action::Mark { conversation_id, marks } => {
                    if self.connection.takes_part_in(conversation_id) {
                        self.service.mark_soon(&self.caller, conversation_id, &marks);
                    }
                }
                Action::Typing { conversation_id, typing } => {
                    let shown = Box::pin(self.service.show_typing(&self.caller, conversation_id, typing)).await;
                    settle(shown.map(Ok))?;
                }
                Action::Presence(active) => self.service.show_presence(&self.caller, active),
                Action::Watch(users) => {
                    let shown = Box::pin(self.service.watch_presence(&self.caller, &mut self.connection, &users)).await;
                    for frame in settle(shown.map(Ok))? {
                        self.sink.frame(&frame).await?;
                    }
                }
                Action::Close(code) => return Err(End::Close(code)),
            }
        }
        Ok(())
    }

    async fn repair(&mut self) -> Result<(), End> {
        settle(Box::pin(self.connection.repair(&mut self.sink)).await)
    }

    /// Queues a send in the order of frames; its answer comes after the commit.
    async fn submit(&mut self, conversation_id: ConversationId, message: SendMessage) -> Result<(), End> {
        let txn_id = message.txn_id;
        let limited = self.service.limits.by_device(Limit::SendDevice, self.caller.device_id).await;
        match limited.and_then(|()| self.service.submit_message(&self.caller, conversation_id, message)) {
            Ok(pending) => {
                let service = Arc::clone(&self.service);
                let answer = async move {
                    match service.settle_send(pending).await {
                        Ok(sent) => ServerFrame::Sent {
                            conversation_id,
                            txn_id,
                            seq: sent.seq,
                            created_at_ms: sent.created_at_ms,
                        },
                        Err(error) => ServerFrame::Refused { conversation_id, txn_id, problem: problem::told(error) },
                    }
                };
                self.sends.push(answer.boxed());
            }
            Err(error) => {
                let problem = problem::told(error);
                self.sink.frame(&ServerFrame::Refused { conversation_id, txn_id, problem }).await?;
            }
        }
        Ok(())
    }
}

/// A failure ends the connection: the device comes back, and its catch-up repairs what was left.
fn settle<T>(outcome: sotto_service::ServiceResult<Result<T, Gone>>) -> Result<T, End> {
    match outcome {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(Gone)) => Err(End::Gone),
        Err(error) => {
            problem::told(error);
            Err(End::Close(CloseCode::Internal))
        }
    }
}

/// A frame over the limit is told; any other broken frame or lost connection has nobody to be told.
fn broken(error: &axum::Error) -> End {
    use std::error::Error as _;
    use tokio_tungstenite::tungstenite::Error as E;
    match error.source().and_then(|source| source.downcast_ref::<E>()) {
        Some(E::Capacity(_)) => End::Close(CloseCode::TooBig),
        Some(E::Protocol(_) | E::Utf8(_)) => End::Close(CloseCode::Protocol),
        _ => End::Gone,
    }
}

/// Sends the close frame and waits for the peer's, so that it is not lost in a reset.
pub(super) async fn close(mut socket: WebSocket, code: CloseCode) {
    metrics::counter!("ws_closes_total", "reason" => code.reason()).increment(1);
    let frame = CloseFrame { code: code.code(), reason: code.reason().into() };
    let bye = async {
        if socket.send(Message::Close(Some(frame))).await.is_ok() {
            while let Some(Ok(_)) = socket.recv().await {}
        }
    };
    _ = tokio::time::timeout(CLOSE_DEADLINE, bye).await;
}
