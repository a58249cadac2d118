//! The WebSocket: opening it, reading frames in runs, writing them.

use std::{
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use futures_util::{
    FutureExt as _, SinkExt as _, StreamExt as _,
    stream::{SplitSink, SplitStream},
};
use sotto_protocol::{
    CloseCode,
    frames::{ClientFrame, SUBPROTOCOL, ServerFrame},
};
use tokio::net::{TcpSocket, TcpStream, lookup_host};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, client_async_with_config, connect_async_with_config,
    tungstenite::{
        Error, Message,
        client::IntoClientRequest as _,
        handshake::client::{Request, Response},
        http::{HeaderValue, header},
        protocol::WebSocketConfig,
    },
};

use crate::{SdkError, SdkResult};

type Stream = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// A page of catching up may hold many events of 64 KiB.
const MAX_MESSAGE_BYTES: usize = 64 * 1024 * 1024;
const OPEN_TIMEOUT: Duration = Duration::from_secs(5);
/// Frames that are processed in one transaction, at most.
const RUN: usize = 64;

/// The reading half.
pub struct Reader {
    stream: SplitStream<Stream>,
    /// How the socket ended, if it did while frames before that were read.
    ended: Option<Ended>,
}

/// The socket is closed, with this code if it was told.
#[derive(Clone, Copy)]
struct Ended(Option<u16>);

/// The writing half.
pub struct Writer(SplitSink<Stream, Message>);

/// What came.
#[derive(Debug)]
pub enum Received {
    /// Frames, in order, all that were here already. Empty: only a ping.
    Frames(Vec<ServerFrame>),
    /// The socket is closed, with this code if it was told.
    Closed(Option<u16>),
}

/// Opens `/ws` of this base address, from the given local address if one is given (plain `http` only then).
///
/// # Errors
/// [`SdkError::Status`]: refused before the upgrade (503: the node is full). [`SdkError::Socket`]: anything else.
pub async fn open(endpoint: &str, access_token: &str, from: Option<IpAddr>) -> SdkResult<(Reader, Writer)> {
    let address = endpoint.strip_prefix("http").ok_or_else(|| SdkError::Address(endpoint.to_owned()))?;
    let mut request = format!("ws{address}/ws").into_client_request().map_err(broken)?;
    let bearer = HeaderValue::from_str(&format!("Bearer {access_token}")).map_err(|_| SdkError::SignedOut)?;
    request.headers_mut().insert(header::AUTHORIZATION, bearer);
    request.headers_mut().insert(header::SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(SUBPROTOCOL));
    let config =
        WebSocketConfig::default().max_message_size(Some(MAX_MESSAGE_BYTES)).max_frame_size(Some(MAX_MESSAGE_BYTES));
    let opening = connect(request, config, from);
    match tokio::time::timeout(OPEN_TIMEOUT, opening).await {
        Ok(Ok((stream, _))) => {
            let (writer, reader) = stream.split();
            Ok((Reader { stream: reader, ended: None }, Writer(writer)))
        }
        Ok(Err(Error::Http(answer))) => Err(SdkError::Status(answer.status().as_u16())),
        Ok(Err(error)) => Err(broken(error)),
        Err(_) => Err(SdkError::Socket("the handshake took too long".into())),
    }
}

async fn connect(request: Request, config: WebSocketConfig, from: Option<IpAddr>) -> Result<(Stream, Response), Error> {
    let Some(from) = from else { return connect_async_with_config(request, Some(config), true).await };
    let host = request.uri().host().unwrap_or_default().trim_matches(['[', ']']).to_owned();
    let port = request.uri().port_u16().unwrap_or(if request.uri().scheme_str() == Some("wss") { 443 } else { 80 });
    let to = lookup_host((host, port)).await?.find(|to| to.is_ipv4() == from.is_ipv4());
    let to = to.ok_or_else(|| std::io::Error::from(std::io::ErrorKind::AddrNotAvailable))?;
    let socket = if from.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    socket.bind(SocketAddr::new(from, 0))?;
    let stream = socket.connect(to).await?;
    stream.set_nodelay(true)?;
    client_async_with_config(request, MaybeTlsStream::Plain(stream), Some(config)).await
}

fn broken(error: impl std::fmt::Display) -> SdkError {
    SdkError::Socket(error.to_string())
}

impl Reader {
    /// Waits for a frame and takes those that are here already.
    pub async fn next(&mut self) -> Received {
        if let Some(Ended(code)) = self.ended {
            return Received::Closed(code);
        }
        let mut frames = Vec::new();
        let mut next = self.stream.next().await;
        loop {
            if let Err(ended) = take(next, &mut frames) {
                self.ended = Some(ended);
                return if frames.is_empty() { Received::Closed(ended.0) } else { Received::Frames(frames) };
            }
            match self.stream.next().now_or_never() {
                Some(more) if frames.len() < RUN => next = more,
                Some(more) => {
                    self.ended = take(more, &mut frames).err();
                    return Received::Frames(frames);
                }
                None => return Received::Frames(frames),
            }
        }
    }
}

/// Reads one message into `frames`.
fn take(next: Option<Result<Message, Error>>, frames: &mut Vec<ServerFrame>) -> Result<(), Ended> {
    match next {
        Some(Ok(Message::Text(text))) => match serde_json::from_str(text.as_str()) {
            Ok(frame) => frames.push(frame),
            // A newer server may say what this client does not know.
            Err(error) => tracing::debug!(%error, "a frame was not understood"),
        },
        Some(Ok(Message::Close(close))) => return Err(Ended(close.map(|close| close.code.into()))),
        Some(Ok(_)) => {}
        Some(Err(error)) => {
            tracing::debug!(%error, "the socket broke");
            return Err(Ended(None));
        }
        None => return Err(Ended(None)),
    }
    Ok(())
}

impl Writer {
    /// Sends one frame.
    ///
    /// # Errors
    /// [`SdkError::Socket`]: the socket is gone.
    pub async fn send(&mut self, frame: &ClientFrame) -> SdkResult<()> {
        let text = serde_json::to_string(frame).map_err(SdkError::Answer)?;
        self.0.send(Message::text(text)).await.map_err(broken)
    }

    /// Says goodbye; errors don't matter any more.
    pub async fn close(mut self) {
        let closing = async {
            let _ = self.0.send(Message::Close(None)).await;
            let _ = self.0.close().await;
        };
        let _ = tokio::time::timeout(Duration::from_secs(1), closing).await;
    }
}

/// What a client does after a close.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AfterClose {
    /// Come back with back-off.
    Return,
    /// Refresh the token, then come back.
    Refresh,
    /// Stay away.
    Stay,
}

pub(crate) fn after_close(code: Option<u16>) -> AfterClose {
    match code {
        Some(code) if code == CloseCode::TokenExpired.code() => AfterClose::Refresh,
        Some(code) if !CloseCode::may_return(code) => AfterClose::Stay,
        _ => AfterClose::Return,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn close_codes_decide_whether_to_come_back() {
        assert_eq!(after_close(Some(CloseCode::Drain.code())), AfterClose::Return);
        assert_eq!(after_close(Some(CloseCode::TokenExpired.code())), AfterClose::Refresh);
        assert_eq!(after_close(Some(CloseCode::Revoked.code())), AfterClose::Stay);
        assert_eq!(after_close(None), AfterClose::Return);
    }
}
