//! One WebSocket: tungstenite reads and speaks the control frames; data frames that were encoded once for many are
//! written straight from where they are shared, many with one system call.

use std::{
    io::{self, IoSlice, Read, Write},
    pin::{Pin, pin},
    task::{Context, Poll, Waker, ready},
    time::Duration,
};

use bytes::{Buf as _, Bytes};
use sotto_protocol::limits;
use sotto_service::session::{FrameSink, Gone};
use tokio::{
    io::{AsyncRead as _, AsyncReadExt as _, AsyncWrite as _, AsyncWriteExt as _, ReadBuf},
    net::TcpStream,
};
use tokio_tungstenite::tungstenite::{
    Error, Message, WebSocket,
    protocol::{
        Role, WebSocketConfig,
        frame::{
            FrameHeader,
            coding::{Data, OpCode},
        },
    },
};

/// A socket that takes nothing for so long is given up.
const WRITE_DEADLINE: Duration = Duration::from_secs(10);
/// The read buffer of a connection, bytes: it is allocated and zeroed at its full size, and kept. A larger frame grows it
/// while it is read.
const READ_BUFFER_BYTES: usize = 512;
const LINGER_BUFFER_BYTES: usize = 16 * 1024;
/// Frames that one system call writes.
const FRAMES_AT_ONCE: usize = 32;

/// One socket. Cheap while it is idle: it holds no write buffer.
pub struct Socket(WebSocket<Stream>);

/// A TCP stream as tungstenite wants it: it would block, and wakes the task that asked last.
struct Stream {
    tcp: TcpStream,
    waker: Waker,
}

impl Socket {
    /// A connection that is upgraded; `read` came behind the handshake already.
    pub(super) fn new(tcp: TcpStream, read: Vec<u8>) -> Self {
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BUFFER_BYTES)
            .write_buffer_size(0)
            .max_write_buffer_size(limits::MAX_FRAME_BYTES * 2)
            .max_message_size(Some(limits::MAX_FRAME_BYTES))
            .max_frame_size(Some(limits::MAX_FRAME_BYTES));
        let stream = Stream { tcp, waker: Waker::noop().clone() };
        Self(WebSocket::from_partially_read(stream, read, Role::Server, Some(config)))
    }

    /// The next message. Pings are answered on the way, and shown.
    ///
    /// # Errors
    /// The connection is closed, broken, or said something that is no WebSocket frame within the limits.
    pub async fn receive(&mut self) -> Result<Message, Error> {
        std::future::poll_fn(|context| self.poll(context, WebSocket::read)).await
    }

    /// What was received already, without waiting.
    pub(super) fn received(&mut self) -> Option<Result<Message, Error>> {
        let mut context = Context::from_waker(Waker::noop());
        match self.poll(&mut context, WebSocket::read) {
            Poll::Ready(message) => Some(message),
            Poll::Pending => None,
        }
    }

    /// Whether the peer hung up, and said nothing before that is not read.
    pub(super) fn is_gone(&self) -> bool {
        let mut byte = [0];
        let mut peeked = ReadBuf::new(&mut byte);
        let mut context = Context::from_waker(Waker::noop());
        match self.0.get_ref().tcp.poll_peek(&mut context, &mut peeked) {
            Poll::Ready(Ok(seen)) => seen == 0,
            Poll::Ready(Err(_)) => true,
            Poll::Pending => false,
        }
    }

    /// Writes a message that is not shared, such as a ping.
    ///
    /// # Errors
    /// [`Gone`]: the peer is, or does not read.
    pub async fn send(&mut self, message: Message) -> Result<(), Gone> {
        let mut message = Some(message);
        let write = std::future::poll_fn(|context| {
            self.poll(context, |socket| match message.take() {
                // Where it would block it is queued.
                Some(message) => socket.send(message),
                None => socket.flush(),
            })
        });
        within_deadline(write).await
    }

    /// Writes text messages, in order.
    ///
    /// # Errors
    /// [`Gone`]: the peer is, or does not read.
    pub async fn send_texts(&mut self, texts: impl IntoIterator<Item = Bytes>) -> Result<(), Gone> {
        let mut texts = texts.into_iter();
        loop {
            let mut parts: Vec<Bytes> =
                texts.by_ref().take(FRAMES_AT_ONCE).flat_map(|text| [header(&text), text]).collect();
            if parts.is_empty() {
                return Ok(());
            }
            // Each step has the deadline for itself: who reads slowly is not who does not read.
            while !parts.is_empty() {
                // A pong may be waiting half-written: frames begin behind it.
                let write = std::future::poll_fn(|context| {
                    ready!(self.poll(context, WebSocket::flush))?;
                    self.0.get_mut().poll_write_parts(context, &mut parts).map_err(Error::Io)
                });
                within_deadline(write).await?;
            }
        }
    }

    /// Says nothing more and reads what still comes, unseen, up to `most` bytes. Who closes with bytes unread resets the
    /// connection, and the peer may never read why.
    pub(super) async fn linger(&mut self, most: usize) {
        let tcp = &mut self.0.get_mut().tcp;
        let (mut scratch, mut left) = (vec![0; LINGER_BUFFER_BYTES], most);
        if tcp.shutdown().await.is_err() {
            return;
        }
        while left > 0 {
            match tcp.read(&mut scratch).await {
                Ok(read) if read > 0 => left = left.saturating_sub(read),
                _ => return,
            }
        }
    }

    fn poll<T>(
        &mut self,
        context: &mut Context<'_>,
        act: impl FnOnce(&mut WebSocket<Stream>) -> Result<T, Error>,
    ) -> Poll<Result<T, Error>> {
        self.0.get_mut().waker.clone_from(context.waker());
        match act(&mut self.0) {
            Err(Error::Io(error)) if error.kind() == io::ErrorKind::WouldBlock => Poll::Pending,
            outcome => Poll::Ready(outcome),
        }
    }
}

