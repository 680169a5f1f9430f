//! What an answer says: whole, or streaming.

use std::{
    error::Error,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http_body_util::{Full, combinators::UnsyncBoxBody};
use hyper::body::{Body, Frame, SizeHint};

use super::journal::Reading;
use crate::upstream::{ReadBody, ReadBodyError};

/// The body of an answer.
#[derive(Debug)]
pub(super) enum Content {
    /// All of it.
    Whole(Full<Bytes>),
    /// A read.
    Read(Box<ToldRead>),
    /// A file of the page's, or what its own server answers.
    Passed(UnsyncBoxBody<Bytes, BoxError>),
}

/// Whatever cut a body off.
type BoxError = Box<dyn Error + Send + Sync>;

/// A read, and what the log is told of it.
#[derive(Debug)]
pub(super) struct ToldRead {
    body: ReadBody,
    reading: Reading,
}

impl ToldRead {
    pub(super) fn new(body: ReadBody, mut reading: Reading) -> Self {
        if body.is_end_stream() {
            reading.through();
        }
        Self { body, reading }
    }

    fn poll_frame(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, ReadBodyError>>> {
        let polled = Pin::new(&mut self.body).poll_frame(cx);
        match &polled {
            Poll::Pending => {}
            Poll::Ready(Some(Ok(frame))) => {
                self.reading.passed(frame.data_ref().map_or(0, Bytes::len));
                // Nobody asks for more of a body whose length is known and reached.
                if self.body.is_end_stream() {
                    self.reading.through();
                }
            }
            Poll::Ready(Some(Err(error))) => self.reading.cut(error),
            Poll::Ready(None) => self.reading.through(),
        }
        polled
    }
}

impl Content {
    /// No body.
    pub(super) fn empty() -> Self {
        Self::from(Bytes::new())
    }
}

impl<T: Into<Bytes>> From<T> for Content {
    fn from(whole: T) -> Self {
        Self::Whole(Full::new(whole.into()))
    }
}

impl Body for Content {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        match &mut *self {
            Self::Whole(whole) => Pin::new(whole).poll_frame(cx).map_err(Into::into),
            Self::Read(read) => read.poll_frame(cx).map_err(Into::into),
            Self::Passed(passed) => Pin::new(passed).poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Whole(whole) => whole.is_end_stream(),
            Self::Read(read) => read.body.is_end_stream(),
            Self::Passed(passed) => passed.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(whole) => whole.size_hint(),
            Self::Read(read) => read.body.size_hint(),
            Self::Passed(passed) => passed.size_hint(),
        }
    }
}
