//! `metav1.Status`, as the end of a session on channel 3 and as the body of a refusal.

use serde::{Deserialize, Deserializer, Serialize};

/// The longest status that is read, in bytes: client-go's own bound on a refusal's body (`transport/websocket/roundtripper.go`).
pub const STATUS_LIMIT: usize = 64 * 1024;

/// The longest message of a failure that is told on, in bytes: more than anybody reads, and one message even as escaped JSON.
pub const MESSAGE_LIMIT: usize = 4096;

/// A `metav1.Status`. Every field is optional when read: runtimes differ in what they leave out.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Status {
    /// `Status` in an HTTP body; absent on channel 3.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// `v1` in an HTTP body; absent on channel 3.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api_version: Option<String>,
    /// Always the empty object, for clients that expect one.
    #[serde(default, deserialize_with = "null_is_absent")]
    pub metadata: Metadata,
    /// `Success` or `Failure`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// The sentence for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// The machine's word, such as `NotFound` or `NonZeroExitCode`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub details: Option<Details>,
    /// The HTTP status code; absent for exit codes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<u16>,
}

/// `metav1.ListMeta`, of which an exec status uses nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Metadata {}

/// `metav1.StatusDetails`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Details {
    /// The object's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The object's resource, such as `pods`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Why, in parts; the exit code stands here.
    #[serde(default, deserialize_with = "null_is_absent", skip_serializing_if = "Vec::is_empty")]
    pub causes: Vec<Cause>,
}

/// `metav1.StatusCause`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Cause {
    /// `ExitCode` for an exit code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The exit code as decimal text, or a sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

/// How a command ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExitStatus {
    /// Exit code 0.
    Success,
    /// Another exit code; 128 plus the signal for one that was killed.
    Code(i32),
    /// It did not start, or nobody knows: the API server's message.
    Failed(String),
}

impl Status {
    /// Reads the payload of channel 3.
    pub fn parse(json: &[u8]) -> Option<Self> {
        serde_json::from_slice(json).ok()
    }

    /// The success that a v4 or v5 client expects.
    pub fn success() -> Self {
        Self { status: Some("Success".to_owned()), ..Self::default() }
    }

    /// The status of a command that exited with `code` (cri-streaming `pkg/streaming/remotecommand/exec.go`).
    pub fn exited(code: i32) -> Self {
        let cause = Cause { reason: Some("ExitCode".to_owned()), message: Some(code.to_string()) };
        Self {
            status: Some("Failure".to_owned()),
            message: Some(format!(
                "command terminated with non-zero exit code: command terminated with exit code {code}"
            )),
            reason: Some("NonZeroExitCode".to_owned()),
            details: Some(Details { causes: vec![cause], ..Details::default() }),
            ..Self::default()
        }
    }

    /// A failure on channel 3 that is no exit code.
    pub fn internal_error(message: impl Into<String>) -> Self {
        let message = message.into();
        let cause = Cause { reason: None, message: Some(message.clone()) };
        Self {
            status: Some("Failure".to_owned()),
            message: Some(format!("Internal error occurred: {message}")),
            reason: Some("InternalError".to_owned()),
            details: Some(Details { causes: vec![cause], ..Details::default() }),
            code: Some(500),
            ..Self::default()
        }
    }

    /// A refusal as an HTTP body.
    pub fn refusal(code: u16, reason: &'static str, message: impl Into<String>) -> Self {
        Self {
            kind: Some("Status".to_owned()),
            api_version: Some("v1".to_owned()),
            status: Some("Failure".to_owned()),
            message: Some(message.into()),
            reason: Some(reason.to_owned()),
            code: Some(code),
            ..Self::default()
        }
    }

    /// Says what the status is about, such as `pods`, `web-0`.
    #[must_use]
    pub fn about(mut self, kind: &str, name: &str) -> Self {
        let details = self.details.get_or_insert_with(Details::default);
        details.kind = Some(kind.to_owned());
        details.name = Some(name.to_owned());
        self
    }

    /// As JSON.
    pub fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("a Status has only string keys")
    }

    /// What the status says of the command.
    pub fn exit_status(&self) -> ExitStatus {
        if self.status.as_deref() == Some("Success") {
            return ExitStatus::Success;
        }
        let causes = self.details.iter().flat_map(|details| &details.causes);
        let code = causes
            .filter(|cause| cause.reason.as_deref() == Some("ExitCode"))
            .find_map(|cause| cause.message.as_deref()?.parse().ok());
        match code {
            Some(code) => ExitStatus::Code(code),
            None => ExitStatus::Failed(
                self.message.clone().unwrap_or_else(|| "the command failed without a message".to_owned()),
            ),
        }
    }
}

/// What a translator says on channel 3, behind its 101, of a command that never started (apiserver
/// `pkg/util/proxy/streamtranslator.go`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LateRefusal {
    /// It could not open the stream to the node: the same command may start over another subprotocol.
    NotReached,
    /// The node answered and refused, or its runtime found the container ending.
    Refused,
}

