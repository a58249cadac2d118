//! Whether a port is free and, if not, who has it.

use std::fs;
use std::net::{IpAddr, Ipv4Addr, TcpListener};

use crate::error::{Context, Failure, Result};
use crate::state::Listener;

/// Fails with the port, its holder and the setting that changes it, unless the port is free.
pub fn require_free(listener: &Listener, address: IpAddr) -> Result<()> {
    let Err(error) = TcpListener::bind((address, listener.port)) else {
        return Ok(());
    };
    let Listener { name, port, setting } = listener;
    let holder = holder(*port).map_or(String::new(), |holder| format!(" (held by {holder})"));
    let why = match error.kind() {
        std::io::ErrorKind::AddrInUse => format!("is taken{holder}"),
        std::io::ErrorKind::PermissionDenied => "needs root: ports below 1024 do".to_owned(),
        _ => format!("can't be used on {address}: {error}"),
    };
    Err(Failure::new(format!("port {port}, wanted by {name}, {why}.\n  Choose another one: {setting}=<port> make run")))
}

/// A port of 127.0.0.1 that nobody uses right now.
pub fn any_free() -> Result<u16> {
    let socket = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("a free port")?;
    socket.local_addr().map(|address| address.port()).context("a free port")
}

/// The process that listens on a port, as `name, pid 12`; only processes we may look into are found.
fn holder(port: u16) -> Option<String> {
    let inodes: Vec<String> = ["/proc/net/tcp", "/proc/net/tcp6"]
        .iter()
        .filter_map(|path| fs::read_to_string(path).ok())
        .flat_map(|table| listening_inodes(&table, port))
        .map(|inode| format!("socket:[{inode}]"))
        .collect();
    let processes = fs::read_dir("/proc").ok()?.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    processes.filter(|name| name.parse::<u32>().is_ok()).find_map(|pid| {
        let mut descriptors = fs::read_dir(format!("/proc/{pid}/fd")).ok()?.flatten();
        descriptors.find(|fd| {
            fs::read_link(fd.path()).is_ok_and(|to| inodes.iter().any(|inode| to.as_os_str() == inode.as_str()))
        })?;
        let name = fs::read_to_string(format!("/proc/{pid}/comm")).ok()?;
        Some(format!("{}, pid {pid}", name.trim()))
    })
}

/// The inodes of sockets that listen on `port`, from a table as in /proc/net/tcp (proc(5)).
fn listening_inodes(table: &str, port: u16) -> Vec<String> {
    const LISTEN: &str = "0A";
    let wanted = format!(":{port:04X}");
    let rows = table.lines().skip(1).map(|line| line.split_whitespace().collect::<Vec<_>>());
    rows.filter(|row| row.len() > 9 && row[1].ends_with(&wanted) && row[3] == LISTEN)
        .map(|row| row[9].to_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_port_names_port_holder_and_setting() {
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = taken.local_addr().unwrap().port();
        let listener = Listener { name: "redis".into(), port, setting: "SOTTO_PORT_REDIS" };
        let text = require_free(&listener, Ipv4Addr::LOCALHOST.into()).unwrap_err().to_string();
        assert!(text.contains(&port.to_string()) && text.contains("SOTTO_PORT_REDIS"), "{text}");
        assert!(text.contains(&format!("pid {}", std::process::id())), "{text}");
    }

    #[test]
    fn only_listening_sockets_of_the_port_count() {
        let table = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n\
            0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  0 0 111 1\n\
            1: 0100007F:1F90 0100007F:9999 01 00000000:00000000 00:00000000 00000000  0 0 222 1\n\
            2: 0100007F:1F91 00000000:0000 0A 00000000:00000000 00:00000000 00000000  0 0 333 1\n";
        assert_eq!(listening_inodes(table, 8080), ["111"]);
    }
}
