//! One connection ahead of all others: its sync token lets them resume as devices do that were there a moment ago.

use std::{
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use serde_json::Value;

use super::worker::wire::{self, Opcode, Parsed};
use crate::error::{Context, Failure, Outcome};

const PATIENCE: Duration = Duration::from_secs(10);

/// Where connections go: `127.0.0.1:3001` of `http://127.0.0.1:3001`.
pub fn target(url: &str) -> Outcome<SocketAddr> {
    let host = url.trim_start_matches("http://").replace("localhost", "127.0.0.1");
    host.parse().context(url)
}

/// Connects with this token, catches up, and gives the token for the next time.
pub async fn sync_token(to: SocketAddr, token: String) -> Outcome<String> {
    tokio::task::spawn_blocking(move || fly(to, &token)).await.context("the pilot")?
}

fn fly(to: SocketAddr, token: &str) -> Outcome<String> {
    let mut stream = TcpStream::connect(to).context("the pilot's connection")?;
    stream.set_read_timeout(Some(PATIENCE)).context("the pilot's connection")?;
    stream.write_all(wire::request(to, token).as_bytes()).context("the pilot's request")?;
    let (mut bytes, mut is_open) = (Vec::new(), false);
    loop {
        let mut chunk = [0; 4096];
        let count = stream.read(&mut chunk).context("the pilot's answer")?;
        if count == 0 {
            return Err(Failure::new("the pilot was cut off"));
        }
        bytes.extend_from_slice(&chunk[..count]);
        if let Some(answer) = wire::answer(&bytes).filter(|_| !is_open) {
            if answer.status != 101 {
                return Err(Failure::new(format!("the pilot was refused: {}", answer.status)));
            }
            is_open = true;
            bytes.drain(..answer.body);
            let mut hello = Vec::new();
            wire::frame(&mut hello, Opcode::Text, br#"{"type":"hello","resume":{"inbox_seq":0}}"#);
            stream.write_all(&hello).context("the pilot's hello")?;
        }
        while is_open && let Parsed::Frame(frame) = wire::parse(&bytes) {
            if frame.opcode == Opcode::Close {
                return Err(Failure::new(format!("the pilot was closed: {}", wire::close_code(frame.payload))));
            }
            let said: Value = serde_json::from_slice(frame.payload).unwrap_or_default();
            if let Some(token) = said["sync_token"].as_str().filter(|_| said["type"] == "caught_up") {
                return Ok(token.to_owned());
            }
            let length = frame.length;
            bytes.drain(..length);
        }
    }
}
