//! An answer's body on its way from the page's own server.

use std::error::Error;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};
use tracing::warn;

/// The body as it comes in. An error in it breaks the client's connection: nothing cut looks whole.
pub(super) struct Passed {
    incoming: Incoming,
    url: String,
    end: Option<Pin<Box<WaitForCancellationFutureOwned>>>,
}

/// Why a body ended before its end.
#[derive(Debug, thiserror::Error)]
pub(super) enum CutError {
    #[error("the page's server broke off its answer")]
    Broken(#[source] hyper::Error),
    #[error("execgate stops")]
    Stopping,
}

impl Passed {
    pub(super) fn new(incoming: Incoming, url: String) -> Self {
        Self { incoming, url, end: None }
    }

    /// The same, cut off as soon as `stopping` is cancelled.
    pub(super) fn until(self, stopping: CancellationToken) -> Self {
        Self { end: Some(Box::pin(stopping.cancelled_owned())), ..self }
    }
}

impl Body for Passed {
    type Data = Bytes;
    type Error = Box<dyn Error + Send + Sync>;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        if self.end.as_mut().is_some_and(|end| end.as_mut().poll(cx).is_ready()) {
            self.end = None;
            return Poll::Ready(Some(Err(CutError::Stopping.into())));
        }
        let polled = Pin::new(&mut self.incoming).poll_frame(cx);
        polled.map(|frame| {
            frame.map(|frame| {
                frame.map_err(|error| {
                    warn!(frontend.url = self.url, %error, "the page's server broke off its answer");
                    CutError::Broken(error).into()
                })
            })
        })
    }

    fn is_end_stream(&self) -> bool {
        self.incoming.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.incoming.size_hint()
    }
}
