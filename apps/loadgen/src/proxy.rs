//! A TCP proxy that breaks connections on purpose.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use parking_lot::Mutex;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream, tcp::OwnedReadHalf, tcp::OwnedWriteHalf},
    sync::watch,
};

/// What the proxy does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Passes everything on.
    Pass,
    /// Cuts what is open and refuses what comes.
    Cut,
    /// Passes nothing on, but keeps connections open: a frozen peer.
    Stall,
    /// Passes nothing on towards the target; answers still come.
    StallUp,
    /// Passes on what goes to the target; no answer comes back.
    StallDown,
    /// Passes everything on, this much later.
    Delay(Duration),
}

/// The mode, and how often everything was cut: a connection is cut even if the next mode follows at once.
#[derive(Clone, Copy)]
struct State {
    mode: Mode,
    cuts: u64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Direction {
    Up,
    Down,
}

impl Mode {
    fn holds(self, direction: Direction) -> bool {
        match self {
            Self::Stall | Self::Cut => true,
            Self::StallUp => direction == Direction::Up,
            Self::StallDown => direction == Direction::Down,
            Self::Pass | Self::Delay(_) => false,
        }
    }
}

/// A proxy before a service.
#[derive(Clone)]
pub struct Proxy {
    /// Connect here.
    pub address: SocketAddr,
    state: Arc<watch::Sender<State>>,
    target: Arc<Mutex<String>>,
}

impl Proxy {
    /// Listens on a random port of 127.0.0.1.
    pub async fn start(target: impl Into<String>) -> io::Result<Self> {
        Self::on(0, target).await
    }

    /// Listens on this port of 127.0.0.1.
    pub async fn on(port: u16, target: impl Into<String>) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", port)).await?;
        let address = listener.local_addr()?;
        let state = Arc::new(watch::Sender::new(State { mode: Mode::Pass, cuts: 0 }));
        let target = Arc::new(Mutex::new(target.into()));
        tokio::spawn(accept(listener, Arc::clone(&target), Arc::clone(&state)));
        Ok(Self { address, state, target })
    }

    /// From now on.
    pub fn set(&self, mode: Mode) {
        self.state.send_modify(|state| {
            state.mode = mode;
            state.cuts += u64::from(mode == Mode::Cut);
        });
    }

    /// New connections go there; open ones stay where they are.
    pub fn retarget(&self, target: impl Into<String>) {
        *self.target.lock() = target.into();
    }
}

async fn accept(listener: TcpListener, target: Arc<Mutex<String>>, state: Arc<watch::Sender<State>>) {
    loop {
        match listener.accept().await {
            Ok((client, _)) => drop(tokio::spawn(carry(client, target.lock().clone(), state.subscribe()))),
            // Out of descriptors: connections end, and there are some again.
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}

async fn carry(client: TcpStream, target: String, state: watch::Receiver<State>) {
    let State { mode, cuts } = *state.borrow();
    if mode == Mode::Cut {
        return;
    }
    let Ok(server) = TcpStream::connect(target).await else { return };
    let _ = (client.set_nodelay(true), server.set_nodelay(true));
    let ((from_client, to_client), (from_server, to_server)) = (client.into_split(), server.into_split());
    let mut end = state.clone();
    tokio::select! {
        // The cut first: what was held back must not slip through.
        biased;
        _ = end.wait_for(|state| state.cuts != cuts) => {}
        ((), ()) = async {
            tokio::join!(
                pump(from_client, to_server, Direction::Up, state.clone()),
                pump(from_server, to_client, Direction::Down, state),
            )
        } => {}
    }
}

/// Passes bytes on until the source ends, then closes the other side's writing half.
async fn pump(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    direction: Direction,
    mut state: watch::Receiver<State>,
) {
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let count = from.read(&mut buffer).await.unwrap_or(0);
        let Ok(now) = state.wait_for(|state| !state.mode.holds(direction)).await.map(|state| state.mode) else {
            return;
        };
        if count == 0 {
            let _ = to.shutdown().await;
            return;
        }
        if let Mode::Delay(time) = now {
            tokio::time::sleep(time).await;
        }
        if to.write_all(&buffer[..count]).await.is_err() {
            return;
        }
    }
}
