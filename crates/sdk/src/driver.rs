//! The driver: a task that keeps the socket, feeds what comes to the machine, and tells the app.
//!
//! What a run of frames led to is stored in one transaction; only then are inbox items acknowledged, delivered marks
//! sent and events told.

use std::{sync::Weak, time::Duration};

use sotto_protocol::{frames::ClientFrame, sync::Resume};
use tokio::{
    sync::{mpsc, watch},
    time::Instant,
};

use crate::{
    SdkError, SdkResult,
    ending::{closed_for, refused_for},
    environment::full_jitter,
    events::{ClientEvent, SignOutReason},
    frames::{Incoming, due_marks},
    shared::{Shared, Wanted},
    socket::{self, AfterClose, Reader, Received, Writer, after_close},
};

const FIRST_WAIT: Duration = Duration::from_millis(250);
/// Short enough for a device to be back and caught up within five seconds of a fault's end.
const LONGEST_WAIT: Duration = Duration::from_secs(3);
/// Frames of this device waiting for the socket.
const OUTGOING: usize = 64;
const PING_EVERY: Duration = Duration::from_secs(20);
/// Silence after which a socket is given up: a ping went unanswered.
const SILENCE: Duration = Duration::from_secs(30);

/// How a connection ended.
struct End {
    code: Option<u16>,
    /// Asked for by the node.
    reconnect_after: Duration,
    /// It had caught up: the next attempt is a first one.
    worked: bool,
    /// The app wants none.
    unwanted: bool,
}

/// Runs until the client is shut down, gone, or told to stay away.
pub(crate) async fn run(client: Weak<Shared>, events: mpsc::Sender<ClientEvent>) {
    let mut driver = Driver { client, events, attempt: 0 };
    let (code, reason) = driver.keep_connected().await;
    if let Some(shared) = driver.client.upgrade() {
        if let Some(reason) = reason
            && let Err(error) = shared.sign_off(reason).await
        {
            tracing::warn!(%error, "what a signed-out device has to forget is not all forgotten");
        }
        shared.wanted.send_replace(Wanted::Shutdown);
        shared.sends.notify_one();
        let _ = tell(&shared, &driver.events).await;
    }
    let _ = driver.events.send(ClientEvent::Closed { code }).await;
}

struct Driver {
    client: Weak<Shared>,
    events: mpsc::Sender<ClientEvent>,
    attempt: u32,
}

impl Driver {
    /// Gives the close code that ended it, and why the device is signed out, if it is.
    async fn keep_connected(&mut self) -> (Option<u16>, Option<SignOutReason>) {
        loop {
            let Some(shared) = self.client.upgrade() else { return (None, None) };
            if !wait_until_wanted(&shared, &self.events).await {
                return (None, None);
            }
            let end = match self.connect(&shared).await {
                Ok(end) => end,
                Err(error) => {
                    if let Some(reason) = refused_for(&error) {
                        tracing::info!(%error, "signed out");
                        return (None, Some(reason));
                    }
                    tracing::debug!(%error, "no connection");
                    let reconnect_after = Duration::from_millis(error.retry_after_ms());
                    End { code: None, reconnect_after, worked: false, unwanted: false }
                }
            };
            go_offline(&shared).await;
            if tell(&shared, &self.events).await.is_err() {
                return (None, None);
            }
            if end.unwanted {
                continue;
            }
            match after_close(end.code) {
                AfterClose::Stay => return (end.code, closed_for(end.code)),
                AfterClose::Refresh => drop(refresh(&shared).await),
                AfterClose::Return => {}
            }
            self.attempt = if end.worked { 0 } else { self.attempt.saturating_add(1) };
            let jitter = full_jitter(&mut shared.environment.rng(), FIRST_WAIT, LONGEST_WAIT, self.attempt);
            if self.pause(&shared, end.reconnect_after + jitter).await.is_err() {
                return (None, None);
            }
        }
    }

    /// Waits, but tells the app what other tasks stored meanwhile.
    async fn pause(&self, shared: &Shared, time: Duration) -> Result<(), AppGone> {
        let until = Instant::now() + time;
        let mut wanted = shared.wanted.subscribe();
        loop {
            tokio::select! {
                () = tokio::time::sleep_until(until) => return Ok(()),
                () = shared.tells.notified() => tell(shared, &self.events).await?,
                _ = wanted.changed() => return Ok(()),
            }
        }
    }

