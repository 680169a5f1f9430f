//! What becomes of a terminal that is left.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::config::time::Time;

/// What becomes of a terminal that is left: what is typed, how long its command has to end by that, and what happens then.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(in crate::config) struct OnDisconnect {
    /// What is typed, whatever stands on the line already.
    pub(in crate::config) send: Send,
    /// How long the command has to end before it is hung up, at most `5m`. Without this key `3s` where something is typed, else `0s`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::config) grace: Option<Time>,
    /// What happens then.
    pub(in crate::config) then: Then,
}

/// What is typed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::config) enum Send {
    /// Nothing.
    Nothing,
    /// Ctrl-D, the end of input. A command without a terminal is told its input's end where the cluster speaks v5.
    Eof,
    /// `exit` and Enter.
    Exit,
    /// This text: in double quotes, and only there, `\r` is Enter and `\x03` Ctrl-C.
    Text(String),
}

/// How the cluster is left.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::config) enum Then {
    /// The connection ends without a goodbye, upon which containerd kills the command that was executed; a main process that was
    /// attached to goes on. Only a program that says goodbye itself leaves its command, as it would without execgate.
    HangUp,
    /// The cluster is told goodbye, at once and without a grace: the command goes on, or ends by what was typed.
    Leave,
}

impl Default for OnDisconnect {
    fn default() -> Self {
        Self { send: Send::Nothing, grace: None, then: Then::HangUp }
    }
}
