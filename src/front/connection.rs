//! One accepted connection: TLS, then HTTP/1.1 within its limits, until it closes or is upgraded.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Uri, header};
use hyper::body::{Body, Frame, SizeHint};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::sync::{OwnedSemaphorePermit, watch};
use tokio::time::{Instant, timeout_at};
use tokio_util::sync::CancellationToken;
use tracing::debug;

use super::Front;
use super::content::Content;
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

/// Who has to do something on a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Turn {
    /// A request is being answered; that takes as long as a dial does, or the silence of an API server or a page's own may last.
    Ours,
    /// Since then: to read the answer, and to ask again or leave.
    Theirs(Instant),
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
    #[error("the request's body is coded; only chunked is understood, without a Content-Length beside it")]
    Framing,
    #[error("the request target is a whole URL; send the path alone")]
    AbsoluteTarget,
}

/// The limits: enough for an URL with a long command and a fat cookie, too little to be a burden.
const HEAD_LIMIT_BYTES: usize = 32 * 1024;
/// Browsers send about 15 headers, load balancers add 10; an attacker's thousands cost memory and time.
const HEADER_COUNT_LIMIT: usize = 100;
/// Both for a head that comes slowly and for an idle kept-alive connection.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);

/// Whoever asks and does not read the answer would hold a place and the kernel's buffers for ever: nothing else of HTTP/1.1 has an
/// end here. Long enough for the page's largest file on a slow line; an answer that streams has as long for each of its pieces.
const ANSWER_TIMEOUT: Duration = Duration::from_mins(1);

/// Serves `transport` until it ends. After `shutdown` the request in flight is answered and no further one is read.
pub(super) async fn serve(transport: Transport, front: Arc<Front>, peer: Peer, shutdown: CancellationToken) {
    let address = peer.address;
    let (turn, turns) = watch::channel(Turn::Theirs(Instant::now()));
    let service = service_fn(|request| {
        turn.send_replace(Turn::Ours);
        let answer = Arc::clone(&front).answer(request, peer.clone());
        async {
            let answer = answer.await;
            turn.send_replace(Turn::Theirs(Instant::now()));
            Ok::<_, Infallible>(answer.map(|content| Paced { content, turn: turn.clone() }))
        }
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
        () = unread(turns) => {
            debug!(client.address = %address, "a client does not read its answer");
            return;
        }
        () = shutdown.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = served {
        debug!(client.address = %address, error = &error as &dyn std::error::Error, "a connection ended badly");
    }
}

/// A body that says whose turn it is: the client's once it was given something, ours while more of it is waited for.
struct Paced {
    content: Content,
    turn: watch::Sender<Turn>,
}

impl Body for Paced {
    type Data = Bytes;
    type Error = <Content as Body>::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let polled = Pin::new(&mut self.content).poll_frame(cx);
        self.turn.send_replace(match polled {
            Poll::Pending => Turn::Ours,
            Poll::Ready(_) => Turn::Theirs(Instant::now()),
        });
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.content.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.content.size_hint()
    }
}

/// Ends when it has been the client's turn for too long.
async fn unread(mut turns: watch::Receiver<Turn>) {
    loop {
        let turn = *turns.borrow_and_update();
        let changed = match turn {
            Turn::Ours => turns.changed().await,
            Turn::Theirs(since) => match timeout_at(since + ANSWER_TIMEOUT, turns.changed()).await {
                Ok(changed) => changed,
                Err(_) => return,
            },
        };
        // Without a sender there is no connection any more, and nobody waits for this.
        if changed.is_err() {
            return;
        }
    }
}

/// What hyper does not check, where no request has a body.
pub(super) fn check_head(uri: &Uri, headers: &HeaderMap) -> Result<(), HeadError> {
    check_target(uri, headers)?;
    if headers.contains_key(header::TRANSFER_ENCODING) {
        return Err(HeadError::TransferEncoding);
    }
    Ok(())
}

/// Whom a request is for.
pub(super) fn check_target(uri: &Uri, headers: &HeaderMap) -> Result<(), HeadError> {
    if uri.authority().is_some() {
        return Err(HeadError::AbsoluteTarget);
    }
    match headers.get_all(header::HOST).iter().count() {
        0 => return Err(HeadError::NoHost),
        1 => {}
        _ => return Err(HeadError::SeveralHosts),
    }
    Ok(())
}

/// How long a body that is passed on is: hyper has undone the chunks and will make new ones, and whatever else it was coded with
/// would be lost to who reads it then.
pub(super) fn check_framing(headers: &HeaderMap) -> Result<(), HeadError> {
    let is_chunked = |value: &http::HeaderValue| value.as_bytes().eq_ignore_ascii_case(b"chunked");
    let mut codings = headers.get_all(header::TRANSFER_ENCODING).iter();
    match (codings.next(), codings.next()) {
        (None, _) => Ok(()),
        (Some(coding), None) if is_chunked(coding) && !headers.contains_key(header::CONTENT_LENGTH) => Ok(()),
        _ => Err(HeadError::Framing),
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::timeout;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_is_not_read_is_waited_for_a_minute_and_a_request_in_hand_for_as_long_as_it_takes()
    {
        let (turn, turns) = watch::channel(Turn::Theirs(Instant::now()));
        let mut ended = tokio::spawn(unread(turns));
        let most = ANSWER_TIMEOUT * 3 / 4;
        turn.send_replace(Turn::Ours);
        assert!(timeout(ANSWER_TIMEOUT * 10, &mut ended).await.is_err());
        turn.send_replace(Turn::Theirs(Instant::now()));
        assert!(timeout(most, &mut ended).await.is_err());
        turn.send_replace(Turn::Theirs(Instant::now()));
        assert!(timeout(most, &mut ended).await.is_err());
        timeout(most, ended).await.expect("a minute is over").unwrap();
    }
}
