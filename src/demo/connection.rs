//! One TCP connection: hyper reads requests and answers most of them; a handshake, agreed or refused, takes the connection out of
//! its hands, because hyper would not write it as Kubernetes does.

use std::fmt;
use std::future::{Ready, poll_fn, ready};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;

use super::handshake::{Passage, RawRefusal};
use super::link::Wire;
use super::refusal::Answer;
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
    let service = service_fn(|request: http::Request<hyper::body::Incoming>| -> Ready<Result<Answer, _>> {
        let (head, _) = request.into_parts();
        let taken = match routes::reply(state, &head) {
            Reply::Answer(answer) => return ready(Ok(answer)),
            Reply::Raw(refusal) => Next::Raw(refusal),
            Reply::Session(opening) => Next::Session(opening),
        };
        *next.lock().unwrap_or_else(PoisonError::into_inner) = Some(taken);
        ready(Err(TakenOver))
    });
    let mut connection = http1::Builder::new().serve_connection(TokioIo::new(wire), service);
    if let Err(error) = poll_fn(|context| connection.poll_without_shutdown(context)).await {
        tracing::trace!(%error, "hyper has left a connection of the demo cluster");
    }
    let http1::Parts { io, read_buf, .. } = connection.into_parts();
    let next = next.lock().unwrap_or_else(PoisonError::into_inner).take();
    (io.into_inner(), read_buf, next)
}

async fn serve_session(mut wire: Wire, early: Bytes, opening: &Opening, state: &Arc<State>) {
    let answered = async {
        wire.write_all(&opening.head).await?;
        wire.flush().await
    };
    // What came before the 101 is lost in the buffer of whoever copies.
    let early = if opening.terms.passage == Passage::Direct { early } else { Bytes::new() };
    if answered.await.is_ok() {
        session::run(wire, early, &opening.terms, &state.house, opening.start(state)).await;
    }
}
