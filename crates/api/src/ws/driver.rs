//! The I/O of one connection: one task, one `select!`. The rules are in `service::session::Machine`.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use sotto_protocol::{
    CloseCode, ConversationId, Problem, ProblemCode,
    frames::{ClientFrame, ServerFrame},
    limits,
    messages::SendMessage,
    sync::Resume,
};
use sotto_service::{
    Service,
    hub::Mailbox,
    lifecycle::SocketPlace,
    limits::Limit,
    sending::Answer,
    session::{Action, Busy, Connection, Gone, InTurn, Machine, PING_INTERVAL, Phase},
    tokens::AccessClaims,
};
use tokio_tungstenite::tungstenite::{Error, Message, protocol::CloseFrame};

use super::socket::Socket;
use crate::{extract, problem};

/// Sends of one device that may wait for their commit; beyond it the socket is not read.
const MAX_SENDS_IN_FLIGHT: usize = 64;
/// Frames that are taken in a row before others get their turn and what they caused is written.
const FRAMES_IN_A_ROW: usize = 32;
/// How long a peer may take to answer our close, or we to answer its.
const CLOSE_DEADLINE: Duration = Duration::from_secs(2);

/// What a peer may still have been saying when we closed: messages and their bytes.
const MAX_LAST_WORDS: usize = 2 * MAX_SENDS_IN_FLIGHT;
const MAX_LAST_BYTES: usize = 256 * 1024;

/// Why the loop ended.
enum End {
    /// Tell the peer this.
    Close(CloseCode),
    /// Tell it this; what it says is not understood any more.
    Cut(CloseCode),
    /// The peer said that it goes.
    Closed,
    /// Nobody is there any more.
    Gone,
}

impl From<Busy> for End {
    fn from(_: Busy) -> Self {
        Self::Close(CloseCode::UserLimit)
    }
}

impl From<Gone> for End {
    fn from(_: Gone) -> Self {
        Self::Gone
    }
}

/// What the driver waits for.
enum Event {
    /// The mailbox has something.
    Mail,
    /// The peer said something.
    Message(Result<Message, Error>),
}

/// An open connection. Its task carries this and nothing else while it waits.
pub(super) struct Driver {
    service: Arc<Service>,
    caller: AccessClaims,
    socket: Socket,
    machine: Machine,
    connection: Connection,
    /// Frames of this session alone, until they are written together.
    out: Vec<Bytes>,
    sends_in_flight: usize,
    /// Close when the sends in flight are answered.
    leaving: bool,
    /// Freed when the socket is closed.
    _place: SocketPlace,
}

impl Driver {
    /// A session that is in the node and the registry; it is greeted first.
    pub(super) fn new(
        service: Arc<Service>,
        caller: AccessClaims,
        connection: Connection,
        socket: Socket,
        place: SocketPlace,
    ) -> Box<Self> {
        let welcome = ServerFrame::Welcome {
            session_id: connection.handle.session_id,
            node_id: service.cluster.node_id,
            verified: caller.verified,
            ping_interval_ms: u64::try_from(PING_INTERVAL.as_millis()).unwrap_or(u64::MAX),
            server_time_ms: service.clock.now_ms(),
        };
        let machine = Machine::new(caller.verified, service.clock.monotonic());
        let mut driver = Box::new(Self {
            service,
            caller,
            socket,
            machine,
            connection,
            out: Vec::new(),
            sends_in_flight: 0,
            leaving: false,
            _place: place,
        });
        driver.say(&welcome);
        driver
    }

    /// Serves the connection to its end. Whatever happens is handled in a box of its own, and what is rare in a further
    /// one, so that an idle connection carries only what it waits in and a frame moves little memory.
    pub(super) async fn run(mut self: Box<Self>) {
        let mut end = Box::pin(self.flush()).await.err();
        while end.is_none() {
            let event = tokio::select! {
                () = self.connection.handle.signalled() => Event::Mail,
                message = self.socket.receive(), if !self.leaving && self.sends_in_flight < MAX_SENDS_IN_FLIGHT => {
                    Event::Message(message)
                }
            };
            end = Box::pin(self.handle(event)).await.err();
        }
        Box::pin((*self).finish(end.unwrap_or(End::Gone))).await;
    }

