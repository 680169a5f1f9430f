//! A request head under construction, and what answers it.

use std::net::SocketAddr;
use std::sync::Arc;

use execgate::net::Transport;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use tokio::net::{TcpSocket, TcpStream};

use super::session::Session;
use super::wire::{End, Wire};

/// stdin, stdout and stderr without a terminal.
pub(crate) const PIPES: &str = "stdin=1&stdout=1&stderr=1";
/// A terminal.
pub(crate) const TTY: &str = "stdin=1&stdout=1&tty=1";

/// Where a server is, and what opens it.
#[derive(Debug, Clone)]
pub(crate) struct Door {
    pub(crate) address: SocketAddr,
    /// The authority of its certificate, if it speaks TLS.
    pub(crate) ca: Option<String>,
    pub(crate) token: String,
}

/// What can be asked: a gate, or an API server itself.
pub(crate) trait Serves {
    fn door(&self) -> Door;
}

impl Serves for Door {
    fn door(&self) -> Door {
        self.clone()
    }
}

impl Door {
    pub(crate) async fn connect(&self) -> Wire {
        self.secured(TcpStream::connect(self.address).await.unwrap()).await
    }

    /// By a client whose kernel keeps little for it.
    async fn connect_narrowly(&self) -> Wire {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(16 * 1024).unwrap();
        self.secured(socket.connect(self.address).await.unwrap()).await
    }

    async fn secured(&self, tcp: TcpStream) -> Wire {
        tcp.set_nodelay(true).unwrap();
        let transport = match &self.ca {
            None => Transport::Plain(tcp),
            Some(ca) => Transport::ClientTls(Box::new(secure(tcp, ca).await)),
        };
        Wire::new(transport, End::Client)
    }
}

async fn secure(tcp: TcpStream, ca: &str) -> tokio_rustls::client::TlsStream<TcpStream> {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(ca.as_bytes()).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from("127.0.0.1").unwrap();
    tokio_rustls::TlsConnector::from(Arc::new(config)).connect(name, tcp).await.unwrap()
}

/// A request; by default a proper upgrade with a token that is accepted.
#[derive(Debug, Clone)]
pub(crate) struct Ask {
    door: Door,
    method: &'static str,
    target: String,
    headers: Vec<(String, String)>,
    body: String,
}

