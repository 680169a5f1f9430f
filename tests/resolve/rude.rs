//! A server that answers requests as the script says, and tells what it was sent.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;
use tokio_util::task::AbortOnDropHandle;

/// Listens on a port of its own until it is dropped.
pub(crate) struct Rude {
    pub(crate) address: SocketAddr,
    seen: mpsc::Receiver<Seen>,
    _task: AbortOnDropHandle<()>,
}

/// What a request was.
pub(crate) struct Seen {
    pub(crate) head: String,
    pub(crate) body: String,
}

/// An answer of that status with that body.
pub(crate) fn answer(status: &str, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}")
}

impl Rude {
    /// Answers one connection after another with the next of `script`; an empty one is silence.
    pub(crate) async fn start(script: Vec<String>) -> Self {
        Self::over(None, script).await
    }

    /// The same, over TLS.
    pub(crate) async fn over(tls: Option<Arc<ServerConfig>>, script: Vec<String>) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (report, seen) = mpsc::channel(16);
        let task = tokio::spawn(async move {
            for reply in script {
                let (tcp, _) = listener.accept().await.unwrap();
                match &tls {
                    None => serve(tcp, &reply, &report).await,
                    Some(config) => {
                        if let Ok(stream) = TlsAcceptor::from(Arc::clone(config)).accept(tcp).await {
                            serve(stream, &reply, &report).await;
                        }
                    }
                }
            }
        });
        Self { address, seen, _task: AbortOnDropHandle::new(task) }
    }

    /// The next request.
    pub(crate) async fn seen(&mut self) -> Seen {
        self.seen.recv().await.expect("there was such a request")
    }

    /// Whether nobody asked anything but what was told.
    pub(crate) fn is_alone(&mut self) -> bool {
        self.seen.try_recv().is_err()
    }
}

impl Seen {
    /// The value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }
}

async fn serve(mut stream: impl AsyncRead + AsyncWrite + Unpin, reply: &str, report: &mpsc::Sender<Seen>) {
    let mut bytes = Vec::new();
    let (head, length) = loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
            let seen = Seen { head: head.clone(), body: String::new() };
            let length = seen.header("content-length").map_or(0, |length| length.parse().unwrap());
            break (head, end + 4 + length);
        }
        if stream.read_buf(&mut bytes).await.unwrap_or(0) == 0 {
            return;
        }
    };
    while bytes.len() < length {
        stream.read_buf(&mut bytes).await.unwrap();
    }
    let body = String::from_utf8_lossy(&bytes[head.len() + 4..]).into_owned();
    // A test that has ended listens no more, and a client that has enough reads no more.
    let _ = report.send(Seen { head, body }).await;
    let _ = stream.write_all(reply.as_bytes()).await;
    let _ = stream.flush().await;
    let _ = stream.read_to_end(&mut bytes).await;
}
