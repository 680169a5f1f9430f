//! One accepted connection: TLS, then HTTP/1.1 within its limits, until it closes or is upgraded.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderMap, Uri, header};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::sync::OwnedSemaphorePermit;
use tokio_util::sync::CancellationToken;
use tracing::debug;

use super::Front;
use super::origin::Scheme;
use crate::net::Transport;

/// A connection's place among the accepted ones. Whatever outlives the HTTP part of the connection keeps a clone.
pub(super) type Slot = Arc<OwnedSemaphorePermit>;

/// Who is at the other end of a connection.
#[derive(Debug, Clone)]
pub(super) struct Peer {
    /// Its address, for the log.
    pub(super) address: SocketAddr,
    /// How it reached us.
    pub(super) scheme: Scheme,
    /// Its place.
    pub(super) slot: Slot,
}

/// Why a head that hyper lets through is refused: two proxies in a row could read it differently (RFC 9112 sections 3.2 and 6.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum HeadError {
    #[error("the request has no Host header")]
    NoHost,
    #[error("the request has more than one Host header")]
    SeveralHosts,
    // hyper drops a Content-Length that stands beside it, so the two together can't be told from this one alone.
    #[error("the request has a Transfer-Encoding; no path here takes a body")]
    TransferEncoding,
    #[error("the request target is a whole URL; send the path alone")]
    AbsoluteTarget,
}

/// The limits: enough for an URL with a long command and a fat cookie, too little to be a burden.
const HEAD_LIMIT_BYTES: usize = 32 * 1024;
/// Browsers send about 15 headers, load balancers add 10; an attacker's thousands cost memory and time.
const HEADER_COUNT_LIMIT: usize = 100;
/// Both for a head that comes slowly and for an idle kept-alive connection.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);

/// Serves `transport` until it ends. After `shutdown` the request in flight is answered and no further one is read.
pub(super) async fn serve(transport: Transport, front: Arc<Front>, peer: Peer, shutdown: CancellationToken) {
    let address = peer.address;
    let service = service_fn(move |request| {
        let answer = Arc::clone(&front).answer(request, peer.clone());
        async { Ok::<_, Infallible>(answer.await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_header_size(HEAD_LIMIT_BYTES)
        .max_headers(HEADER_COUNT_LIMIT)
        .serve_connection(TokioIo::new(transport), service)
        .with_upgrades();
    let mut connection = Box::pin(connection);
    let served = tokio::select! {
        served = connection.as_mut() => served,
        () = shutdown.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = served {
        debug!(client.address = %address, error = &error as &dyn std::error::Error, "a connection ended badly");
    }
}

/// What hyper does not check.
pub(super) fn check_head(uri: &Uri, headers: &HeaderMap) -> Result<(), HeadError> {
    if uri.authority().is_some() {
        return Err(HeadError::AbsoluteTarget);
    }
    match headers.get_all(header::HOST).iter().count() {
        0 => return Err(HeadError::NoHost),
        1 => {}
        _ => return Err(HeadError::SeveralHosts),
    }
    if headers.contains_key(header::TRANSFER_ENCODING) {
        return Err(HeadError::TransferEncoding);
    }
    Ok(())
}
