//! What the user sends: standard input, sizes, the end of input.

use std::sync::Arc;

use super::super::dialect::{DialectReader, Event};
use super::super::in_place::{self, Span};
use super::super::reader::{ReadError, Reader, Visitor};
use super::super::writer::{Cut, Masking, Writer};
use super::super::{
    Channel, ControlFrame, Downstream, KeySource, Mask, Outbox, Pairing, RESIZE_LIMIT, Sender, TerminalSize,
};
use super::LastInput;
use crate::target::Streams;

/// The direction from the page to the pod.
#[derive(Debug)]
pub(super) struct Input {
    source: Source,
    translation: Translation,
}

/// What reads the page's frames.
#[derive(Debug)]
enum Source {
    /// A subprotocol's channels.
    Exec(Reader),
    /// A dialect.
    Dialect(Box<DialectReader>),
}

/// What happens to what was read, apart from the reader so that both can be borrowed at once.
#[derive(Debug)]
struct Translation {
    writer: Writer,
    stdin: Stdin,
    terminal: Terminal,
    sizes: SizeChannel,
    /// The resize message under way; empty between messages.
    resize: Vec<u8>,
    pending_size: Option<TerminalSize>,
    upstream_has_close_signal: bool,
    counts: InputCounts,
}

/// Whether channel 0 still goes anywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stdin {
    /// Asked for and not ended.
    Open,
    /// Ended by v5's signal, to be passed on before anything else.
    Ending,
    /// Not asked for, or over.
    Closed,
}

/// Whether a terminal was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Terminal {
    Present,
    Absent,
}

/// Whether channel 4 still goes anywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SizeChannel {
    /// There is a terminal.
    Wanted,
    /// There is none, or v5's signal ended the channel.
    Dropped,
}

/// What came from the user, and what of it went nowhere.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct InputCounts {
    /// Bytes of standard input passed on.
    pub bytes: u64,
    /// Bytes of standard input that came when it was off or over.
    pub dropped_bytes: u64,
    /// Sizes that were malformed, zero, or sent without a terminal.
    pub dropped_sizes: u64,
}

/// Whether a flush sent a message of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flushed {
    /// A size, or the end of input.
    Sent,
    /// Neither.
    Nothing,
}

/// What a flush does with a size that nothing was typed behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sizes {
    /// It goes out.
    Go,
    /// It stays, and the next one takes its place.
    Stay,
}

/// What one read of the page's bytes brought.
#[derive(Debug, Default)]
pub(super) struct InputRead {
    /// A control frame; reading stops behind it.
    pub(super) control: Option<Box<ControlFrame>>,
    /// True if standard input came.
    pub(super) data: bool,
    /// True if the page said that it leaves.
    pub(super) leaves: bool,
}

impl Input {
    /// `size` is what the terminal begins with, if the page said so before it said anything.
    pub(super) fn new(
        pairing: &Pairing,
        streams: Streams,
        size: Option<TerminalSize>,
        keys: KeySource,
    ) -> Self {
        Self {
            source: match &pairing.downstream {
                Downstream::Exec(subprotocol) => Source::Exec(Reader::new(Sender::Client, *subprotocol)),
                Downstream::Dialect(dialect) => {
                    Source::Dialect(Box::new(DialectReader::new(Arc::clone(dialect))))
                }
            },
            translation: Translation {
                writer: Writer::new(pairing.upstream.coding(), Masking::Client(keys)),
                stdin: if streams.stdin { Stdin::Open } else { Stdin::Closed },
                terminal: if streams.tty { Terminal::Present } else { Terminal::Absent },
                sizes: if streams.tty { SizeChannel::Wanted } else { SizeChannel::Dropped },
                resize: Vec::new(),
                pending_size: size.filter(|_| streams.tty),
                upstream_has_close_signal: pairing.upstream.has_close_signal(),
                counts: InputCounts::default(),
            },
        }
    }

    /// Reads one piece of the page's bytes; `None` when more are needed.
    pub(super) fn read(
        &mut self,
        input: &mut &[u8],
        limit: usize,
        upstream: &mut Outbox,
    ) -> Result<Option<InputRead>, ReadError> {
        let mut sink =
            Sink { translation: &mut self.translation, outbox: upstream, read: InputRead::default() };
        let progressed = match &mut self.source {
            Source::Exec(reader) => reader.read(input, limit, &mut sink)?,
            Source::Dialect(reader) => match reader.read(input, limit)? {
                Some(event) => {
                    sink.take(event);
                    true
                }
                None => false,
            },
        };
        Ok(progressed.then_some(sink.read))
    }

    /// True if what comes next is likely to need no copy.
    pub(super) fn reads_in_place(&self) -> bool {
        match &self.source {
            Source::Exec(reader) => in_place::is_likely(reader, &self.translation.writer),
            Source::Dialect(_) => false,
        }
    }

    /// How many bytes behind what waits the next ones are to be read, so that they can be handed on there. Ends what is open.
    pub(super) fn gap(&mut self, upstream: &mut Outbox) -> usize {
        match &self.source {
            Source::Exec(reader) => in_place::gap(reader, &mut self.translation.writer, upstream),
            Source::Dialect(_) => 0,
        }
    }

    /// Hands on input where it was read, and says where the rest of it stands.
    pub(super) fn hand_on(&mut self, upstream: &mut Outbox, span: Span) -> Span {
        let Self { source, translation: Translation { writer, stdin, pending_size, counts, .. } } = self;
        let Source::Exec(reader) = source else {
            return span;
        };
        // What is typed after a size must meet that size.
        let is_open = *stdin == Stdin::Open && pending_size.is_none();
        in_place::hand_on(reader, writer, upstream, span, |channel, len| {
            let is_input = is_open && channel == Channel::Stdin;
            if is_input {
                counts.bytes = counts.bytes.saturating_add(len as u64);
            }
            is_input
        })
    }

