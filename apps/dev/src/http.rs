//! One GET to a service on this machine: enough to ask how it is.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(2);
const LARGEST_ANSWER: u64 = 4 * 1024 * 1024;

/// Status and body of `GET http://127.0.0.1:<port><path>`; `None` when nobody answers in HTTP.
pub fn get(port: u16, path: &str) -> Option<(u16, String)> {
    // HTTP/1.0, so that the answer is never chunked and ends with the connection.
    let request = format!("GET {path} HTTP/1.0\r\nHost: localhost:{port}\r\n\r\n");
    let text = exchange(port, request.as_bytes(), LARGEST_ANSWER)?;
    let (head, body) = text.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    Some((status, body.to_owned()))
}

/// Sends bytes to a local port and reads until its end or `most` bytes.
pub fn exchange(port: u16, request: &[u8], most: u64) -> Option<String> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE).ok()?;
    stream.set_read_timeout(Some(PATIENCE)).ok()?;
    stream.set_write_timeout(Some(PATIENCE)).ok()?;
    stream.write_all(request).ok()?;
    let mut answer = Vec::new();
    stream.take(most).read_to_end(&mut answer).ok()?;
    Some(String::from_utf8_lossy(&answer).into_owned())
}
