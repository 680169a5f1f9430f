//! A client that hides nothing: it writes the bytes it is given and shows the bytes it gets.

use std::sync::Arc;
use std::time::Duration;

use execgate::demo::{DemoCluster, DemoSettings, Scheme};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use secrecy::ExposeSecret as _;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// The mask of the reference's vectors.
pub(crate) const MASK: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];
/// A test that waits longer than this has failed.
const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) trait Socket: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Socket for T {}

/// A cluster on plain HTTP: TLS is one test's concern.
pub(crate) async fn cluster() -> DemoCluster {
    cluster_with(DemoSettings::default()).await
}

/// The same with other settings.
pub(crate) async fn cluster_with(settings: DemoSettings) -> DemoCluster {
    let scheme = Scheme::Http;
    DemoCluster::start(DemoSettings { scheme, ..settings }).await.unwrap()
}

/// A request head under construction; by default a proper upgrade with the cluster's token.
pub(crate) struct Ask {
    method: &'static str,
    target: String,
    headers: Vec<(String, String)>,
}

/// An answer that is no 101.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) head: String,
    pub(crate) body: String,
}

/// One frame from the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Frame {
    pub(crate) first: u8,
    pub(crate) payload: Vec<u8>,
}

/// What a session said until the connection ended.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Transcript {
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: Vec<u8>,
    pub(crate) statuses: Vec<String>,
    /// Payloads of close frames.
    pub(crate) closes: Vec<Vec<u8>>,
    /// First byte of the last frame.
    pub(crate) last: u8,
}

pub(crate) struct Session {
    socket: Box<dyn Socket>,
    buffer: Vec<u8>,
    pub(crate) head: String,
}

impl Ask {
    pub(crate) fn new(cluster: &DemoCluster, method: &'static str, target: impl Into<String>) -> Self {
        let token = cluster.token();
        let ask = Self { method, target: target.into(), headers: Vec::new() };
        ask.header("Host", "apiserver:6443")
            .header("Authorization", &format!("Bearer {}", token.expose_secret()))
    }

    /// exec in a container of web-0.
    pub(crate) fn exec(cluster: &DemoCluster, query: &str) -> Self {
        let target = format!("/api/v1/namespaces/default/pods/web-0/exec?container=app&{query}");
        Self::new(cluster, "GET", target).upgrade()
    }

    /// exec of a shell script with stdin, stdout and stderr.
    pub(crate) fn script(cluster: &DemoCluster, script: &str) -> Self {
        Self::exec(cluster, &format!("command=sh&command=-c&command={}&{PIPES}", escape(script)))
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

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(key, _)| !key.eq_ignore_ascii_case(name));
        self
    }

    fn bytes(&self) -> Vec<u8> {
        let mut head = format!("{} {} HTTP/1.1\r\n", self.method, self.target);
        for (name, value) in &self.headers {
            head.extend([name, ": ", value, "\r\n"]);
        }
        (head + "\r\n").into_bytes()
    }

    /// Expects a refusal.
    pub(crate) async fn refused(self, cluster: &DemoCluster) -> Answer {
        let mut socket = connect(cluster).await;
        let ask = self.header("X-End", "1");
        socket.write_all(&ask.bytes()).await.unwrap();
        read_answer(&mut socket).await
    }

    /// Expects a 101.
    pub(crate) async fn open(self, cluster: &DemoCluster) -> Session {
        self.open_with(cluster, &[]).await
    }

    /// Expects a 101, with frames in the same segment as the head.
    pub(crate) async fn open_with(self, cluster: &DemoCluster, early: &[u8]) -> Session {
        let mut socket = connect(cluster).await;
        socket.write_all(&[&self.bytes(), early].concat()).await.unwrap();
        let mut session = Session { socket, buffer: Vec::new(), head: String::new() };
        session.head = session.read_head().await;
        assert!(session.head.starts_with("HTTP/1.1 101 "), "{}", session.head);
        session
    }
}

/// stdin, stdout and stderr without a terminal.
pub(crate) const PIPES: &str = "stdin=1&stdout=1&stderr=1";
/// A terminal.
pub(crate) const TTY: &str = "stdin=1&stdout=1&tty=1";

impl Answer {
    pub(crate) fn code(&self) -> u16 {
        self.head.split(' ').nth(1).unwrap().parse().unwrap()
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    pub(crate) fn message(&self) -> String {
        self.json()["message"].as_str().unwrap().to_owned()
    }
}

impl Session {
    /// Sends a masked frame.
    pub(crate) async fn frame(&mut self, first: u8, payload: &[u8]) {
        self.raw(&masked(first, payload)).await;
    }

    /// Sends a binary message.
    pub(crate) async fn send(&mut self, payload: &[u8]) {
        self.frame(0x82, payload).await;
    }

    /// Sends these very bytes.
    pub(crate) async fn raw(&mut self, bytes: &[u8]) {
        tokio::time::timeout(PATIENCE, self.socket.write_all(bytes))
            .await
            .expect("the server takes no bytes")
            .unwrap();
    }

    /// The next frame; `None` at the end of the connection, however it comes.
    pub(crate) async fn next(&mut self) -> Option<Frame> {
        loop {
            if let Some((frame, length)) = parse(&self.buffer) {
                self.buffer.drain(..length);
                return Some(frame);
            }
            if !self.fill().await {
                assert!(self.buffer.is_empty(), "cut frame {:?}", self.buffer);
                return None;
            }
        }
    }

