//! A request's body on its way to the page's own server.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use tokio::time::{Sleep, sleep};

/// The body as it comes in. Only what the server takes is read of it, so that a slow server slows the client down; but a client that
/// announced a body and is silent would hold a place for ever.
pub(super) struct Upload<B = Incoming> {
    incoming: B,
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

impl<B> Upload<B> {
    pub(super) fn new(incoming: B) -> Self {
        Self { incoming, silence: None }
    }
}

impl<B: Body<Data = Bytes> + Unpin> Body for Upload<B> {
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

#[cfg(test)]
mod tests {
    use http_body_util::{BodyExt as _, Channel};
    use tokio::time::timeout;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_client_may_pause_and_not_fall_silent() {
        let (mut sender, body) = Channel::<Bytes>::new(1);
        let mut upload = Upload::new(body);
        for _ in 0..3 {
            assert!(timeout(SILENCE_LIMIT * 3 / 4, upload.frame()).await.is_err(), "it is waited for");
            sender.send_data("piece".into()).await.unwrap();
            upload.frame().await.expect("a piece").unwrap();
        }
        assert_eq!(upload.frame().await.expect("an error").unwrap_err(), UploadError::Silent);
    }
}