impl FrameSink for Socket {
    async fn send(&mut self, frame: Bytes) -> Result<(), Gone> {
        self.send_texts([frame]).await
    }
}

fn header(text: &Bytes) -> Bytes {
    let header = FrameHeader { opcode: OpCode::Data(Data::Text), ..FrameHeader::default() };
    let mut bytes = Vec::with_capacity(10);
    // Writing to memory does not fail.
    let _ = header.format(text.len() as u64, &mut bytes);
    Bytes::from(bytes)
}

async fn within_deadline(write: impl Future<Output = Result<(), Error>>) -> Result<(), Gone> {
    match tokio::time::timeout(WRITE_DEADLINE, pin!(write)).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) => Err(Gone),
        Err(_) => {
            metrics::counter!("ws_closes_total", "reason" => "slow").increment(1);
            Err(Gone)
        }
    }
}

impl Stream {
    /// Writes as much as fits; what does not stays in `parts`.
    fn poll_write_parts(&mut self, context: &mut Context<'_>, parts: &mut Vec<Bytes>) -> Poll<io::Result<()>> {
        let slices: Vec<IoSlice<'_>> = parts.iter().map(|part| IoSlice::new(part)).collect();
        let mut written = ready!(Pin::new(&mut self.tcp).poll_write_vectored(context, &slices))?;
        if written == 0 {
            return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
        }
        let whole = parts.iter().take_while(|part| {
            let fits = part.len() <= written;
            written -= if fits { part.len() } else { 0 };
            fits
        });
        let whole = whole.count();
        parts.drain(..whole);
        if let Some(first) = parts.first_mut() {
            first.advance(written);
        }
        Poll::Ready(Ok(()))
    }
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut buffer = ReadBuf::new(buffer);
        let mut context = Context::from_waker(&self.waker);
        match Pin::new(&mut self.tcp).poll_read(&mut context, &mut buffer) {
            Poll::Ready(Ok(())) => Ok(buffer.filled().len()),
            Poll::Ready(Err(error)) => Err(error),
            Poll::Pending => Err(io::ErrorKind::WouldBlock.into()),
        }
    }
}

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut context = Context::from_waker(&self.waker);
        match Pin::new(&mut self.tcp).poll_write(&mut context, bytes) {
            Poll::Ready(outcome) => outcome,
            Poll::Pending => Err(io::ErrorKind::WouldBlock.into()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
