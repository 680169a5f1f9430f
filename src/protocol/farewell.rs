//! What a page is sent that is told no: a browser can't read an HTTP refusal, so it gets an open WebSocket, the reason in its
//! terminal, and a close frame. Whole, because it is small and all there is.

use super::downstream::EndForm;
use super::writer::Writer;
use super::{Channel, Close, ControlKind, Downstream, Outbox, Status, StatusForm};
use crate::target::Streams;

/// A refusal as a page is told it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Farewell {
    /// The sentence for the terminal.
    pub words: String,
    /// The same for channel 3, where the subprotocol has one in JSON.
    pub status: Status,
    /// The code and reason that the page's `onclose` reads.
    pub close: Close,
}

impl Farewell {
    /// All frames, in order: the empty first message that every server sends (pages take it for "connected", and some throw the
    /// first message away), the words, the status for v4 and v5, and the close frame.
    ///
    /// The words go where this session's own error text would have come: to standard error if it was asked for, but with a tty,
    /// where there is none and pages may not listen for it, to standard output. Never to channel 3 before v4: Rancher takes a `3`
    /// at the end for a shell that is missing and dials again with another one (`ContainerShell.vue`).
    ///
    /// A dialect has no channels and no empty message: the words alone, as it has them.
    pub fn to_frames(&self, downstream: &Downstream, streams: Streams) -> Vec<u8> {
        let channel = match streams {
            Streams { tty: false, stderr: true, .. } => Channel::Stderr,
            _ => Channel::Stdout,
        };
        let mut outbox = Outbox::default();
        let mut writer = Writer::downstream(downstream);
        let words = format!("{}\r\n", printable(&self.words));
        match downstream.end_form() {
            EndForm::Dialect => writer.words(&words, &mut outbox),
            EndForm::Status(form) => {
                writer.message(channel, b"", &mut outbox);
                writer.message(channel, words.as_bytes(), &mut outbox);
                if form == StatusForm::Json {
                    writer.message(Channel::Error, &self.status_on_channel_3(), &mut outbox);
                }
            }
        }
        writer.control(ControlKind::Close, &self.close.to_payload(), &mut outbox);
        outbox.unsent().to_vec()
    }

    /// There a status never says what kind of object it is.
    fn status_on_channel_3(&self) -> Vec<u8> {
        let status = Status { kind: None, api_version: None, ..self.status.clone() };
        status.to_json()
    }
}

/// A sentence for a terminal, on a line of its own.
pub(super) fn line_of_words(words: &str) -> String {
    format!("\r\nexecgate: {}\r\n", printable(words))
}

/// Control characters in words that came from elsewhere would steer the terminal.
fn printable(words: &str) -> String {
    words.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::super::Subprotocol;
    use super::*;

    const TERMINAL: Streams = Streams { stdin: true, stdout: true, stderr: true, tty: true };

    fn farewell(words: &str) -> Farewell {
        Farewell {
            words: words.to_owned(),
            status: Status::refusal(403, "Forbidden", words),
            close: Close::for_http_status(403, words),
        }
    }

    #[test]
    fn a_base64_page_reads_the_words_on_its_terminal_and_then_the_close() {
        let frames = farewell("no").to_frames(&Subprotocol::Base64Channel.into(), TERMINAL);
        let expected = [&b"\x81\x011"[..], b"\x81\x091bm8NCg==", b"\x88\x04\x11\x33no"];
        assert_eq!(frames, expected.concat());
    }

    #[test]
    fn a_page_without_a_tty_reads_them_as_standard_error() {
        let pipe = Streams { tty: false, ..TERMINAL };
        let frames = farewell("no").to_frames(&Subprotocol::Channel.into(), pipe);
        assert!(frames.starts_with(b"\x82\x01\x02\x82\x05\x02no\r\n\x88"));
    }

    #[test]
    fn v4_gets_a_status_that_looks_like_a_runtimes() {
        let frames = farewell("no").to_frames(&Subprotocol::V4.into(), TERMINAL);
        let text = String::from_utf8_lossy(&frames).into_owned();
        assert!(text.contains(
            r#"{"metadata":{},"status":"Failure","message":"no","reason":"Forbidden","code":403}"#
        ));
    }

    #[test]
    fn words_from_elsewhere_cannot_steer_the_terminal() {
        let frames = farewell("a\u{1b}[2Jb").to_frames(&Subprotocol::Channel.into(), TERMINAL);
        assert!(frames.windows(7).any(|window| window == b"a [2Jb\r"));
    }
}
