//! Hands data on in the block that it was read into, where neither side's coding asks for another: frames keep their place, headers
//! are written anew, a client's mask becomes ours.
//!
//! The bytes are read into the outbox of the other side, behind what waits there. Whatever can't be handed on so stays where it is and
//! is taken the ordinary way, by copying.

use super::reader::Reader;
use super::writer::Writer;
use super::{Channel, Outbox};

/// Frames of at least so many bytes of payload are handed on where they stand. Shorter ones are joined, which copies them.
/// A fuzzer makes none as long.
pub(super) const LEAST_FRAME: u64 = if cfg!(fuzzing) { 126 } else { 4096 };

/// Where in an outbox bytes stand that are not its own yet.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span {
    /// How many bytes behind what waits in it.
    pub(super) gap: usize,
    /// How many they are.
    pub(super) count: usize,
}

/// True if what comes next is likely to need no copy.
pub(super) fn is_likely(reader: &Reader, writer: &Writer) -> bool {
    reader.reads_standing() && writer.is_raw()
}

/// How many bytes behind what waits in `outbox` the next ones are to be read, so that they can be handed on there. Ends what is open.
pub(super) fn gap(reader: &Reader, writer: &mut Writer, outbox: &mut Outbox) -> usize {
    writer.close_message(outbox);
    reader.missing(writer.header_size())
}

/// Hands on the data at the front of what was read, as long as `passes` says so of its channel and length, and says where the rest
/// stands. No message is open.
pub(super) fn hand_on(
    reader: &mut Reader,
    writer: &Writer,
    outbox: &mut Outbox,
    span: Span,
    mut passes: impl FnMut(Channel, usize) -> bool,
) -> Span {
    let end = span.gap.saturating_add(span.count);
    let bytes = outbox.room(end);
    let (mut read, mut written) = (span.gap, 0_usize);
    while let Some(next) = reader.standing(bytes, read) {
        let len = next.data.len();
        let data_begin = written.saturating_add(writer.overhead(len));
        if next.data.start < data_begin || !passes(next.channel, len) {
            break;
        }
        let frame_end = data_begin.saturating_add(len);
        if next.data.start > data_begin {
            // A longer header than it needs now, or what is left of one that was read before.
            bytes.copy_within(next.data.clone(), data_begin);
        }
        let frame = bytes.get_mut(written..frame_end).unwrap_or_default();
        writer.frame_data(next.channel, next.mask, len, frame);
        (read, written) = (next.data.end, frame_end);
        reader.pass(next);
    }
    outbox.commit(written);
    Span { gap: read.saturating_sub(written), count: end.saturating_sub(read) }
}
