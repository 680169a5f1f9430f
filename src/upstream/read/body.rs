//! An answer's body on its way from the API server: bounded in size and time, and of a list only what its reader is shown.

use std::{
    fmt,
    future::poll_fn,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use tokio::time::{Instant, Sleep, sleep_until};

use super::filter::{Filter, FilterError};
use crate::cluster::AnswerBody;

/// The body of one answer. Whatever ends it before its end is an error, so that nothing cut looks whole.
pub struct ReadBody {
    incoming: AnswerBody,
    course: Course,
    /// What came before anybody asked.
    first: Option<Bytes>,
    room_bytes: u64,
    limit_bytes: u64,
    until: Instant,
    silence: Option<Pin<Box<Sleep>>>,
}

/// What is done with the bytes.
pub(super) enum Course {
    /// They go on as they are.
    Straight,
    /// They are a list.
    Filtered(Box<Filter>),
    /// Nothing more may come.
    Ended,
}

/// Why a body ended before its end.
#[derive(Debug, thiserror::Error)]
pub enum ReadBodyError {
    /// The connection to the API server broke, or what came was no HTTP.
    #[error("the API server broke the connection in the middle of its answer")]
    Broken(#[source] hyper::Error),
    /// The API server stopped in the middle.
    #[error("the API server sent nothing for {SILENCE:?} in the middle of its answer")]
    Silent,
    /// It went on and on.
    #[error("the answer was not through after {LONGEST:?}")]
    TooSlow,
    /// There was more than an answer of this kind may have.
    #[error("the answer is longer than {limit_bytes} bytes; ask for less with limit or a selector")]
    TooLarge {
        /// The limit.
        limit_bytes: u64,
    },
    /// What came is no list.
    #[error(transparent)]
    List(#[from] FilterError),
}

impl ReadBody {
    pub(super) fn new(incoming: AnswerBody, course: Course, limit_bytes: u64) -> Self {
        let until = Instant::now() + LONGEST;
        Self { incoming, course, first: None, room_bytes: limit_bytes, limit_bytes, until, silence: None }
    }

    /// Waits for the first piece, so that an answer that is wrong from its beginning can still be refused in words.
    pub(super) async fn begin(&mut self) -> Result<(), ReadBodyError> {
        match poll_fn(|cx| self.poll_passed(cx)).await {
            Some(Ok(first)) => self.first = Some(first),
            Some(Err(error)) => return Err(error),
            None => self.course = Course::Ended,
        }
        Ok(())
    }

    /// Takes what has come.
    fn take(&mut self, data: &[u8]) -> Result<(), ReadBodyError> {
        let length = data.len() as u64;
        let room = self.room_bytes.checked_sub(length);
        self.room_bytes = room.ok_or(ReadBodyError::TooLarge { limit_bytes: self.limit_bytes })?;
        Ok(())
    }

    /// What of it goes on.
    fn passed(&mut self, data: Bytes) -> Result<Bytes, ReadBodyError> {
        self.take(&data)?;
        match &mut self.course {
            Course::Straight => Ok(data),
            Course::Filtered(filter) => Ok(filter.push(&data)?),
            Course::Ended => Ok(Bytes::new()),
        }
    }

    /// The next piece from the API server, as long as it is not silent for too long.
    fn poll_incoming(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, ReadBodyError>>> {
        loop {
            match Pin::new(&mut self.incoming).poll_frame(cx) {
                Poll::Ready(frame) => {
                    self.silence = None;
                    match frame.transpose().map_err(ReadBodyError::Broken) {
                        Ok(None) => return Poll::Ready(None),
                        Err(error) => return Poll::Ready(Some(Err(error))),
                        // Trailers end with us.
                        Ok(Some(frame)) => {
                            if let Ok(data) = frame.into_data() {
                                return Poll::Ready(Some(Ok(data)));
                            }
                        }
                    }
                }
                Poll::Pending => {
                    ready!(self.poll_silence(cx));
                    let late = Instant::now() >= self.until;
                    let error = if late { ReadBodyError::TooSlow } else { ReadBodyError::Silent };
                    return Poll::Ready(Some(Err(error)));
                }
            }
        }
    }

    /// The clock runs only while the client waits for the API server: a client that does not take what has come is another's care.
    fn poll_silence(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let until = self.until.min(Instant::now() + SILENCE);
        let silence = self.silence.get_or_insert_with(|| Box::pin(sleep_until(until)));
        silence.as_mut().poll(cx)
    }

    fn poll_passed(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, ReadBodyError>>> {
        loop {
            let passed = match ready!(self.poll_incoming(cx)) {
                Some(Ok(_)) if Instant::now() >= self.until => Err(ReadBodyError::TooSlow),
                Some(Ok(data)) => self.passed(data),
                Some(Err(error)) => Err(error),
                None => {
                    let finished = match &self.course {
                        Course::Filtered(filter) => filter.finish(),
                        Course::Straight | Course::Ended => Ok(()),
                    };
                    match finished {
                        Ok(()) => return Poll::Ready(None),
                        Err(error) => Err(error.into()),
                    }
                }
            };
            match passed {
                Ok(bytes) if bytes.is_empty() => {}
                passed => return Poll::Ready(Some(passed)),
            }
        }
    }
}

impl Body for ReadBody {
    type Data = Bytes;
    type Error = ReadBodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, ReadBodyError>>> {
        if let Some(first) = self.first.take() {
            return Poll::Ready(Some(Ok(Frame::data(first))));
        }
        if matches!(self.course, Course::Ended) {
            return Poll::Ready(None);
        }
        let passed = ready!(self.poll_passed(cx));
        if !matches!(passed, Some(Ok(_))) {
            self.course = Course::Ended;
        }
        Poll::Ready(passed.map(|passed| passed.map(Frame::data)))
    }

    fn is_end_stream(&self) -> bool {
        match self.course {
            _ if self.first.is_some() => false,
            Course::Straight => self.incoming.is_end_stream(),
            Course::Filtered(_) => false,
            Course::Ended => true,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self.course {
            Course::Straight => {
                let first = self.first.as_ref().map_or(0, Bytes::len) as u64;
                self.incoming
                    .size_hint()
                    .exact()
                    .map_or_else(SizeHint::default, |rest| SizeHint::with_exact(rest.saturating_add(first)))
            }
            Course::Filtered(_) => SizeHint::default(),
            Course::Ended => SizeHint::with_exact(0),
        }
    }
}

impl fmt::Debug for ReadBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReadBody").field("room_bytes", &self.room_bytes).finish_non_exhaustive()
    }
}

/// An API server that works sends what it has; one of many megabytes takes no pause this long.
pub(super) const SILENCE: Duration = Duration::from_secs(30);
/// Five times what an API server gives a request (`--request-timeout`), for lines that are slow.
pub(super) const LONGEST: Duration = Duration::from_mins(5);
