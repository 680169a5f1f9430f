//! Writes a dialect's messages: output as text, as bytes, or within JSON.

use simdutf8::basic::from_utf8;

use super::{Bare, Body, Cut, Data, Dialect, Form, OpCode, Open, Outbox, PAYLOAD_LIMIT, Writer, utf8};
use crate::protocol::dialect::{Content, GROWTH, JsonOutput, JsonPart, OutputForm, write_bytes, write_text};
use crate::protocol::{Channel, ExitStatus, OutputContent};

/// A JSON message with less room is full. Each time at most as much is written as fits if every byte grows, so the last of the room
/// would be filled in many small pieces.
const LEAST_ROOM: usize = 512 * GROWTH;

impl Writer {
    /// Appends output; what is no UTF-8 becomes what the dialect has for it.
    pub(super) fn append_output(&mut self, dialect: &Dialect, data: &[u8], outbox: &mut Outbox) {
        match dialect.output() {
            OutputForm::Bare(Bare::Binary) => self.bare(Bare::Binary, data, outbox),
            OutputForm::Bare(Bare::Text) => match from_utf8(data) {
                Ok(text) => self.bare(Bare::Text, text.as_bytes(), outbox),
                Err(_) => each_text(data, |text| self.bare(Bare::Text, text.as_bytes(), outbox)),
            },
            OutputForm::Json(json) => match (json.content, from_utf8(data)) {
                (OutputContent::Bytes, _) | (OutputContent::TextOrBytes, Err(_)) => {
                    self.json_bytes(json, JsonPart::Output(Content::Bytes), data, outbox);
                }
                (OutputContent::Text | OutputContent::TextOrBytes, Ok(text)) => {
                    self.json_text(json, JsonPart::Output(Content::Text), text, outbox);
                }
                (OutputContent::Text, Err(_)) => each_text(data, |text| {
                    self.json_text(json, JsonPart::Output(Content::Text), text, outbox);
                }),
            },
        }
    }

    /// Says something of execgate's own, in a message of its own: on the terminal, or as the dialect has it.
    pub(in crate::protocol) fn words(&mut self, words: &str, outbox: &mut Outbox) {
        self.close_message(outbox);
        match &self.form {
            Form::Dialect(dialect) => {
                let dialect = std::sync::Arc::clone(dialect);
                match dialect.output() {
                    OutputForm::Bare(bare) => self.bare(*bare, words.as_bytes(), outbox),
                    OutputForm::Json(json) => match json.content_of(JsonPart::Words) {
                        Content::Text => self.json_text(json, JsonPart::Words, words, outbox),
                        Content::Bytes => self.json_bytes(json, JsonPart::Words, words.as_bytes(), outbox),
                    },
                }
            }
            Form::Exec(_) => self.data(Channel::Stdout, words.as_bytes(), Cut::Characters, outbox),
        }
        self.close_message(outbox);
    }

    /// Tells how the command ended, where the dialect has a message for that.
    pub(in crate::protocol) fn exit(&mut self, exit: &ExitStatus, outbox: &mut Outbox) {
        self.close_message(outbox);
        if let Form::Dialect(dialect) = &self.form
            && let OutputForm::Json(json) = dialect.output()
            && let Some(message) = json.exit(exit)
        {
            let mut frame = self.begin_frame(outbox);
            frame.push(&message, outbox);
            self.end_frame(frame, OpCode::Data(Data::Text), outbox);
        }
    }

    /// What stands behind the content of a JSON message.
    pub(super) fn behind(&self, part: JsonPart) -> &[u8] {
        match &self.form {
            Form::Dialect(dialect) => match dialect.output() {
                OutputForm::Json(json) => &json.around(part).behind,
                OutputForm::Bare(_) => &[],
            },
            Form::Exec(_) => &[],
        }
    }

    fn bare(&mut self, bare: Bare, mut data: &[u8], outbox: &mut Outbox) {
        while !data.is_empty() {
            if self.open.is_none() {
                let frame = self.begin_frame(outbox);
                self.open = Some(Open { body: Body::Bare(bare), frame, room: PAYLOAD_LIMIT });
            }
            let room = self.open.as_ref().map_or(0, |open| open.room);
            let mut count = room.min(data.len());
            if count < data.len() && bare == Bare::Text {
                let (front, _) = data.split_at(count);
                count = count.saturating_sub(utf8::unfinished(front));
            }
            let (front, rest) = data.split_at(count);
            self.append_fitting(front, super::Mask::default(), outbox);
            data = rest;
            if !data.is_empty() {
                self.close_message(outbox);
            }
        }
    }

    fn json_text(&mut self, json: &JsonOutput, part: JsonPart, mut text: &str, outbox: &mut Outbox) {
        while !text.is_empty() {
            let room = self.json_room(json, part, outbox);
            let (front, rest) = text.split_at(text.floor_char_boundary(room / GROWTH));
            self.json_write(|_| write_text(front, outbox));
            text = rest;
        }
    }

    fn json_bytes(&mut self, json: &JsonOutput, part: JsonPart, mut data: &[u8], outbox: &mut Outbox) {
        while !data.is_empty() {
            let room = self.json_room(json, part, outbox);
            let (front, rest) = data.split_at((room / GROWTH).min(data.len()));
            self.json_write(|is_empty| write_bytes(front, is_empty, outbox));
            data = rest;
        }
    }

    /// The room of the open message, which is of that kind and not full.
    fn json_room(&mut self, json: &JsonOutput, part: JsonPart, outbox: &mut Outbox) -> usize {
        let goes_on = |open: &Open| {
            open.room >= LEAST_ROOM && matches!(open.body, Body::Json { part: open, .. } if open == part)
        };
        if !self.open.as_ref().is_some_and(goes_on) {
            self.close_message(outbox);
            let around = json.around(part);
            let mut frame = self.begin_frame(outbox);
            frame.push(&around.before, outbox);
            let room = PAYLOAD_LIMIT.saturating_sub(around.before.len()).saturating_sub(around.behind.len());
            self.open = Some(Open { body: Body::Json { part, is_empty: true }, frame, room });
        }
        self.open.as_ref().map_or(0, |open| open.room)
    }

    /// Lets `write` append to the open message, told whether it is the first to.
    fn json_write(&mut self, write: impl FnOnce(bool) -> usize) {
        if let Some(Open { body: Body::Json { is_empty, .. }, room, .. }) = &mut self.open {
            let written = write(std::mem::take(is_empty));
            *room = room.saturating_sub(written);
        }
    }
}

/// Gives what is UTF-8 in `data`, and U+FFFD for each thing that is not.
fn each_text(data: &[u8], mut take: impl FnMut(&str)) {
    for chunk in data.utf8_chunks() {
        if !chunk.valid().is_empty() {
            take(chunk.valid());
        }
        if !chunk.invalid().is_empty() {
            take("\u{fffd}");
        }
    }
}