    /// Makes all that was read ready to be sent: the last of a burst of sizes, the end of input.
    pub(super) fn flush(&mut self, sizes: Sizes, upstream: &mut Outbox) -> Flushed {
        let mut flushed = match sizes {
            Sizes::Go => self.translation.send_size(upstream),
            Sizes::Stay => Flushed::Nothing,
        };
        let Translation { writer, stdin, .. } = &mut self.translation;
        writer.close_message(upstream);
        if *stdin == Stdin::Ending {
            *stdin = Stdin::Closed;
            writer.close_signal(Channel::Stdin, upstream);
            flushed = Flushed::Sent;
        }
        flushed
    }

    /// True while a size waits to be sent.
    pub(super) fn has_size(&self) -> bool {
        self.translation.pending_size.is_some()
    }

    /// Types `last` into a terminal. Where there is none, a server that knows the close signal gets that: what would be typed there
    /// would be data.
    pub(super) fn end(&mut self, last: &LastInput, upstream: &mut Outbox) {
        let Translation { writer, stdin, terminal, upstream_has_close_signal, .. } = &mut self.translation;
        match (*stdin, *terminal) {
            _ if *last == LastInput::Nothing => {}
            (Stdin::Open, Terminal::Present) => {
                writer.data(Channel::Stdin, last.as_bytes(), Cut::Anywhere, upstream);
            }
            (Stdin::Open, Terminal::Absent) if *upstream_has_close_signal => *stdin = Stdin::Ending,
            (Stdin::Open | Stdin::Ending | Stdin::Closed, _) => {}
        }
    }

    /// The writer, for control frames.
    pub(super) fn writer(&mut self) -> &mut Writer {
        &mut self.translation.writer
    }

    pub(super) fn counts(&self) -> InputCounts {
        self.translation.counts
    }
}

impl Translation {
    /// Sends the last of a burst of sizes.
    fn send_size(&mut self, upstream: &mut Outbox) -> Flushed {
        let Some(size) = self.pending_size.take() else {
            return Flushed::Nothing;
        };
        self.writer.message(Channel::Resize, size.to_json().as_bytes(), upstream);
        Flushed::Sent
    }
}

struct Sink<'a> {
    translation: &'a mut Translation,
    outbox: &'a mut Outbox,
    read: InputRead,
}

impl Sink<'_> {
    /// Takes what a page said in its dialect.
    fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Input([], _) | Event::Nothing => {}
            Event::Input(data, mask) => self.data(Channel::Stdin, data, mask),
            Event::Size(size) => self.size(size),
            Event::Leave => self.read.leaves = true,
            Event::Control(frame) => self.control(frame),
        }
    }

    /// Keeps a size until something is typed behind it or all was read.
    fn size(&mut self, size: Option<TerminalSize>) {
        let Translation { sizes, pending_size, counts, .. } = &mut *self.translation;
        let size = size.filter(|_| *sizes == SizeChannel::Wanted);
        if size.is_some() {
            *pending_size = size;
        } else {
            counts.dropped_sizes = counts.dropped_sizes.saturating_add(1);
        }
    }
}

impl Visitor for Sink<'_> {
    fn data(&mut self, channel: Channel, data: &[u8], mask: Mask) {
        if channel == Channel::Stdin {
            // What is typed after a size must meet that size.
            self.translation.send_size(self.outbox);
        }
        let Translation { writer, stdin, resize, counts, .. } = &mut *self.translation;
        match channel {
            Channel::Stdin if *stdin == Stdin::Open => {
                self.read.data = true;
                counts.bytes = counts.bytes.saturating_add(data.len() as u64);
                writer.data_masked(Channel::Stdin, data, mask, self.outbox);
            }
            Channel::Stdin => counts.dropped_bytes = counts.dropped_bytes.saturating_add(data.len() as u64),
            // One byte over the limit is kept, which tells that the message was too long.
            Channel::Resize => {
                let room = RESIZE_LIMIT.saturating_add(1).saturating_sub(resize.len());
                let begin = resize.len();
                resize.extend_from_slice(data.get(..room.min(data.len())).unwrap_or_default());
                mask.apply(resize.get_mut(begin..).unwrap_or_default());
            }
            // Servers drop what a client sends on their channels.
            Channel::Stdout | Channel::Stderr | Channel::Error => {}
        }
    }

    fn end(&mut self, channel: Channel, len: u64) {
        if channel != Channel::Resize || len == 0 {
            return;
        }
        let resize = std::mem::take(&mut self.translation.resize);
        let size = TerminalSize::parse(&resize).filter(|_| resize.len() <= RESIZE_LIMIT);
        self.size(size);
    }

    fn close_signal(&mut self, channel: Channel) {
        let Translation { stdin, sizes, upstream_has_close_signal, .. } = &mut *self.translation;
        match channel {
            Channel::Stdin if *stdin == Stdin::Open && *upstream_has_close_signal => *stdin = Stdin::Ending,
            // Paired with v4 only where the end of input does not matter (`Pairing`).
            Channel::Stdin => *stdin = Stdin::Closed,
            Channel::Resize => *sizes = SizeChannel::Dropped,
            Channel::Stdout | Channel::Stderr | Channel::Error => {}
        }
    }

    fn control(&mut self, frame: Box<ControlFrame>) {
        self.read.control = Some(frame);
    }
}
