//! A page's own server: it says what it was sent, and does what its path asks for.

use std::convert::Infallible;
use std::error::Error;
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Empty, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

type Body = BoxBody<Bytes, Box<dyn Error + Send + Sync>>;

/// It listens until the test's runtime ends.
pub(crate) struct PageServer {
    pub(crate) address: SocketAddr,
    connections: Arc<AtomicUsize>,
}

impl PageServer {
    pub(crate) async fn start() -> Self {
        Self::start_behind(None).await
    }

    /// With TLS, if there is a configuration for it.
    pub(crate) async fn start_behind(tls: Option<Arc<rustls::ServerConfig>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let connections = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&connections);
        tokio::spawn(async move {
            while let Ok((tcp, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::Relaxed);
                match &tls {
                    None => drop(tokio::spawn(serve(tcp))),
                    Some(tls) => {
                        let accept = tokio_rustls::TlsAcceptor::from(Arc::clone(tls)).accept(tcp);
                        tokio::spawn(async move { serve(accept.await.unwrap()).await });
                    }
                }
            }
        });
        Self { address, connections }
    }

    /// How often somebody connected.
    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }
}

async fn serve(io: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) {
    let service = service_fn(|request| async { Ok::<_, Infallible>(answer(request).await) });
    let connection = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(io), service);
    // The test sees at its own end how a connection ends.
    let _ = connection.with_upgrades().await;
}

async fn answer(request: Request<Incoming>) -> Response<Body> {
    match request.uri().path() {
        "/count" => {
            let body = request.into_body().collect().await.unwrap();
            let trailers = body.trailers().map_or(0, HeaderMap::len);
            text(&format!("{} bytes, {trailers} trailers", body.to_bytes().len()))
        }
        // What comes in goes out, piece by piece.
        "/echo" => Response::new(request.into_body().map_err(Into::into).boxed()),
        "/events" => {
            let mut answer = Response::new(endless("data: 1\n\n"));
            answer.headers_mut().insert("content-type", HeaderValue::from_static("text/event-stream"));
            answer
        }
        "/endless" => Response::new(endless("a piece")),
        "/gone" => panic!("the connection ends"),
        "/hop" => {
            let mut answer = text("hop");
            for (name, value) in [
                ("connection", "keep-alive, x-hop"),
                ("keep-alive", "timeout=1"),
                ("x-hop", "1"),
                ("proxy-authenticate", "Basic"),
                ("x-kept", "1"),
                ("set-cookie", "a=1; Path=/"),
                ("set-cookie", "gate=token; HttpOnly"),
            ] {
                answer.headers_mut().append(name, HeaderValue::from_static(value));
            }
            answer
        }
        "/trailers" => trailers(),
        "/socket" => socket(request),
        _ => told(&request),
    }
}

/// The request as it arrived, a line for each header.
fn told(request: &Request<Incoming>) -> Response<Body> {
    let mut lines = format!("{} {}\n", request.method(), request.uri());
    for (name, value) in request.headers() {
        writeln!(lines, "{name}: {}", String::from_utf8_lossy(value.as_bytes())).unwrap();
    }
    text(&lines)
}

fn text(words: &str) -> Response<Body> {
    Response::new(Full::new(Bytes::from(words.to_owned())).map_err(|never| match never {}).boxed())
}

fn pieces(
    frames: Vec<Result<Frame<Bytes>, Box<dyn Error + Send + Sync>>>,
) -> impl futures_util::Stream<Item = Result<Frame<Bytes>, Box<dyn Error + Send + Sync>>> {
    futures_util::stream::iter(frames)
}

fn endless(piece: &'static str) -> Body {
    use futures_util::StreamExt as _;
    let first = pieces(vec![Ok(Frame::data(Bytes::from_static(piece.as_bytes())))]);
    BodyExt::boxed(StreamBody::new(first.chain(futures_util::stream::pending())))
}

fn trailers() -> Response<Body> {
    let sum = HeaderMap::from_iter([("x-sum".parse().unwrap(), HeaderValue::from_static("42"))]);
    let frames = vec![Ok(Frame::data(Bytes::from_static(b"body"))), Ok(Frame::trailers(sum))];
    let mut answer = Response::new(StreamBody::new(pieces(frames)).boxed());
    answer.headers_mut().insert("trailer", HeaderValue::from_static("x-sum"));
    answer
}

/// Says what it was offered, then every byte back.
fn socket(mut request: Request<Incoming>) -> Response<Body> {
    let Some(key) = request.headers().get("sec-websocket-key").cloned() else {
        return told(&request);
    };
    let offer = request.headers().get("sec-websocket-protocol").cloned();
    let upgrade = hyper::upgrade::on(&mut request);
    tokio::spawn(async move {
        let mut io = TokioIo::new(upgrade.await.unwrap());
        io.write_all(b"hello").await.unwrap();
        let mut buffer = [0; 1024];
        while let Ok(length @ 1..) = io.read(&mut buffer).await {
            io.write_all(&buffer[..length]).await.unwrap();
        }
    });
    let mut answer = Response::new(Empty::new().map_err(|never| match never {}).boxed());
    *answer.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let headers = answer.headers_mut();
    headers.insert("upgrade", HeaderValue::from_static("websocket"));
    headers.insert("connection", HeaderValue::from_static("Upgrade"));
    headers.insert("sec-websocket-accept", derive_accept_key(key.as_bytes()).parse().unwrap());
    headers.insert("x-kept", HeaderValue::from_static("1"));
    headers.extend(offer.map(|offer| (http::header::SEC_WEBSOCKET_PROTOCOL, offer)));
    answer
}
