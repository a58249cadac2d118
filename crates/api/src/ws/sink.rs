//! Writing to a socket, with a deadline: who does not read is closed.

use std::time::Duration;

use axum::extract::ws::{Message, Utf8Bytes, WebSocket};
use bytes::Bytes;
use sotto_protocol::frames::ServerFrame;
use sotto_service::session::{FrameSink, Gone};

/// A socket that does not drain within this is given up.
const WRITE_DEADLINE: Duration = Duration::from_secs(10);

/// One socket.
pub(super) struct SocketSink(WebSocket);

impl SocketSink {
    pub(super) fn new(socket: WebSocket) -> Self {
        Self(socket)
    }

    pub(super) fn into_inner(self) -> WebSocket {
        self.0
    }

    pub(super) async fn receive(&mut self) -> Option<Result<Message, axum::Error>> {
        self.0.recv().await
    }

    /// Encodes and sends a frame of this session alone.
    pub(super) async fn frame(&mut self, frame: &ServerFrame) -> Result<(), Gone> {
        match serde_json::to_string(frame) {
            Ok(text) => self.write(Message::Text(text.into())).await,
            Err(error) => {
                tracing::error!(%error, "a frame cannot be encoded");
                Ok(())
            }
        }
    }

    /// Sends a frame that was encoded once for many.
    pub(super) async fn text(&mut self, frame: Bytes) -> Result<(), Gone> {
        match Utf8Bytes::try_from(frame) {
            Ok(text) => self.write(Message::Text(text)).await,
            Err(error) => {
                tracing::error!(%error, "a frame is not text");
                Ok(())
            }
        }
    }

    pub(super) async fn ping(&mut self) -> Result<(), Gone> {
        self.write(Message::Ping(Bytes::new())).await
    }

    async fn write(&mut self, message: Message) -> Result<(), Gone> {
        match tokio::time::timeout(WRITE_DEADLINE, self.0.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(Gone),
            Err(_) => {
                metrics::counter!("ws_closes_total", "reason" => "slow").increment(1);
                Err(Gone)
            }
        }
    }
}

impl FrameSink for SocketSink {
    async fn send(&mut self, frame: Bytes) -> Result<(), Gone> {
        self.text(frame).await
    }
}