    async fn handle(&mut self, event: Event) -> Result<(), End> {
        match event {
            Event::Mail => self.deliver().await?,
            Event::Message(message) => {
                self.take(message).await?;
                for _ in 1..FRAMES_IN_A_ROW {
                    if self.leaving || self.sends_in_flight >= MAX_SENDS_IN_FLIGHT {
                        break;
                    }
                    let Some(message) = self.socket.received() else { break };
                    self.take(message).await?;
                }
            }
        }
        self.flush().await?;
        self.connection.mailbox_sent();
        Ok(())
    }

    /// Sends what waits in the mailbox, and reads what the session is behind in.
    async fn deliver(&mut self) -> Result<(), End> {
        let delivery = self.connection.handle.with_mailbox(Mailbox::take);
        self.out.extend(delivery.frames);
        for answer in delivery.answers {
            self.answer(answer).await;
        }
        self.flush().await?;
        if let Some(code) = delivery.close {
            return Err(End::Close(code));
        }
        if let Some(reconnect_after_ms) = delivery.drain {
            self.say(&ServerFrame::Draining { reconnect_after_ms });
            self.leaving = true;
        }
        if self.leaving && self.sends_in_flight == 0 {
            self.flush().await?;
            return Err(End::Close(CloseCode::Drain));
        }
        if delivery.tick {
            let actions = self.machine.on_tick(self.service.clock.monotonic());
            self.act(actions).await?;
        }
        if delivery.behind && self.machine.phase() == Phase::Live {
            Box::pin(self.repair()).await?;
        }
        Ok(())
    }

