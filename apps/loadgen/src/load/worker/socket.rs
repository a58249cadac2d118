//! A TCP connection that never blocks. What the kernel does not take waits here.

use std::{
    io::{self, Read as _, Write as _},
    net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream},
};

use rustix::{
    io::Errno,
    net::{AddressFamily, SocketFlags, SocketType, bind, connect, ipproto, socket_with},
};

/// Connections from one address: limits by address see many households, and ports don't run out.
const PER_ADDRESS: usize = 50;
/// Written bytes that may wait; a peer that takes so little is stuck.
const MOST_PENDING: usize = 4 << 20;

/// The source address of the connection with this number.
pub fn address(number: usize) -> IpAddr {
    let household = u32::try_from(number / PER_ADDRESS).unwrap_or(0) % 60_000 + 300;
    let [_, _, high, low] = household.to_be_bytes();
    IpAddr::V4(Ipv4Addr::new(127, 77, high, low))
}

/// One connection.
pub struct Socket {
    stream: TcpStream,
    pending: Vec<u8>,
}

/// What reading gave.
pub enum Heard {
    Bytes(usize),
    Nothing,
    End,
    Failed(io::Error),
}

impl Socket {
    /// Begins to connect.
    pub fn begin(from: IpAddr, to: SocketAddr) -> io::Result<Self> {
        let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
        let socket = socket_with(AddressFamily::INET, SocketType::STREAM, flags, Some(ipproto::TCP))?;
        bind(&socket, &SocketAddr::new(from, 0))?;
        match connect(&socket, &to) {
            Ok(()) | Err(Errno::INPROGRESS) => {}
            Err(error) => return Err(error.into()),
        }
        let stream = TcpStream::from(socket);
        stream.set_nodelay(true)?;
        Ok(Self { stream, pending: Vec::new() })
    }

    /// The descriptor.
    pub fn stream(&self) -> &TcpStream {
        &self.stream
    }

    /// What went wrong while it connected.
    pub fn trouble(&self) -> Option<io::Error> {
        self.stream.take_error().unwrap_or_else(Some)
    }

    /// Reads what there is.
    pub fn read(&mut self, into: &mut [u8]) -> Heard {
        match self.stream.read(into) {
            Ok(0) => Heard::End,
            Ok(count) => Heard::Bytes(count),
            Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) => {
                Heard::Nothing
            }
            Err(error) => Heard::Failed(error),
        }
    }

    /// Writes, or keeps what can't be written yet. Says whether something waits.
    pub fn write(&mut self, bytes: &[u8]) -> io::Result<bool> {
        if !self.pending.is_empty() {
            if self.pending.len() + bytes.len() > MOST_PENDING {
                return Err(io::Error::other("the peer reads nothing"));
            }
            self.pending.extend_from_slice(bytes);
            return Ok(true);
        }
        let took = self.offer(bytes)?;
        self.pending.extend_from_slice(&bytes[took..]);
        Ok(!self.pending.is_empty())
    }

    /// Writes what waits. Says whether something still does.
    pub fn flush(&mut self) -> io::Result<bool> {
        let pending = std::mem::take(&mut self.pending);
        let took = self.offer(&pending)?;
        if took < pending.len() {
            self.pending = pending;
            self.pending.drain(..took);
        }
        Ok(!self.pending.is_empty())
    }

    fn offer(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut took = 0;
        while took < bytes.len() {
            match self.stream.write(&bytes[took..]) {
                Ok(count) => took += count,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(took)
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn addresses_are_of_this_machine_and_many() {
        let all: std::collections::HashSet<IpAddr> = (0..100_000).map(address).collect();
        assert_eq!(all.len(), 2_000);
        assert!(all.iter().all(IpAddr::is_loopback));
    }

    #[test]
    fn what_the_kernel_does_not_take_waits_and_arrives_in_order() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut socket = Socket::begin(address(0), listener.local_addr().unwrap()).unwrap();
        let (mut peer, from) = listener.accept().unwrap();
        assert_eq!(from.ip(), address(0));
        let sent: Vec<u8> = (0..20_000_000_u32).map(|at| at.to_le_bytes()[0]).collect();
        let mut waits = socket.write(&sent).unwrap();
        assert!(waits, "twenty megabytes are more than a socket takes");
        let reader = std::thread::spawn(move || {
            let mut got = vec![0; 20_000_000];
            peer.read_exact(&mut got).map(|()| got)
        });
        while waits {
            waits = socket.flush().unwrap();
            std::thread::yield_now();
        }
        assert!(reader.join().unwrap().unwrap() == sent);
    }
}
