//! A request's body on its way to the page's own server.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use tokio::time::{Sleep, sleep};

/// The body as it comes in. Only what the server takes is read of it, so that a slow server slows the client down; but a client that
/// announced a body and is silent would hold a place for ever.
pub(super) struct Upload {
    incoming: Incoming,
    silence: Option<Pin<Box<Sleep>>>,
}

/// Why a body did not arrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(in crate::front) enum UploadError {
    #[error("the rest of the request's body did not come within {SILENCE_LIMIT:?}")]
    Silent,
    #[error("the request's body broke off")]
    Cut,
}

/// As long as a client may take to read an answer.
const SILENCE_LIMIT: Duration = Duration::from_mins(1);

impl Upload {
    pub(super) fn new(incoming: Incoming) -> Self {
        Self { incoming, silence: None }
    }
}

impl Body for Upload {
    type Data = Bytes;
    type Error = UploadError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, UploadError>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.incoming).poll_frame(cx) {
            self.silence = None;
            return Poll::Ready(frame.map(|frame| frame.map_err(|_| UploadError::Cut)));
        }
        let silence = self.silence.get_or_insert_with(|| Box::pin(sleep(SILENCE_LIMIT)));
        silence.as_mut().poll(cx).map(|()| Some(Err(UploadError::Silent)))
    }

    fn is_end_stream(&self) -> bool {
        self.incoming.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.incoming.size_hint()
    }
}
