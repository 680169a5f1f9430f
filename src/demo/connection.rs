//! One TCP connection: hyper reads requests and answers most of them; a handshake, agreed or refused, takes the connection out of
//! its hands, because hyper would not write it as Kubernetes does.

use std::fmt;
use std::future::poll_fn;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Collected, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;

use super::handshake::RawRefusal;
use super::link::Wire;
use super::refusal::Answer;
use super::reviews::{self, Review};
use super::routes;
use super::session;
use super::state::State;
use super::visit::{Opening, Reply};

/// hyper's way out: the service fails with this, and nothing is written.
#[derive(Debug)]
struct TakenOver;

impl fmt::Display for TakenOver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the connection was taken over")
    }
}

impl std::error::Error for TakenOver {}

/// What comes after hyper.
enum Next {
    Raw(RawRefusal),
    Session(Box<Opening>),
}

/// Serves a connection to its end, or until the cluster stops.
pub(super) async fn serve(stream: TcpStream, tls: Option<TlsAcceptor>, state: Arc<State>) {
    let stop = state.house.stop.clone();
    tokio::select! {
        () = run(stream, tls, &state) => {}
        () = stop.cancelled() => {}
    }
}

async fn run(stream: TcpStream, tls: Option<TlsAcceptor>, state: &Arc<State>) {
    // Go sets it on every connection; one that is gone already is noticed at the first read.
    let _ = stream.set_nodelay(true);
    let wire: Wire = match tls {
        None => Box::new(stream),
        Some(acceptor) => match acceptor.accept(stream).await {
            Ok(stream) => Box::new(stream),
            Err(error) => {
                tracing::debug!(%error, "a TLS handshake with the demo cluster failed");
                return;
            }
        },
    };
    let (mut wire, early, next) = serve_http(wire, state).await;
    match next {
        Some(Next::Raw(RawRefusal(bytes))) => {
            // A client that is gone needs no refusal.
            let _ = wire.write_all(&bytes).await;
            let _ = wire.shutdown().await;
        }
        Some(Next::Session(opening)) => serve_session(wire, early, &opening, state).await,
        None => {
            let _ = wire.shutdown().await;
        }
    }
}

async fn serve_http(wire: Wire, state: &Arc<State>) -> (Wire, Bytes, Option<Next>) {
    let next = Mutex::new(None);
    // Boxed: hyper gives the connection back only if nothing in it is pinned.
    let service = service_fn(|request| Box::pin(answer(request, state, &next)));
    let mut connection = http1::Builder::new().serve_connection(TokioIo::new(wire), service);
    if let Err(error) = poll_fn(|context| connection.poll_without_shutdown(context)).await {
        tracing::trace!(%error, "hyper has left a connection of the demo cluster");
    }
    let http1::Parts { io, read_buf, .. } = connection.into_parts();
    let next = next.lock().unwrap_or_else(PoisonError::into_inner).take();
    (io.into_inner(), read_buf, next)
}

async fn answer(
    request: http::Request<Incoming>,
    state: &Arc<State>,
    next: &Mutex<Option<Next>>,
) -> Result<Answer, TakenOver> {
    let (head, body) = request.into_parts();
    let body = if Review::asked(&head).is_some() { whole(body).await } else { Bytes::new() };
    let taken = match routes::reply(state, &head, &body) {
        Reply::Answer(answer) => return Ok(answer),
        Reply::Raw(refusal) => Next::Raw(refusal),
        Reply::Session(opening) => Next::Session(opening),
    };
    *next.lock().unwrap_or_else(PoisonError::into_inner) = Some(taken);
    Err(TakenOver)
}

/// A review's body; one that is too long or breaks off is as good as none.
async fn whole(body: Incoming) -> Bytes {
    let read = Limited::new(body, reviews::BODY_LIMIT).collect().await;
    read.map(Collected::to_bytes).unwrap_or_default()
}

async fn serve_session(mut wire: Wire, early: Bytes, opening: &Opening, state: &Arc<State>) {
    let answered = async {
        wire.write_all(&opening.head).await?;
        wire.flush().await
    };
    if answered.await.is_ok() {
        session::run(wire, early, &opening.terms, &state.house, opening.start(state)).await;
    }
}
