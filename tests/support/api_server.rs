//! An API server that says what the test tells it, frame by frame, and shows what it gets.

use std::net::{Ipv4Addr, SocketAddr};

use execgate::net::Transport;
use tokio::net::TcpListener;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use super::wire::{End, Wire};

/// It accepts one upgrade after another.
pub(crate) struct ApiServer {
    listener: TcpListener,
}

impl ApiServer {
    pub(crate) async fn start() -> Self {
        Self { listener: TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap() }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.listener.local_addr().unwrap()
    }

    /// Answers the next upgrade with 101 and `subprotocol`, without a word more.
    pub(crate) async fn accept(&self, subprotocol: &str) -> Wire {
        let (tcp, _) = self.listener.accept().await.unwrap();
        tcp.set_nodelay(true).unwrap();
        let mut wire = Wire::new(Transport::Plain(tcp), End::Server);
        let head = wire.head().await;
        let mut lines = head.lines().filter_map(|line| line.split_once(": "));
        let (_, key) = lines.find(|(name, _)| name.eq_ignore_ascii_case("sec-websocket-key")).unwrap();
        let accept = derive_accept_key(key.as_bytes());
        let answer = format!(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Accept: {accept}\r\nSec-WebSocket-Protocol: {subprotocol}\r\n\r\n"
        );
        wire.raw(answer.as_bytes()).await;
        wire
    }
}
