//! A socket without a client behind it, for tests of the protocol itself.

use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use sotto_protocol::frames::{ClientFrame, ServerFrame};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Message, client::IntoClientRequest as _},
};

/// How long a test waits for a frame that has to come.
const PATIENCE: Duration = Duration::from_secs(20);

/// An open WebSocket.
pub struct RawSocket(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl RawSocket {
    /// Connects with these headers.
    pub async fn connect(
        url: &str,
        headers: &[(&'static str, &str)],
    ) -> Result<Self, tokio_tungstenite::tungstenite::Error> {
        let mut request = url.into_client_request()?;
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().unwrap());
        }
        Ok(Self(connect_async(request).await?.0))
    }

    /// Sends a frame.
    pub async fn send(&mut self, frame: &ClientFrame) {
        self.text(&serde_json::to_string(frame).unwrap()).await;
    }

    /// Sends any text.
    pub async fn text(&mut self, text: &str) {
        self.0.send(Message::text(text)).await.unwrap();
    }

    /// Sends any message; an error means that the node closed the socket already.
    pub async fn message(&mut self, message: Message) {
        drop(self.0.send(message).await);
    }

    /// The next frame, or the close code.
    pub async fn next(&mut self) -> Result<ServerFrame, u16> {
        loop {
            let message = tokio::time::timeout(PATIENCE, self.0.next()).await.expect("a frame or a close comes");
            match message {
                Some(Ok(Message::Text(text))) => return Ok(serde_json::from_str(text.as_str()).unwrap()),
                Some(Ok(Message::Close(Some(frame)))) => return Err(frame.code.into()),
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                other => panic!("neither a frame nor a close code: {other:?}"),
            }
        }
    }

    /// Reads to the end; an error where the connection was reset.
    pub async fn end(mut self) -> Result<(), tokio_tungstenite::tungstenite::Error> {
        while let Some(message) = tokio::time::timeout(PATIENCE, self.0.next()).await.expect("an end comes") {
            message?;
        }
        Ok(())
    }

    /// The first frame for which `wanted` answers something.
    pub async fn find<T>(&mut self, wanted: impl Fn(ServerFrame) -> Option<T>) -> Result<T, u16> {
        loop {
            if let Some(found) = wanted(self.next().await?) {
                return Ok(found);
            }
        }
    }
}
