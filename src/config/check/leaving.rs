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
                if text.is_empty() {
                    self.refuse(
                        &key.field("send").field("text"),
                        "is empty; write `send: nothing` if that is meant",
                    );
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
