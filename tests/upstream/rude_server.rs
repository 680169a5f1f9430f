//! A server that answers each connection as the script says, however rude, and tells what it was sent.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use rustls::ServerConfig;
use socket2::SockRef;
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::mpsc,
};
use tokio_rustls::TlsAcceptor;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_util::task::AbortOnDropHandle;

/// What to do with one connection once its request's head has come.
#[derive(Clone)]
pub(crate) enum Reply {
    /// Write these pieces one by one (`{accept}` stands for the right accept key), then wait for the client to leave.
    Say(Vec<Vec<u8>>),
    /// The same, then close.
    SayAndClose(Vec<Vec<u8>>),
    /// A head, then body bytes for as long as the client takes them.
    Flood(&'static str),
    /// Nothing, ever.
    Silence,
    /// A reset instead of an answer.
    Reset,
    /// These bytes as soon as the client has said its first one, whatever it speaks; then wait for the client to leave.
    Interrupt(&'static str),
    /// These bytes one at a time, `{accept}` as above.
    Drip(Vec<u8>),
}

/// What one connection brought.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// The request's head.
    pub(crate) head: String,
    /// Everything after it.
    pub(crate) after: Vec<u8>,
    /// What ALPN settled on.
    pub(crate) alpn: Option<Vec<u8>>,
    /// The client's certificates.
    pub(crate) client_certificates: usize,
}

/// Listens on a port of its own until it is dropped.
pub(crate) struct RudeServer {
    pub(crate) address: SocketAddr,
    seen: mpsc::Receiver<Seen>,
    _task: AbortOnDropHandle<()>,
}

impl Reply {
    /// A 101 that chooses `subprotocol`, with `frames` in the same segment.
    pub(crate) fn switch(subprotocol: &str, frames: &[u8]) -> Self {
        Self::Say(vec![switch(subprotocol, frames)])
    }

    /// The same, byte by byte.
    pub(crate) fn switch_slowly(subprotocol: &str, frames: &[u8]) -> Self {
        Self::Drip(switch(subprotocol, frames))
    }

    /// Text as it is.
    pub(crate) fn text(text: &str) -> Self {
        Self::Say(vec![text.as_bytes().to_vec()])
    }

    /// x/net's answer to an offer in which it knows nothing: empty, and ended by the connection.
    pub(crate) fn empty_forbidden() -> Self {
        Self::SayAndClose(vec![b"HTTP/1.1 403 Forbidden\r\n\r\n".to_vec()])
    }

    /// An answer with a body of that type.
    pub(crate) fn body(status: &str, content_type: &str, body: &str) -> Self {
        let length = body.len();
        Self::text(&format!(
            "HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nContent-Length: {length}\r\n\r\n{body}"
        ))
    }
}

impl Seen {
    /// The request line.
    pub(crate) fn request_line(&self) -> &str {
        self.head.lines().next().unwrap_or_default()
    }

    /// All values of a header.
    pub(crate) fn header(&self, name: &str) -> Vec<&str> {
        self.head
            .lines()
            .filter_map(|line| line.split_once(": "))
            .filter(|(found, _)| found.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
            .collect()
    }
}

impl RudeServer {
    /// Answers the connections as they come, each with the next reply; then it stops listening.
    pub(crate) async fn start(tls: Option<Arc<ServerConfig>>, script: Vec<Reply>) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (report, seen) = mpsc::channel(16);
        let task = tokio::spawn(async move {
            for reply in script {
                let (tcp, _) = listener.accept().await.unwrap();
                let seen = match &tls {
                    None => serve(tcp, Seen::default(), reply).await,
                    Some(config) => over_tls(tcp, config, reply).await,
                };
                // A test that has ended listens no more.
                let _ = report.send(seen).await;
            }
        });
        Self { address, seen, _task: AbortOnDropHandle::new(task) }
    }

    /// What the next connection brought, once it has ended.
    pub(crate) async fn seen(&mut self) -> Seen {
        self.seen.recv().await.expect("there was such a connection")
    }

