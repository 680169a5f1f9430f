//! What becomes of a terminal that is left.

use std::time::Duration;

use super::Check;
use crate::{
    config::{
        file::{OnDisconnect, Send, Then},
        key::KeyPath,
    },
    protocol::bridge,
};

/// Nobody waits longer for a shell to end; a gate that is stopped waits five seconds.
const LONGEST_GRACE: Duration = Duration::from_mins(5);

impl Check<'_> {
    pub(super) fn on_disconnect(&mut self, key: &KeyPath, leaving: &OnDisconnect) -> bridge::OnDisconnect {
        let send = match &leaving.send {
            Send::Nothing => bridge::LastInput::Nothing,
            Send::Eof => bridge::LastInput::Eof,
            Send::Exit => bridge::LastInput::Exit,
            Send::Text(text) => {
                let key = key.field("send").field("text");
                if text.is_empty() {
                    self.refuse(&key, "is empty; write `send: nothing` if that is meant");
                } else if is_left_escaped(text) {
                    self.refuse(&key, LEFT_ESCAPED);
                }
                bridge::LastInput::Text(text.as_str().into())
            }
        };
        let usual = match send {
            bridge::LastInput::Nothing => Duration::ZERO,
            _ => bridge::OnDisconnect::DEFAULT_GRACE,
        };
        let grace = leaving.grace.map_or(usual, |grace| grace.0);
        if grace > LONGEST_GRACE {
            self.refuse(&key.field("grace"), "must be at most 5m");
        }
        let then = match leaving.then {
            Then::HangUp => bridge::Then::HangUp,
            Then::Leave => bridge::Then::Leave,
        };
        if matches!(leaving.then, Then::Leave) && leaving.grace.is_some() {
            self.refuse(
                &key.field("grace"),
                "is the time before hanging up, and `then` is leave; remove one of the two",
            );
        }
        bridge::OnDisconnect { send, grace, then }
    }
}

/// Whether an escape that YAML reads in double quotes alone seems to stand here letter by letter. A text with a control character in it
/// was written by somebody who knows: `"printf 'a\\n'\r"` means what it says.
fn is_left_escaped(text: &str) -> bool {
    let mut behind_backslashes = text.split('\\').skip(1);
    !text.contains(char::is_control)
        && behind_backslashes.any(|behind| behind.starts_with(['r', 'n', 't', 'x', 'u', 'e']))
}

const LEFT_ESCAPED: &str = "has a backslash and a letter as two characters, and no Enter; escapes need double quotes, such as \"exit\\r\"";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_escape_that_yaml_did_not_read_is_recognised() {
        for text in [r"exit\r", r"\x03exit\r", r"\u0003", r"\e", r"q\n"] {
            assert!(is_left_escaped(text), "{text}");
        }
        for text in ["exit\r", "\x03exit\r", "q", r"\q", "\\", "printf 'a\\n'\r"] {
            assert!(!is_left_escaped(text), "{text:?}");
        }
    }
}
