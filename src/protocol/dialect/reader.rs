//! Reads what a page of a dialect sends, whatever the cut.

use std::sync::Arc;

use super::json::Said;
use super::{Dialect, DialectError, InputForm};
use crate::protocol::reader::ReadError;
use crate::protocol::{ControlFrame, FrameWalker, Mask, Piece, Sender, TerminalSize};

/// The longest JSON message that is read, in bytes: a page that is given a longer text to paste has to send it in parts. A field can
/// be known only once its message is whole, so as much is held.
pub const MESSAGE_LIMIT: usize = 1024 * 1024;

/// Something that a page said.
#[derive(Debug)]
pub(in crate::protocol) enum Event<'a> {
    /// Typed, with this mask still on.
    Input(&'a [u8], Mask),
    /// A terminal's size; `None` for one that has no columns or rows.
    Size(Option<TerminalSize>),
    /// The page leaves.
    Leave,
    /// A control frame.
    Control(Box<ControlFrame>),
    /// Nothing yet, or nothing that matters.
    Nothing,
}

/// Reads the frames of one page.
#[derive(Debug)]
pub(in crate::protocol) struct DialectReader {
    walker: FrameWalker,
    dialect: Arc<Dialect>,
    /// The message under way.
    message: Vec<u8>,
    /// Input of a message that was read, not all of it passed on yet.
    pending: Option<Pending>,
}

/// The end of its message stays in what was read until all of its input has gone on: nothing is held that the page could not be told
/// to wait for.
#[derive(Debug)]
struct Pending {
    input: Vec<u8>,
    passed: usize,
    /// How many bytes of what was read end the message, and what walks on behind them.
    consumed: usize,
    walker: FrameWalker,
}

impl DialectReader {
    pub(in crate::protocol) fn new(dialect: Arc<Dialect>) -> Self {
        Self { walker: FrameWalker::new(Sender::Client), dialect, message: Vec::new(), pending: None }
    }

    /// Reads from the front of `input`, and gives at most `limit` bytes of what was typed; `None` when more bytes are needed.
    pub(in crate::protocol) fn read<'a, 'b: 'a>(
        &'a mut self,
        input: &mut &'b [u8],
        limit: usize,
    ) -> Result<Option<Event<'a>>, ReadError> {
        if self.pending.is_some() {
            return Ok(Some(self.pass(input, limit)));
        }
        let dialect = Arc::clone(&self.dialect);
        let InputForm::Json(json) = dialect.input() else {
            return self.read_bare(input, limit);
        };
        let mut walker = self.walker.clone();
        let mut rest = *input;
        let Some(piece) = walker.next(&mut rest, usize::MAX)? else {
            (self.walker, *input) = (walker, rest);
            return Ok(None);
        };
        let said = match piece {
            Piece::Control(frame) => {
                (self.walker, *input) = (walker, rest);
                return Ok(Some(Event::Control(frame)));
            }
            Piece::Data { payload, mask, place } => {
                if !walker.is_text() {
                    let dialect = self.dialect.name().to_owned();
                    return Err(DialectError::Binary { dialect }.into());
                }
                if place.starts {
                    self.message.clear();
                }
                self.collect(payload, mask)?;
                if !place.ends {
                    (self.walker, *input) = (walker, rest);
                    return Ok(Some(Event::Nothing));
                }
                json.read(&std::mem::take(&mut self.message), self.dialect.name())?
            }
        };
        if let Said::Input(typed) = said {
            let consumed = input.len().saturating_sub(rest.len());
            self.pending = Some(Pending { input: typed, passed: 0, consumed, walker });
            return Ok(Some(self.pass(input, limit)));
        }
        (self.walker, *input) = (walker, rest);
        Ok(Some(match said {
            Said::Size(size) => Event::Size(size),
            Said::Leave => Event::Leave,
            Said::Input(_) | Said::Nothing => Event::Nothing,
        }))
    }

    fn read_bare<'a>(&mut self, input: &mut &'a [u8], limit: usize) -> Result<Option<Event<'a>>, ReadError> {
        Ok(self.walker.next(input, limit)?.map(|piece| match piece {
            Piece::Control(frame) => Event::Control(frame),
            Piece::Data { payload, mask, .. } => Event::Input(payload, mask),
        }))
    }

    fn collect(&mut self, payload: &[u8], mask: Mask) -> Result<(), DialectError> {
        let begin = self.message.len();
        if begin.saturating_add(payload.len()) > MESSAGE_LIMIT {
            return Err(DialectError::TooLong);
        }
        self.message.extend_from_slice(payload);
        mask.apply(self.message.get_mut(begin..).unwrap_or_default());
        Ok(())
    }

    /// Gives the next part of what was typed, and takes the end of its message as read once there is none.
    fn pass(&mut self, input: &mut &[u8], limit: usize) -> Event<'_> {
        let is_passed = |pending: &Pending| pending.passed == pending.input.len();
        if let Some(passed) = self.pending.take_if(|pending| is_passed(pending)) {
            *input = input.get(passed.consumed..).unwrap_or_default();
            self.walker = passed.walker;
            return Event::Nothing;
        }
        let Some(pending) = &mut self.pending else {
            return Event::Nothing;
        };
        let end = pending.passed.saturating_add(limit.max(1)).min(pending.input.len());
        let begin = std::mem::replace(&mut pending.passed, end);
        Event::Input(pending.input.get(begin..end).unwrap_or_default(), Mask::default())
    }
}
