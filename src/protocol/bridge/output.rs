//! What the command sends: output, and the status at its end.

use std::num::NonZeroUsize;

use super::super::dialect::Patience;
use super::super::in_place::{self, Span};
use super::super::reader::{ReadError, Reader, Visitor};
use super::super::utf8::{self, Held};
use super::super::writer::{Cut, Writer};
use super::super::{
    Channel, Coding, ControlFrame, Downstream, ExitStatus, Mask, Outbox, Pairing, STATUS_LIMIT, Sender,
    Status, StatusForm,
};

/// The longest status that is passed on as it came, in bytes: as base64 it still fits one message of the writer. Of a longer one,
/// which a long argv can make, a new one is written.
const STATUS_MESSAGE_LIMIT: usize = 32 * 1024;

/// What is told of a status that says nothing.
const UNREADABLE: &str = "the cluster sent a status that is not JSON or longer than 64 KiB";

/// How a page wants its characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Characters {
    /// Messages end between characters; what is begun waits for its rest, however long that takes.
    Whole,
    /// The same, for a moment.
    WholeForAMoment,
    /// Bytes go as they come.
    AsTheyCome,
}

/// The direction from the pod to the page.
#[derive(Debug)]
pub(super) struct Output {
    reader: Reader,
    translation: Translation,
}

#[derive(Debug)]
struct Translation {
    writer: Writer,
    characters: Characters,
    status_form: StatusForm,
    /// The begun character of `held_on` that waits.
    held: Held,
    held_on: Channel,
    /// True once the first message, the empty one, was passed on.
    connected: bool,
    status: Vec<u8>,
    bytes: u64,
}

/// The end of a command as channel 3 told it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Told {
    /// What it says.
    pub(super) exit: ExitStatus,
    /// The JSON as it came, from v4 on.
    pub(super) json: Option<Vec<u8>>,
}

impl Told {
    /// The same end without the runtime's own words about an exit code, among which is the command.
    pub(super) fn without_command(self) -> Self {
        match self.exit {
            ExitStatus::Code(_) => Self { json: None, ..self },
            ExitStatus::Success | ExitStatus::Failed(_) => self,
        }
    }
}

/// What one read of the API server's bytes brought.
#[derive(Debug, Default)]
pub(super) struct OutputRead {
    /// A control frame; reading stops behind it.
    pub(super) control: Option<Box<ControlFrame>>,
    /// The status; nothing is read behind it.
    pub(super) told: Option<Told>,
    /// True if output came.
    pub(super) data: bool,
}

impl Output {
    /// `page` is how one that speaks base64 is to have its characters.
    pub(super) fn new(pairing: &Pairing, page: Characters) -> Self {
        let characters = match &pairing.downstream {
            Downstream::Exec(subprotocol) if subprotocol.coding() == Coding::Base64 => page,
            Downstream::Exec(_) => Characters::AsTheyCome,
            Downstream::Dialect(dialect) => match dialect.patience() {
                Patience::None => Characters::AsTheyCome,
                Patience::Short => page,
                Patience::Endless => Characters::Whole,
            },
        };
        Self {
            reader: Reader::new(Sender::Server, pairing.upstream),
            translation: Translation {
                writer: Writer::downstream(&pairing.downstream),
                characters,
                status_form: pairing.upstream.status_form(),
                held: Held::default(),
                held_on: Channel::Stdout,
                connected: false,
                status: Vec::new(),
                bytes: 0,
            },
        }
    }

    /// Reads one piece of the API server's bytes; `None` when more are needed.
    pub(super) fn read(
        &mut self,
        input: &mut &[u8],
        limit: usize,
        downstream: &mut Outbox,
    ) -> Result<Option<OutputRead>, ReadError> {
        let mut sink =
            Sink { translation: &mut self.translation, outbox: downstream, read: OutputRead::default() };
        let progressed = self.reader.read(input, limit, &mut sink)?;
        Ok(progressed.then_some(sink.read))
    }

    /// True if what comes next is likely to need no copy.
    pub(super) fn reads_in_place(&self) -> bool {
        in_place::is_likely(&self.reader, &self.translation.writer)
    }

    /// How many bytes behind what waits the next ones are to be read, so that they can be handed on there. Ends what is open.
    pub(super) fn gap(&mut self, downstream: &mut Outbox) -> usize {
        in_place::gap(&self.reader, &mut self.translation.writer, downstream)
    }

    /// Hands on output where it was read, and says where the rest of it stands.
    pub(super) fn hand_on(&mut self, downstream: &mut Outbox, span: Span) -> Span {
        let Self { reader, translation: Translation { writer, connected, bytes, .. } } = self;
        in_place::hand_on(reader, writer, downstream, span, |channel, len| {
            let is_output = matches!(channel, Channel::Stdout | Channel::Stderr);
            if is_output {
                *connected = true;
                *bytes = bytes.saturating_add(len as u64);
            }
            is_output
        })
    }

