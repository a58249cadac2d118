//! The socket against peers that are not what they should be.

use sotto_sdk::{SdkError, socket};
use tokio::{io::AsyncWriteExt as _, net::TcpListener};

#[tokio::test]
async fn an_https_address_is_spoken_to_in_tls() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("https://{}", listener.local_addr().unwrap());
    let (opened, first) = tokio::join!(socket::open(&endpoint, "token", None), async {
        let (mut peer, _) = listener.accept().await.unwrap();
        let mut first = [0; 1];
        tokio::io::AsyncReadExt::read_exact(&mut peer, &mut first).await.unwrap();
        peer.write_all(b"this is no TLS").await.unwrap();
        first
    });
    // 22: a TLS handshake record (RFC 8446 section 5.1).
    assert_eq!(first, [22]);
    assert!(matches!(opened, Err(SdkError::Socket(_))));
}

#[tokio::test]
async fn a_refusal_before_the_upgrade_is_told_by_its_status() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let (opened, ()) = tokio::join!(socket::open(&endpoint, "token", None), async {
        let (mut peer, _) = listener.accept().await.unwrap();
        peer.write_all(b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n").await.unwrap();
    });
    assert!(matches!(opened, Err(SdkError::Status(503))));
}