    async fn connect(&self, shared: &Shared) -> SdkResult<End> {
        let token = shared.http.access_token().await?;
        let endpoint = shared.http.endpoints().current().to_owned();
        let opened = socket::open(&endpoint, &token, shared.http.local_address()).await;
        if opened.is_err() {
            shared.http.endpoints().leave(&endpoint);
        }
        let (mut reader, mut writer) = opened?;
        // Stored, all of it: the node takes a position that is said to it for an acknowledgement.
        let (run, resume) =
            shared.begin(|core| Resume { sync_token: core.sync_token.clone(), inbox_seq: core.inbox_seq }).await?;
        if let Some(tap) = &shared.tap {
            tap.opened(&endpoint);
        }
        send(shared, &mut writer, ClientFrame::Hello { resume }).await?;
        let (outgoing, queue) = mpsc::channel(OUTGOING);
        let mut incoming = Incoming::new(run, outgoing, token);
        let ended = self.converse(shared, &mut reader, &mut writer, queue, &mut incoming).await;
        if let Some(tap) = &shared.tap {
            tap.ended();
        }
        let (code, unwanted) = match ended {
            Ok(ended) => ended,
            Err(AppGone) => (None, true),
        };
        if incoming.drained() {
            shared.http.endpoints().leave(&endpoint);
        }
        let _ = self.events.send(ClientEvent::Disconnected { code }).await;
        writer.close().await;
        let reconnect_after = incoming.reconnect_after();
        Ok(End { code, reconnect_after, worked: incoming.caught_up(), unwanted })
    }

    /// Gives the close code, and whether it was the app that wanted no connection any more.
    async fn converse(
        &self,
        shared: &Shared,
        reader: &mut Reader,
        writer: &mut Writer,
        mut queue: mpsc::Receiver<ClientFrame>,
        incoming: &mut Incoming,
    ) -> Result<(Option<u16>, bool), AppGone> {
        let mut wanted = shared.wanted.subscribe();
        let mut heard = Instant::now();
        let mut ping = tokio::time::interval(PING_EVERY);
        ping.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        ping.reset();
        loop {
            if *wanted.borrow_and_update() != Wanted::Online {
                return Ok((None, true));
            }
            let marks_due = shared.core.lock().await.marking.next();
            let step = tokio::select! {
                received = tokio::time::timeout_at(heard + SILENCE, reader.next()) => match received {
                    Ok(Received::Frames(mut frames)) => {
                        if let Some(tap) = &shared.tap {
                            frames = tap.incoming(frames);
                        }
                        let outcome = answer(shared, writer, incoming, frames).await;
                        heard = Instant::now();
                        outcome
                    }
                    Ok(Received::Closed(code)) => return Ok((code, false)),
                    Err(_) => return Ok((None, false)),
                },
                Some(frame) = queue.recv() => send(shared, writer, frame).await,
                () = sleep_until(marks_due) => send_all(shared, writer, due_marks(shared).await).await,
                () = shared.tells.notified() => Ok(()),
                () = shared.reconnect.notified() => return Ok((None, false)),
                _ = wanted.changed() => Ok(()),
                _ = ping.tick() => send(shared, writer, ClientFrame::Ping { nonce: 0 }).await,
            };
            tell(shared, &self.events).await?;
            if let Err(error) = step {
                tracing::debug!(%error, "the connection ends");
                return Ok((None, false));
            }
        }
    }
}

/// Takes in a run of frames and writes what it asks to be answered.
async fn answer(
    shared: &Shared,
    writer: &mut Writer,
    incoming: &mut Incoming,
    frames: Vec<sotto_protocol::frames::ServerFrame>,
) -> SdkResult<()> {
    let answers = incoming.take(shared, frames).await?;
    send_all(shared, writer, answers).await
}

async fn send_all(shared: &Shared, writer: &mut Writer, frames: Vec<ClientFrame>) -> SdkResult<()> {
    for frame in frames {
        send(shared, writer, frame).await?;
    }
    Ok(())
}

/// For ever, without a moment.
async fn sleep_until(moment: Option<Instant>) {
    match moment {
        Some(moment) => tokio::time::sleep_until(moment).await,
        None => std::future::pending().await,
    }
}

async fn send(shared: &Shared, writer: &mut Writer, frame: ClientFrame) -> SdkResult<()> {
    let Some(tap) = &shared.tap else { return writer.send(&frame).await };
    for frame in tap.outgoing(frame) {
        writer.send(&frame).await?;
    }
    Ok(())
}

/// Nobody reads the events any more.
struct AppGone;

/// Hands over what is stored. Waits for the app: that is what slows the socket down.
async fn tell(shared: &Shared, events: &mpsc::Sender<ClientEvent>) -> Result<(), AppGone> {
    loop {
        let Some(event) = shared.core.lock().await.next_ready() else { return Ok(()) };
        events.send(event).await.map_err(|_| AppGone)?;
    }
}

async fn wait_until_wanted(shared: &Shared, events: &mpsc::Sender<ClientEvent>) -> bool {
    let mut wanted: watch::Receiver<Wanted> = shared.wanted.subscribe();
    loop {
        match *wanted.borrow_and_update() {
            Wanted::Online => return !events.is_closed(),
            Wanted::Shutdown => return false,
            Wanted::Offline => {}
        }
        tokio::select! {
            _ = wanted.changed() => {}
            () = shared.tells.notified() => {
                if tell(shared, events).await.is_err() {
                    return false;
                }
            }
        }
    }
}

async fn go_offline(shared: &Shared) {
    shared.caught_up.send_replace(false);
    let mut core = shared.core.lock().await;
    core.online = None;
    core.flights.clear();
}

async fn refresh(shared: &Shared) -> SdkResult<()> {
    let Some(tokens) = shared.http.tokens() else { return Err(SdkError::SignedOut) };
    shared.http.refresh(&tokens.access_token).await.map(drop)
}