    /// Reads output that nobody takes any more and says how many bytes of it there are.
    pub(super) fn read_lost(&mut self, mut input: &[u8]) -> u64 {
        let mut lost = Lost(0);
        while self.reader.read(&mut input, usize::MAX, &mut lost) == Ok(true) {}
        lost.0
    }

    /// Makes all that was read ready to be sent, but for a begun character.
    pub(super) fn flush(&mut self, downstream: &mut Outbox) {
        self.translation.writer.close_message(downstream);
    }

    /// Sends a begun character without its rest.
    pub(super) fn release(&mut self, downstream: &mut Outbox) {
        self.translation.release(downstream);
        self.translation.writer.close_message(downstream);
    }

    /// True while a begun character waits for a moment.
    pub(super) fn holds_characters(&self) -> bool {
        self.translation.characters == Characters::WholeForAMoment && !self.translation.held.is_empty()
    }

    /// Bytes of the outbox that each three bytes of output fill at most.
    pub(super) fn growth_of_three(&self) -> NonZeroUsize {
        self.translation.writer.growth_of_three()
    }

    /// The writer, for the status and control frames.
    pub(super) fn writer(&mut self) -> &mut Writer {
        &mut self.translation.writer
    }

    /// Bytes of standard output and error passed on.
    pub(super) fn bytes(&self) -> u64 {
        self.translation.bytes
    }
}

impl Translation {
    fn output(&mut self, channel: Channel, data: &[u8], outbox: &mut Outbox) {
        self.bytes = self.bytes.saturating_add(data.len() as u64);
        if self.characters == Characters::AsTheyCome {
            self.writer.data(channel, data, Cut::Anywhere, outbox);
            return;
        }
        if self.held_on != channel {
            self.release(outbox);
            self.held_on = channel;
        }
        let mut data = data;
        if !self.held.is_empty() {
            let Some((whole, count, rest)) = self.held.complete(data) else {
                return;
            };
            self.writer.data(channel, whole.get(..count).unwrap_or_default(), Cut::Characters, outbox);
            data = rest;
        }
        let (whole, begun) = data.split_at(data.len().saturating_sub(utf8::unfinished(data)));
        self.writer.data(channel, whole, Cut::Characters, outbox);
        self.held = Held::new(begun);
    }

    fn release(&mut self, outbox: &mut Outbox) {
        let held = std::mem::take(&mut self.held);
        self.writer.data(self.held_on, held.as_slice(), Cut::Anywhere, outbox);
    }

    fn told(&mut self) -> Told {
        let payload = std::mem::take(&mut self.status);
        match self.status_form {
            StatusForm::Text => {
                let exit = ExitStatus::from_text(&String::from_utf8_lossy(&payload)).with_short_message();
                Told { exit, json: None }
            }
            StatusForm::Json => match Status::parse(&payload) {
                Some(status) => Told {
                    exit: status.exit_status().with_short_message(),
                    json: (payload.len() <= STATUS_MESSAGE_LIMIT).then_some(payload),
                },
                None => Told { exit: ExitStatus::Failed(UNREADABLE.to_owned()), json: None },
            },
        }
    }
}

/// Counts output instead of passing it on.
struct Lost(u64);

impl Visitor for Lost {
    fn data(&mut self, channel: Channel, data: &[u8], _none: Mask) {
        if matches!(channel, Channel::Stdout | Channel::Stderr) {
            self.0 = self.0.saturating_add(data.len() as u64);
        }
    }

    fn end(&mut self, _channel: Channel, _len: u64) {}

    fn close_signal(&mut self, _channel: Channel) {}

    fn control(&mut self, _frame: Box<ControlFrame>) {}
}

struct Sink<'a> {
    translation: &'a mut Translation,
    outbox: &'a mut Outbox,
    read: OutputRead,
}

impl Visitor for Sink<'_> {
    fn data(&mut self, channel: Channel, data: &[u8], _none: Mask) {
        match channel {
            Channel::Stdout | Channel::Stderr => {
                self.translation.connected = true;
                self.read.data = true;
                self.translation.output(channel, data, self.outbox);
            }
            Channel::Error => {
                let status = &mut self.translation.status;
                let room = STATUS_LIMIT.saturating_sub(status.len());
                status.extend_from_slice(data.get(..room.min(data.len())).unwrap_or_default());
            }
            // Servers send nothing on the client's channels.
            Channel::Stdin | Channel::Resize => {}
        }
    }

    fn end(&mut self, channel: Channel, len: u64) {
        match channel {
            Channel::Error if len > 0 => self.read.told = Some(self.translation.told()),
            Channel::Stdout | Channel::Stderr | Channel::Error if len == 0 && !self.translation.connected => {
                self.translation.connected = true;
                if self.translation.writer.has_channels() {
                    self.translation.writer.message(channel, &[], self.outbox);
                }
            }
            _ => {}
        }
    }

    fn close_signal(&mut self, _channel: Channel) {
        // Servers never send one, and `Reader` reads none from them.
    }

    fn control(&mut self, frame: Box<ControlFrame>) {
        self.read.control = Some(frame);
    }
}
