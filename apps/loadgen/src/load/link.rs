//! A lean connection of the load: small buffers, one task, no crypto.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use futures_util::{SinkExt as _, StreamExt as _};
use sotto_protocol::{
    frames::{ClientFrame, SUBPROTOCOL, ServerFrame},
    sync::Resume,
};
use tokio::net::{TcpSocket, TcpStream};
use tokio_tungstenite::{
    WebSocketStream, client_async_with_config,
    tungstenite::{
        Message,
        client::IntoClientRequest as _,
        http::{HeaderValue, header},
        protocol::WebSocketConfig,
    },
};

use crate::error::{Context, Failure, Outcome};

/// Connections from one address: limits by address see many households, ports don't run out.
const PER_ADDRESS: usize = 50;

/// The source address of the connection with this number.
pub fn address(number: usize) -> IpAddr {
    let household = u32::try_from(number / PER_ADDRESS).unwrap_or(0) % 60_000 + 300;
    let [_, _, high, low] = household.to_be_bytes();
    IpAddr::V4(Ipv4Addr::new(127, 77, high, low))
}

/// Where connections go: `127.0.0.1:3001` of `http://127.0.0.1:3001`.
pub fn target(url: &str) -> Outcome<SocketAddr> {
    let host = url.trim_start_matches("http://").replace("localhost", "127.0.0.1");
    host.parse().context(url)
}

/// An open connection.
pub struct Link(WebSocketStream<TcpStream>);

impl Link {
    /// Connects, says hello, and waits until it is caught up. Gives the token for the next resume too.
    pub async fn open(to: SocketAddr, from: IpAddr, token: &str, resume: Option<String>) -> Outcome<(Self, String)> {
        let socket = TcpSocket::new_v4().context("a socket")?;
        socket.bind(SocketAddr::new(from, 0)).context("a source address")?;
        let stream = socket.connect(to).await.context("connecting")?;
        stream.set_nodelay(true).context("a socket")?;
        let mut request = format!("ws://{to}/ws").into_client_request().context("the request")?;
        let bearer = HeaderValue::from_str(&format!("Bearer {token}")).context("the token")?;
        request.headers_mut().insert(header::AUTHORIZATION, bearer);
        request.headers_mut().insert(header::SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(SUBPROTOCOL));
        let config = WebSocketConfig::default().read_buffer_size(4 * 1024).write_buffer_size(0);
        let (stream, _) = client_async_with_config(request, stream, Some(config)).await.context("the handshake")?;
        let mut link = Self(stream);
        link.say(&ClientFrame::Hello { resume: Resume { sync_token: resume, inbox_seq: 0 } }).await?;
        loop {
            if let ServerFrame::CaughtUp { sync_token } = link.next().await? {
                return Ok((link, sync_token));
            }
        }
    }

    /// Sends a frame.
    pub async fn say(&mut self, frame: &ClientFrame) -> Outcome<()> {
        let text = serde_json::to_string(frame).context("a frame")?;
        self.0.send(Message::text(text)).await.context("sending")
    }

    /// The next frame; pings are answered on the way.
    pub async fn next(&mut self) -> Outcome<ServerFrame> {
        loop {
            match self.0.next().await {
                Some(Ok(Message::Text(text))) => return serde_json::from_str(text.as_str()).context("a frame"),
                Some(Ok(Message::Close(close))) => {
                    return Err(Failure::new(format!("closed: {:?}", close.map(|close| close.code))));
                }
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(error).context("receiving"),
                None => return Err(Failure::new("the connection is gone")),
            }
        }
    }

    /// Says goodbye without waiting for the answer.
    pub async fn close(mut self) {
        let _ = self.0.close(None).await;
    }
}