    /// The payload of the next frame.
    pub(crate) async fn payload(&mut self) -> Vec<u8> {
        self.next().await.expect("the connection has ended").payload
    }

    /// Reads binary stdout until it ends with `text`.
    pub(crate) async fn until(&mut self, text: &str) -> String {
        let mut seen = Vec::new();
        while !seen.ends_with(text.as_bytes()) {
            let payload = self.payload().await;
            assert_eq!(payload[0], 1, "{:?}", String::from_utf8_lossy(&payload));
            seen.extend(&payload[1..]);
        }
        String::from_utf8(seen).unwrap()
    }

    /// Everything to the end of the connection, byte for byte.
    pub(crate) async fn rest(&mut self) -> Vec<u8> {
        while self.fill().await {}
        std::mem::take(&mut self.buffer)
    }

    /// Everything to the end of the connection, sorted by channel; raw subprotocols only.
    pub(crate) async fn transcript(&mut self) -> Transcript {
        let mut transcript = Transcript::default();
        while let Some(Frame { first, payload }) = self.next().await {
            transcript.last = first;
            match (first, payload.first()) {
                (0x88, _) => transcript.closes.push(payload),
                (0x82, Some(1)) => transcript.stdout.extend(&payload[1..]),
                (0x82, Some(2)) => transcript.stderr.extend(&payload[1..]),
                (0x82, Some(3)) if payload.len() > 1 => {
                    transcript.statuses.push(String::from_utf8(payload[1..].to_vec()).unwrap());
                }
                (0x82, Some(3)) => {}
                other => panic!("{other:?}"),
            }
        }
        transcript
    }

    /// Half of a connection ends.
    pub(crate) async fn shut_down(&mut self) {
        self.socket.shutdown().await.unwrap();
    }

    async fn read_head(&mut self) -> String {
        loop {
            let end = self.buffer.windows(4).position(|window| window == b"\r\n\r\n");
            if let Some(end) = end {
                let head = self.buffer.drain(..end + 4).collect();
                return String::from_utf8(head).unwrap();
            }
            assert!(self.fill().await, "no head: {:?}", self.buffer);
        }
    }

    /// False at the end: closed or reset.
    async fn fill(&mut self) -> bool {
        let read = tokio::time::timeout(PATIENCE, self.socket.read_buf(&mut self.buffer));
        read.await.expect("the server says nothing").unwrap_or(0) > 0
    }
}

/// A masked frame with that first byte.
pub(crate) fn masked(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![first];
    match payload.len() {
        length @ ..=125 => frame.push(0x80 | u8::try_from(length).unwrap()),
        length @ ..=0xffff => {
            frame.push(0xfe);
            frame.extend(u16::try_from(length).unwrap().to_be_bytes());
        }
        length => {
            frame.push(0xff);
            frame.extend((length as u64).to_be_bytes());
        }
    }
    frame.extend(MASK);
    let mask = MASK.iter().cycle();
    frame.extend(payload.iter().zip(mask).map(|(byte, key)| byte ^ key));
    frame
}

/// Percent-encodes for a query.
pub(crate) fn escape(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

/// Bytes from `82 01 01`.
pub(crate) fn hex(text: &str) -> Vec<u8> {
    text.split_whitespace().map(|byte| u8::from_str_radix(byte, 16).unwrap()).collect()
}

async fn connect(cluster: &DemoCluster) -> Box<dyn Socket> {
    let stream = TcpStream::connect(cluster.address()).await.unwrap();
    if cluster.server_url().starts_with("http://") {
        return Box::new(stream);
    }
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(cluster.ca_pem().as_bytes()).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let connector = tokio_rustls::TlsConnector::from(Arc::new(config));
    let name = ServerName::try_from("127.0.0.1").unwrap();
    Box::new(connector.connect(name, stream).await.unwrap())
}

async fn read_answer(socket: &mut Box<dyn Socket>) -> Answer {
    let mut bytes = Vec::new();
    loop {
        if let Some(answer) = whole_answer(&bytes) {
            return answer;
        }
        let read = tokio::time::timeout(PATIENCE, socket.read_buf(&mut bytes));
        if read.await.expect("no answer").unwrap() == 0 {
            let text = String::from_utf8(bytes).unwrap();
            let (head, body) = text.split_once("\r\n\r\n").expect("an answer's head");
            return Answer { head: format!("{head}\r\n"), body: body.to_owned() };
        }
    }
}

/// An answer whose length is told.
fn whole_answer(bytes: &[u8]) -> Option<Answer> {
    let text = String::from_utf8_lossy(bytes);
    let (head, body) = text.split_once("\r\n\r\n")?;
    let length = head
        .lines()
        .find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
    (body.len() >= length?).then(|| Answer { head: format!("{head}\r\n"), body: body.to_owned() })
}

fn parse(bytes: &[u8]) -> Option<(Frame, usize)> {
    let (&first, rest) = bytes.split_first()?;
    let (length, start) = match *rest.first()? {
        126 => (usize::from(u16::from_be_bytes(*rest[1..].first_chunk()?)), 4),
        127 => {
            let length = u64::from_be_bytes(*rest[1..].first_chunk()?);
            (usize::try_from(length).unwrap(), 10)
        }
        length => {
            assert!(length < 126, "the server must not mask");
            (usize::from(length), 2)
        }
    };
    let payload = bytes.get(start..start + length)?.to_vec();
    Some((Frame { first, payload }, start + length))
}