    /// True if there was no connection but those that were told.
    pub(crate) fn is_alone(&mut self) -> bool {
        self.seen.try_recv().is_err()
    }
}

fn switch(subprotocol: &str, frames: &[u8]) -> Vec<u8> {
    let head = format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {ACCEPT}\r\nSec-WebSocket-Protocol: {subprotocol}\r\n\r\n"
    );
    [head.as_bytes(), frames].concat()
}

/// A port on which nobody listens.
pub(crate) async fn dead_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    listener.local_addr().unwrap().port()
}

async fn over_tls(tcp: TcpStream, config: &Arc<ServerConfig>, reply: Reply) -> Seen {
    if matches!(reply, Reply::Silence) {
        return serve(tcp, Seen::default(), reply).await;
    }
    let Ok(stream) = TlsAcceptor::from(Arc::clone(config)).accept(tcp).await else {
        return Seen::default();
    };
    let session = stream.get_ref().1;
    let seen = Seen {
        alpn: session.alpn_protocol().map(<[u8]>::to_vec),
        client_certificates: session.peer_certificates().map_or(0, <[_]>::len),
        ..Seen::default()
    };
    serve(stream, seen, reply).await
}

async fn serve<S: AsyncRead + AsyncWrite + Unpin + Rude>(
    mut stream: S,
    mut seen: Seen,
    reply: Reply,
) -> Seen {
    match reply {
        Reply::Silence => {}
        Reply::Reset => {
            seen.head = read_head(&mut stream).await;
            stream.reset();
            return seen;
        }
        Reply::Flood(head) => {
            seen.head = read_head(&mut stream).await;
            stream.write_all(head.as_bytes()).await.unwrap();
            while stream.write_all(&[b'x'; 16 * 1024]).await.is_ok() {}
        }
        Reply::Interrupt(text) => {
            stream.read_u8().await.unwrap();
            stream.write_all(text.as_bytes()).await.unwrap();
        }
        Reply::Drip(bytes) => {
            seen.head = read_head(&mut stream).await;
            for byte in fill(&bytes, &seen) {
                write_piece(&mut stream, &[byte]).await;
            }
        }
        Reply::Say(ref pieces) | Reply::SayAndClose(ref pieces) => {
            seen.head = read_head(&mut stream).await;
            for piece in pieces {
                write_piece(&mut stream, &fill(piece, &seen)).await;
            }
            if matches!(reply, Reply::SayAndClose(_)) {
                let _ = stream.shutdown().await;
                return seen;
            }
        }
    }
    // Whatever ends it, what came before counts.
    let _ = stream.read_to_end(&mut seen.after).await;
    seen
}

async fn write_piece(stream: &mut (impl AsyncWrite + Unpin), piece: &[u8]) {
    stream.write_all(piece).await.unwrap();
    stream.flush().await.unwrap();
    tokio::task::yield_now().await;
}

/// Puts the accept key in its place.
fn fill(piece: &[u8], seen: &Seen) -> Vec<u8> {
    let accept = derive_accept_key(seen.header("sec-websocket-key").concat().as_bytes());
    match piece.windows(ACCEPT.len()).position(|window| window == ACCEPT.as_bytes()) {
        Some(at) => [&piece[..at], accept.as_bytes(), &piece[at + ACCEPT.len()..]].concat(),
        None => piece.to_vec(),
    }
}

async fn read_head(stream: &mut (impl AsyncRead + Unpin)) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => break,
        }
    }
    String::from_utf8(head).unwrap()
}

/// Stands for the accept key that fits the request.
const ACCEPT: &str = "{accept}";

/// What can be closed with a reset.
trait Rude {
    fn reset(self);
}

impl Rude for TcpStream {
    fn reset(self) {
        SockRef::from(&self).set_linger(Some(Duration::ZERO)).unwrap();
    }
}

impl Rude for tokio_rustls::server::TlsStream<TcpStream> {
    fn reset(self) {
        self.into_inner().0.reset();
    }
}