/// An answer that is no 101.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Ask {
    pub(crate) fn new(server: &impl Serves, method: &'static str, target: impl Into<String>) -> Self {
        let door = server.door();
        let bearer = format!("Bearer {}", door.token);
        let ask = Self { door, method, target: target.into(), headers: Vec::new(), body: String::new() };
        ask.header("Host", "apiserver:6443").header("Authorization", &bearer)
    }

    /// exec in a container of web-0.
    pub(crate) fn exec(server: &impl Serves, query: &str) -> Self {
        Self::pod(server, "web-0", &format!("exec?container=app&{query}"))
    }

    /// What a pod of namespace default is asked for: `exec` or `attach`, and a query.
    pub(crate) fn pod(server: &impl Serves, pod: &str, asked: &str) -> Self {
        let target = format!("/api/v1/namespaces/default/pods/{pod}/{asked}");
        Self::new(server, "GET", target).upgrade()
    }

    /// exec of a shell script with stdin, stdout and stderr.
    pub(crate) fn script(server: &impl Serves, script: &str) -> Self {
        Self::exec(server, &format!("{}&{PIPES}", shell(script)))
    }

    /// The same on a terminal.
    pub(crate) fn on_terminal(server: &impl Serves, script: &str) -> Self {
        Self::exec(server, &format!("{}&{TTY}", shell(script)))
    }

    pub(crate) fn upgrade(self) -> Self {
        self.header("Upgrade", "websocket")
            .header("Connection", "Upgrade")
            .header("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")
            .header("Sec-WebSocket-Version", "13")
    }

    pub(crate) fn offer(self, offer: &str) -> Self {
        self.header("Sec-WebSocket-Protocol", offer)
    }

    /// The request in another name.
    pub(crate) fn bearing(self, token: &str) -> Self {
        self.without("Authorization").header("Authorization", &format!("Bearer {token}"))
    }

    /// Of a cluster that the path names.
    pub(crate) fn of_cluster(mut self, name: &str) -> Self {
        self.target = format!("/clusters/{name}{}", self.target);
        self
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(key, _)| !key.eq_ignore_ascii_case(name));
        self
    }

    /// As a page of the server's own origin asks, on plain HTTP.
    pub(crate) fn by_page(self) -> Self {
        self.header("Origin", "http://apiserver:6443").header("User-Agent", "Mozilla/5.0 (X11; Linux x86_64)")
    }

    /// The same with another method.
    pub(crate) fn by(self, method: &'static str) -> Self {
        Self { method, ..self }
    }

    /// With a body.
    pub(crate) fn body(self, body: &str) -> Self {
        let length = body.len().to_string();
        Self { body: body.to_owned(), ..self }.header("Content-Length", &length)
    }

    /// The same with another value of a header.
    pub(crate) fn changed(self, name: &str, value: &str) -> Self {
        self.without(name).header(name, value)
    }

    fn bytes(&self) -> Vec<u8> {
        let mut head = format!("{} {} HTTP/1.1\r\n", self.method, self.target);
        for (name, value) in &self.headers {
            head.extend([name, ": ", value, "\r\n"]);
        }
        (head + "\r\n" + &self.body).into_bytes()
    }

    /// Expects a refusal.
    pub(crate) async fn refused(self) -> Answer {
        let mut wire = self.door.connect().await;
        wire.raw(&self.bytes()).await;
        let answer = Answer::read(&mut wire).await;
        assert_ne!(answer.code(), 101, "{}", answer.head);
        answer
    }

    /// Expects a 101.
    pub(crate) async fn open(self) -> Session {
        self.open_with(&[]).await
    }

    /// Expects a 101, with frames in the same segment as the head.
    pub(crate) async fn open_with(self, early: &[u8]) -> Session {
        self.try_open(early).await.unwrap_or_else(|answer| panic!("{}\r\n{}", answer.head, answer.body))
    }

    /// A session, or the answer that refuses it.
    pub(crate) async fn try_open(self, early: &[u8]) -> Result<Session, Answer> {
        let wire = self.door.connect().await;
        self.begin(wire, early).await
    }

    /// A session of a client whose kernel keeps little for it, so that a slow reader is felt at once.
    pub(crate) async fn open_narrowly(self) -> Session {
        let wire = self.door.connect_narrowly().await;
        self.begin(wire, &[]).await.unwrap_or_else(|answer| panic!("{}\r\n{}", answer.head, answer.body))
    }

    async fn begin(self, mut wire: Wire, early: &[u8]) -> Result<Session, Answer> {
        wire.raw(&[&self.bytes(), early].concat()).await;
        let head = wire.head().await;
        if head.starts_with("HTTP/1.1 101 ") {
            return Ok(Session::new(wire, head));
        }
        Err(Answer::read_body(head, &mut wire).await)
    }
}

impl Answer {
    async fn read(wire: &mut Wire) -> Self {
        let head = wire.head().await;
        Self::read_body(head, wire).await
    }

    async fn read_body(head: String, wire: &mut Wire) -> Self {
        let head = head.strip_suffix("\r\n").expect("a head ends with an empty line").to_owned();
        let mut answer = Self { head, body: String::new() };
        let body = match answer.header("content-length") {
            Some(length) => wire.bytes(length.parse().unwrap()).await,
            None => wire.rest().await,
        };
        answer.body = String::from_utf8(body).unwrap();
        answer
    }

    pub(crate) fn code(&self) -> u16 {
        self.head.split(' ').nth(1).unwrap().parse().unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    pub(crate) fn message(&self) -> String {
        self.json()["message"].as_str().unwrap().to_owned()
    }
}

/// Percent-encodes for a query.
pub(crate) fn escape(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

/// The command of a shell script.
pub(crate) fn shell(script: &str) -> String {
    format!("command=sh&command=-c&command={}", escape(script))
}