    async fn take(&mut self, message: Result<Message, Error>) -> Result<(), End> {
        let now = self.service.clock.monotonic();
        let actions = match message {
            Ok(Message::Close(_)) => return Err(End::Closed),
            Err(error) => return Err(broken(&error)),
            Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_)) => {
                self.machine.on_heard(now);
                self.too_many(now).unwrap_or_default()
            }
            Ok(Message::Binary(bytes)) => {
                let problem = Problem::new(ProblemCode::InvalidRequest).with_detail("sotto.v1 is JSON text");
                self.machine.on_garbage(problem, bytes.len(), now)
            }
            Ok(Message::Text(text)) => match extract::parse::<ClientFrame>(text.as_bytes()) {
                // Sends have a limit of their own.
                Ok(frame @ ClientFrame::Send { .. }) => self.machine.on_frame(frame, now),
                Ok(frame) => match self.too_many(now) {
                    Some(refusal) => refusal,
                    None => self.machine.on_frame(frame, now),
                },
                Err(error) => self.machine.on_garbage(problem::told(error.0), text.len(), now),
            },
        };
        self.act(actions).await
    }

    async fn act(&mut self, actions: Vec<Action>) -> Result<(), End> {
        for action in actions {
            match action {
                Action::Send(frame) => self.say(&frame),
                Action::Ping => self.socket.send(Message::Ping(Bytes::new())).await?,
                Action::CatchUp(resume) => Box::pin(self.catch_up(resume)).await?,
                Action::Submit { conversation_id, message } => self.submit(conversation_id, *message).await,
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
                        self.say(&frame);
                    }
                }
                Action::Close(code) => {
                    if matches!(code, CloseCode::Protocol | CloseCode::UserLimit) {
                        // How often is what is counted.
                        drop(self.service.limits.by_device(Limit::CutDevice, self.caller.device_id).await);
                    }
                    self.flush().await?;
                    return Err(End::Close(code));
                }
            }
        }
        Ok(())
    }

    async fn catch_up(&mut self, resume: Resume) -> Result<(), End> {
        self.flush().await?;
        let mut sink = InTurn::begin(&self.service.cluster.openings.catching_up, &mut self.socket).await?;
        settle(self.connection.catch_up(&resume, &mut sink).await)?;
        self.machine.caught_up();
        settle(self.connection.repair(&mut sink).await)?;
        // Who took all that is there, though nothing of it was listened to.
        self.machine.on_heard(self.service.clock.monotonic());
        Ok(())
    }

    async fn repair(&mut self) -> Result<(), End> {
        self.flush().await?;
        let mut sink = InTurn::begin(&self.service.cluster.openings.repairing, &mut self.socket).await?;
        settle(self.connection.repair(&mut sink).await)?;
        self.machine.on_heard(self.service.clock.monotonic());
        Ok(())
    }

    /// What a frame that costs little is refused with when there are too many of them.
    fn too_many(&mut self, now: Duration) -> Option<Vec<Action>> {
        self.machine.on_cheap(self.service.limits.rate(Limit::FrameDevice), now)
    }

    /// Queues a send in the order of frames; its answer comes into the mailbox after the commit.
    async fn submit(&mut self, conversation_id: ConversationId, message: SendMessage) {
        let txn_id = message.txn_id;
        let limited = self.service.limits.by_device(Limit::SendDevice, self.caller.device_id).await;
        let handle = Arc::clone(&self.connection.handle);
        let submitted = limited.and_then(|()| {
            self.service.submit_message(&self.caller, conversation_id, message, move |answer| {
                handle.post(|mailbox| mailbox.answer(answer));
            })
        });
        match submitted {
            Ok(()) => self.sends_in_flight += 1,
            Err(error) => {
                let problem = problem::told(error);
                self.say(&ServerFrame::Refused { conversation_id, txn_id, problem });
            }
        }
    }

    async fn answer(&mut self, answer: Answer) {
        self.sends_in_flight -= 1;
        let (conversation_id, txn_id) = (answer.conversation_id, answer.txn_id);
        let frame = match Box::pin(self.service.settle_send(self.caller.user_id, answer)).await {
            Ok(sent) => ServerFrame::Sent { conversation_id, txn_id, seq: sent.seq, created_at_ms: sent.created_at_ms },
            Err(error) => ServerFrame::Refused { conversation_id, txn_id, problem: problem::told(error) },
        };
        self.say(&frame);
    }

    fn say(&mut self, frame: &ServerFrame) {
        match serde_json::to_vec(frame) {
            Ok(text) => self.out.push(text.into()),
            Err(error) => tracing::error!(%error, "a frame cannot be encoded"),
        }
    }

    async fn flush(&mut self) -> Result<(), End> {
        if self.out.is_empty() {
            return Ok(());
        }
        Ok(self.socket.send_texts(std::mem::take(&mut self.out)).await?)
    }

    async fn finish(self, end: End) {
        let Self { mut socket, connection, .. } = self;
        // Out of the registry first: the peer may be back elsewhere before it answers our close.
        let closing = connection.handle.with_mailbox(|mailbox| mailbox.closing());
        connection.close().await;
        let end = match (end, closing) {
            // What was being sent stopped because the session has to go.
            (End::Gone, Some(code)) => End::Close(code),
            (end, _) => end,
        };
        match end {
            End::Close(code) => close(&mut socket, code).await,
            End::Cut(code) => cut(&mut socket, code).await,
            End::Closed => last_words(&mut socket).await,
            End::Gone => {}
        }
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
fn broken(error: &Error) -> End {
    match error {
        Error::Capacity(_) => End::Cut(CloseCode::TooBig),
        Error::Protocol(tokio_tungstenite::tungstenite::error::ProtocolError::ResetWithoutClosingHandshake) => {
            End::Gone
        }
        Error::Protocol(_) | Error::Utf8(_) => End::Cut(CloseCode::Protocol),
        _ => End::Gone,
    }
}

/// Sends the close frame and waits for the peer's, so that it is not lost in a reset.
pub(super) async fn close(socket: &mut Socket, code: CloseCode) {
    if tell(socket, code).await.is_ok() {
        last_words(socket).await;
    }
}

async fn cut(socket: &mut Socket, code: CloseCode) {
    if tell(socket, code).await.is_ok() {
        // The frame that was too big is still on its way.
        _ = tokio::time::timeout(CLOSE_DEADLINE, socket.linger(2 * limits::MAX_FRAME_BYTES)).await;
    }
}

async fn tell(socket: &mut Socket, code: CloseCode) -> Result<(), Gone> {
    metrics::counter!("ws_closes_total", "reason" => code.reason()).increment(1);
    let frame = CloseFrame { code: code.code().into(), reason: code.reason().into() };
    socket.send(Message::Close(Some(frame))).await
}

/// Reads to the end, which also answers the peer's close; who goes on talking is not listened to for long.
async fn last_words(socket: &mut Socket) {
    let bye = async {
        let mut bytes = 0;
        for _ in 0..MAX_LAST_WORDS {
            match socket.receive().await {
                Ok(message) if bytes + message.len() <= MAX_LAST_BYTES => bytes += message.len(),
                _ => return,
            }
        }
    };
    _ = tokio::time::timeout(CLOSE_DEADLINE, bye).await;
}
