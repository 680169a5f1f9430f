//! A client that writes raw HTTP heads, and API servers that answer what they are told; the gate is the shared one.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use execgate::config;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

pub(crate) use crate::support::gate::Gate;
use crate::support::setup::Setup;
use crate::support::wire::PATIENCE;

/// What alice and bob present.
pub(crate) const ALICE: &str = "Authorization: Bearer alice-token";
pub(crate) const BOB: &str = "Authorization: Bearer bob-token";

/// The four lines that make a GET an upgrade, and a subprotocol.
pub(crate) const UPGRADE: &str = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==";

impl Gate {
    /// A gate before one cluster "alpha" with room for two sessions: alice may do everything, bob everything but pod "vault".
    /// `change` is applied last.
    pub(crate) async fn before_address(
        upstream: SocketAddr,
        change: impl FnOnce(&mut config::Settings),
    ) -> Self {
        let setup = Setup::new().plain("alpha", upstream).sessions("{max: 2, drainTimeout: 10s}");
        Self::start_changed(setup, change).await
    }

    /// A gate before a cluster that nobody may reach in this test.
    pub(crate) async fn alone() -> Self {
        Self::before_address(nobody(), |_| {}).await
    }

    /// Sends a head, its lines joined with CRLF, and reads the whole answer.
    pub(crate) async fn ask(&self, lines: &[&str]) -> Reply {
        let mut tcp = self.connect().await;
        tcp.write_all(head(lines).as_bytes()).await.unwrap();
        timeout(PATIENCE, Reply::read(&mut tcp)).await.expect("an answer")
    }

    /// As [`Gate::ask`], for an answer of 101: the head, and all bytes that follow until the gate closes.
    pub(crate) async fn ask_as_page(&self, lines: &[&str]) -> (Reply, Vec<u8>) {
        let mut tcp = self.connect().await;
        tcp.write_all(head(lines).as_bytes()).await.unwrap();
        let reading = async {
            let reply = Reply::read(&mut tcp).await;
            let mut frames = Vec::new();
            tcp.read_to_end(&mut frames).await.unwrap();
            (reply, frames)
        };
        timeout(PATIENCE, reading).await.expect("an answer and its end")
    }

    pub(crate) async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }
}

/// Joins lines as HTTP wants them. `Host` is added.
pub(crate) fn head(lines: &[&str]) -> String {
    let [first, rest @ ..] = lines else { panic!("a request line is needed") };
    let mut head = format!("{first} HTTP/1.1\r\nHost: gate.example\r\n");
    for line in rest {
        head.push_str(line);
        head.push_str("\r\n");
    }
    head + "\r\n"
}

/// One HTTP answer.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) code: u16,
    head: String,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    pub(crate) async fn read(tcp: &mut TcpStream) -> Self {
        let head = read_head(tcp).await;
        let code = head.split(' ').nth(1).expect("a status line").parse().unwrap();
        let mut reply = Self { code, head, body: Vec::new() };
        let length = reply.header("content-length").map_or(0, |length| length.parse().unwrap());
        reply.body = vec![0; length];
        tcp.read_exact(&mut reply.body).await.unwrap();
        reply
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().skip(1).filter_map(|line| line.split_once(": "));
        let mut values = lines.filter(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value);
        let value = values.next();
        assert!(values.next().is_none(), "{name} stands there twice");
        value
    }

    /// The body as a Status: code, reason and message. Fails unless it is one.
    pub(crate) fn status(&self) -> (u16, String, String) {
        assert_eq!(self.header("content-type"), Some("application/json"));
        let status: serde_json::Value = serde_json::from_slice(&self.body).unwrap();
        assert_eq!(
            (&status["kind"], &status["apiVersion"], &status["status"]),
            (&"Status".into(), &"v1".into(), &"Failure".into())
        );
        assert_eq!(status["code"], self.code);
        let text = |key: &str| status[key].as_str().unwrap().to_owned();
        (self.code, text("reason"), text("message"))
    }
}

async fn read_head(tcp: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(tcp.read_u8().await.expect("the whole head"));
    }
    String::from_utf8(head).unwrap()
}

/// What an API server does with every upgrade.
#[derive(Clone, Copy)]
pub(crate) enum Script {
    /// Sends these bytes and closes.
    Answer(&'static str),
    /// Accepts, speaking v4, says nothing, and closes at the first byte: a close frame, in tests that type nothing.
    Accept,
}

/// An API server without TLS, and the heads that it was sent.
pub(crate) struct Upstream {
    pub(crate) address: SocketAddr,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Upstream {
    pub(crate) async fn start(script: Script) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let heads: Arc<Mutex<Vec<String>>> = Arc::default();
        let seen = Arc::clone(&heads);
        tokio::spawn(async move {
            while let Ok((mut tcp, _)) = listener.accept().await {
                let seen = Arc::clone(&seen);
                tokio::spawn(async move {
                    let head = read_head(&mut tcp).await;
                    let answer = script.answer(&head);
                    seen.lock().unwrap().push(head);
                    tcp.write_all(answer.as_bytes()).await.unwrap();
                    if matches!(script, Script::Accept) {
                        let _ = tcp.read(&mut [0; 1]).await;
                    }
                });
            }
        });
        Self { address, heads }
    }

    pub(crate) fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }
}

impl Script {
    fn answer(self, head: &str) -> String {
        match self {
            Self::Answer(answer) => answer.to_owned(),
            Self::Accept => {
                let mut lines = head.lines().filter_map(|line| line.split_once(": "));
                let key = lines.find(|(name, _)| name.eq_ignore_ascii_case("sec-websocket-key")).unwrap().1;
                format!(
                    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                     Sec-WebSocket-Accept: {}\r\nSec-WebSocket-Protocol: v4.channel.k8s.io\r\n\r\n",
                    derive_accept_key(key.as_bytes())
                )
            }
        }
    }
}

/// An address on which nobody listens.
pub(crate) fn nobody() -> SocketAddr {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap()
}