impl LateRefusal {
    /// Knows such a message by how it begins.
    pub fn of(message: &str) -> Option<Self> {
        let cause = message.strip_prefix("Internal error occurred: ")?;
        if cause.starts_with("error sending request") {
            Some(Self::NotReached)
        } else if cause.starts_with("unable to upgrade connection") || is_without_container(cause) {
            Some(Self::Refused)
        } else {
            None
        }
    }
}

/// Containerd's words for a container that runs no more (`internal/cri/server/container_execsync.go`), once more wrapped by a
/// translator. Behind "failed to start exec" stands what is wrong with the command itself, which its user has to read.
fn is_without_container(cause: &str) -> bool {
    let cause = cause.strip_prefix("Internal error occurred: ").unwrap_or(cause);
    cause
        .strip_prefix("error executing command in container: failed to exec in container: ")
        .is_some_and(|why| !why.starts_with("failed to start exec"))
}

impl ExitStatus {
    /// Reads the plain text that subprotocols before v4 send on failure; the code stands at its end.
    pub fn from_text(text: &str) -> Self {
        let code = text.rsplit_once("exit code ").and_then(|(_, digits)| digits.trim_end().parse().ok());
        code.map_or_else(|| Self::Failed(text.to_owned()), Self::Code)
    }

    /// The same, with a message of at most [`MESSAGE_LIMIT`] bytes.
    #[must_use]
    pub fn with_short_message(self) -> Self {
        match self {
            Self::Failed(mut message) if message.len() > MESSAGE_LIMIT => {
                message.truncate(message.floor_char_boundary(MESSAGE_LIMIT.saturating_sub('…'.len_utf8())));
                message.push('…');
                Self::Failed(message)
            }
            other => other,
        }
    }

    /// The API server's message, where there is no exit code.
    pub fn message(&self) -> Option<&str> {
        match self {
            Self::Success | Self::Code(_) => None,
            Self::Failed(message) => Some(message),
        }
    }

    /// The exit code, if there is one.
    pub fn code(&self) -> Option<i32> {
        match self {
            Self::Success => Some(0),
            Self::Code(code) => Some(*code),
            Self::Failed(_) => None,
        }
    }
}

/// Go writes an empty list or object as `null`.
fn null_is_absent<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    const E7: &str = r#"{"metadata":{},"status":"Failure","message":"command terminated with non-zero exit code: command terminated with exit code 7","reason":"NonZeroExitCode","details":{"causes":[{"reason":"ExitCode","message":"7"}]}}"#;

    #[test]
    fn what_we_write_is_what_kubernetes_writes() {
        assert_eq!(String::from_utf8(Status::exited(7).to_json()).unwrap(), E7);
        assert_eq!(Status::success().to_json(), br#"{"metadata":{},"status":"Success"}"#);
        let refusal = Status::refusal(404, "NotFound", "pods \"web-9\" not found").about("pods", "web-9");
        let value: serde_json::Value = serde_json::from_slice(&refusal.to_json()).unwrap();
        assert_eq!(value["details"], serde_json::json!({"name": "web-9", "kind": "pods"}));
        assert_eq!(value["code"], 404);
    }

    #[test]
    fn a_container_that_ends_is_told_from_a_command_that_cannot_start() {
        let of = |why: &str| {
            let cause = "error executing command in container: failed to exec in container";
            LateRefusal::of(&format!("Internal error occurred: {cause}: {why}"))
        };
        for why in [
            "failed to create exec \"b31b\": cannot exec in a stopped state",
            "failed to create exec \"199f\": ttrpc: closed",
            "container is in CONTAINER_EXITED state",
        ] {
            assert_eq!(of(why), Some(LateRefusal::Refused), "{why}");
        }
        let missing = "failed to start exec \"1\": OCI runtime exec failed: exec: \"bash\": executable file not found in $PATH";
        assert_eq!(of(missing), None, "its user has to read this");
        let wrapped = "Internal error occurred: Internal error occurred: error executing command in container: failed to exec in container: ttrpc: closed";
        assert_eq!(LateRefusal::of(wrapped), Some(LateRefusal::Refused));
    }

    #[test]
    fn every_dialect_of_a_status_is_read() {
        let read = |json: &str| Status::parse(json.as_bytes()).map(|status| status.exit_status());
        assert_eq!(read(E7), Some(ExitStatus::Code(7)));
        assert_eq!(read(r#"{"status":"Success"}"#), Some(ExitStatus::Success));
        assert_eq!(read(r#"{"metadata":{},"status":"Success"}"#), Some(ExitStatus::Success));
        assert_eq!(read(r#"{"status":"Failure","message":"no"}"#), Some(ExitStatus::Failed("no".to_owned())));
        assert!(matches!(read("{}"), Some(ExitStatus::Failed(_))));
        assert_eq!(
            read(r#"{"metadata":null,"status":"Success","details":{"causes":null}}"#),
            Some(ExitStatus::Success)
        );
        assert_eq!(read("no json"), None);
    }

    #[test]
    fn the_exit_code_is_found_in_text_too() {
        let text =
            "command terminated with non-zero exit code: error executing command [sh -c x], exit code 7";
        assert_eq!(ExitStatus::from_text(text), ExitStatus::Code(7));
        assert_eq!(ExitStatus::from_text("gone"), ExitStatus::Failed("gone".to_owned()));
    }
}
