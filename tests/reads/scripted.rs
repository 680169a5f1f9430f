//! An API server that says what a test tells it, to every request, and keeps what it was sent.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_util::task::AbortOnDropHandle;

use crate::support::gate::Gate;
use crate::support::setup::Setup;

const RULES: &str = "  - {name: all, effect: allow, subjects: {users: [alice]}, verbs: [exec, read]}
  - {name: not the vault, effect: deny, subjects: {users: [alice]}, pods: [vault]}
";

/// What follows the words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Then {
    /// The end of the connection.
    Close,
    /// Silence, until the gate leaves.
    Stay,
    /// These words again and again, until the gate leaves.
    Again(Vec<u8>),
}

/// It listens until it is dropped.
pub(crate) struct Scripted {
    pub(crate) address: SocketAddr,
    heads: Arc<Mutex<Vec<String>>>,
    left: mpsc::Receiver<()>,
    _task: AbortOnDropHandle<()>,
}

impl Scripted {
    /// Answers with `head`, whose lines end with LF here, and `body`.
    pub(crate) async fn start(head: &str, body: &[u8], then: Then) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let heads: Arc<Mutex<Vec<String>>> = Arc::default();
        let (report, left) = mpsc::channel(16);
        let words = (format!("{}\r\n\r\n", head.trim_end().replace('\n', "\r\n")), body.to_vec());
        let seen = Arc::clone(&heads);
        let task = tokio::spawn(async move {
            loop {
                let (tcp, _) = listener.accept().await.unwrap();
                let (seen, report) = (Arc::clone(&seen), report.clone());
                let (words, then) = (words.clone(), then.clone());
                tokio::spawn(async move {
                    converse(tcp, &seen, &words, &then).await;
                    // A test that has ended listens no more.
                    let _ = report.send(()).await;
                });
            }
        });
        Self { address, heads, left, _task: AbortOnDropHandle::new(task) }
    }

    /// 200 with JSON of a known length.
    pub(crate) async fn saying(json: &str) -> Self {
        let length = json.len();
        let head = format!("HTTP/1.1 200 OK\nContent-Type: application/json\nContent-Length: {length}");
        Self::start(&head, json.as_bytes(), Then::Stay).await
    }

    /// Another code, with a body of that type.
    pub(crate) async fn refusing(status: &str, content_type: &str, body: &str) -> Self {
        let length = body.len();
        let head = format!("HTTP/1.1 {status}\nContent-Type: {content_type}\nContent-Length: {length}");
        Self::start(&head, body.as_bytes(), Then::Stay).await
    }

    /// A gate before it, as cluster alpha, where alice may read everything and enter all pods but the vault.
    pub(crate) async fn gate(&self) -> Gate {
        Gate::start(Setup::new().plain("alpha", self.address).rules(RULES)).await
    }

    /// The heads of all requests.
    pub(crate) fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }

    /// Returns when the gate has left one connection.
    pub(crate) async fn left(&mut self) {
        self.left.recv().await.expect("the server runs");
    }
}

async fn converse(mut tcp: TcpStream, seen: &Mutex<Vec<String>>, words: &(String, Vec<u8>), then: &Then) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match tcp.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => return,
        }
    }
    seen.lock().unwrap().push(String::from_utf8(head).unwrap());
    let (answer, body) = words;
    let mut said = tcp.write_all(&[answer.as_bytes(), body].concat()).await;
    if let Then::Again(words) = then {
        while said.is_ok() {
            said = tcp.write_all(words).await;
        }
    }
    if *then != Then::Close {
        // Whatever ends it, the gate has left.
        let _ = tcp.read_to_end(&mut Vec::new()).await;
    }
}
