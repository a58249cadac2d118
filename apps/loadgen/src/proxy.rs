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

#[derive(Clone, Copy, PartialEq, Eq)]
enum Direction {
    Up,
    Down,
}

impl Mode {
    fn holds(self, direction: Direction) -> bool {
        match self {
            Self::Stall => true,
            Self::StallUp => direction == Direction::Up,
            Self::StallDown => direction == Direction::Down,
            Self::Pass | Self::Cut | Self::Delay(_) => false,
        }
    }
}

/// A proxy before a service.
#[derive(Clone)]
pub struct Proxy {
    /// Connect here.
    pub address: SocketAddr,
    mode: Arc<watch::Sender<Mode>>,
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
        let mode = Arc::new(watch::Sender::new(Mode::Pass));
        let target = Arc::new(Mutex::new(target.into()));
        tokio::spawn(accept(listener, Arc::clone(&target), Arc::clone(&mode)));
        Ok(Self { address, mode, target })
    }

    /// From now on.
    pub fn set(&self, mode: Mode) {
        self.mode.send_replace(mode);
    }

    /// New connections go there; open ones stay where they are.
    pub fn retarget(&self, target: impl Into<String>) {
        *self.target.lock() = target.into();
    }
}

async fn accept(listener: TcpListener, target: Arc<Mutex<String>>, mode: Arc<watch::Sender<Mode>>) {
    loop {
        match listener.accept().await {
            Ok((client, _)) => drop(tokio::spawn(carry(client, target.lock().clone(), mode.subscribe()))),
            // Out of descriptors: connections end, and there are some again.
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}

async fn carry(client: TcpStream, target: String, mode: watch::Receiver<Mode>) {
    if *mode.borrow() == Mode::Cut {
        return;
    }
    let Ok(server) = TcpStream::connect(target).await else { return };
    let _ = (client.set_nodelay(true), server.set_nodelay(true));
    let ((from_client, to_client), (from_server, to_server)) = (client.into_split(), server.into_split());
    let mut end = mode.clone();
    tokio::select! {
        _ = end.wait_for(|mode| *mode == Mode::Cut) => {}
        ((), ()) = async {
            tokio::join!(
                pump(from_client, to_server, Direction::Up, mode.clone()),
                pump(from_server, to_client, Direction::Down, mode),
            )
        } => {}
    }
}

/// Passes bytes on until the source ends, then closes the other side's writing half.
async fn pump(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, direction: Direction, mut mode: watch::Receiver<Mode>) {
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let Ok(count) = from.read(&mut buffer).await else { return };
        let Ok(now) = mode.wait_for(|mode| !mode.holds(direction)).await.map(|mode| *mode) else { return };
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
