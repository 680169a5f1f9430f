//! Looks at what a server sends first: some say 101 and only then that the command never started, or that there is no such program.
//!
//! The API server's translator answers 101 before it dials the node (`pkg/util/proxy/streamtranslator.go`), and cri-dockerd says
//! v5 and then fails (cri-dockerd issues 560, 569). Both tell it on channel 3. What is read here is handed on, not consumed.

use std::{io::Cursor, time::Duration};

use bytes::BytesMut;
use tokio::{
    io::AsyncReadExt as _,
    time::{Instant, timeout_at},
};
use tokio_tungstenite::tungstenite::protocol::frame::{
    FrameHeader,
    coding::{Data, OpCode},
};

use super::Connected;
use crate::{
    protocol::{Channel, ExitStatus, LateRefusal, STATUS_LIMIT, Status},
    target::NONE_FOUND,
};

/// What the first message says of the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is not so: something else came, or nothing for a while.
    Works,
    /// The command never started; the API server's message.
    NeverStarted(String),
    /// It ended before it said anything.
    Unclear,
}

/// What is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Suspicion {
    /// That the server says v5 and can't do it.
    FalseV5,
    /// That the container has no such program.
    NoProgram,
}

impl Suspicion {
    /// How long a server that says nothing is waited for.
    fn patience(self) -> Duration {
        match self {
            // Longer than a refusal takes from a node in the same data centre; short enough that nobody notices it, once in ten minutes,
            // on a command that is silent at first.
            Self::FalseV5 => Duration::from_millis(250),
            // A shell prompts as soon as it can; a runtime on a busy node takes its time to find that there is none.
            Self::NoProgram => Duration::from_secs(2),
        }
    }

    fn verdict_on(self, channel: u8, content: &[u8]) -> Verdict {
        if Channel::from_byte(channel) != Some(Channel::Error) {
            return Verdict::Works;
        }
        let told = match Status::parse(content) {
            Some(status) => status.exit_status(),
            None => ExitStatus::from_text(&String::from_utf8_lossy(content)),
        };
        let is_so = match (self, &told) {
            (Self::FalseV5, ExitStatus::Failed(message)) => {
                LateRefusal::of(message) == Some(LateRefusal::NotReached)
            }
            (Self::NoProgram, ExitStatus::Failed(message)) => says_no_program(message),
            // A runtime's or a shell's own: 126 for what can't be run, 127 for what is not there.
            (Self::NoProgram, ExitStatus::Code(code)) => matches!(*code, 126 | NONE_FOUND),
            (Self::FalseV5, ExitStatus::Code(_)) | (_, ExitStatus::Success) => false,
        };
        match told {
            ExitStatus::Failed(message) if is_so => Verdict::NeverStarted(message),
            _ if is_so => Verdict::NeverStarted("not found".to_owned()),
            _ => Verdict::Works,
        }
    }
}

/// The words of runc and crun for a program that is not there, and of Windows. A file that a program misses is none.
fn says_no_program(message: &str) -> bool {
    let message = message.to_lowercase();
    let is_there = |words: &str| message.contains(words);
    is_there("executable file")
        || (is_there("exec: ") && is_there("no such file or directory"))
        || is_there("cannot find the file")
}

/// Waits a moment for the first message, and leaves every byte of it in `connected.early`.
pub(super) async fn peek(connected: &mut Connected, suspicion: Suspicion, deadline: Instant) -> Verdict {
    let mut seen = BytesMut::from(std::mem::take(&mut connected.early));
    let patience = (Instant::now() + suspicion.patience()).min(deadline);
    let verdict = loop {
        if let Some(verdict) = judge(&seen, suspicion) {
            break verdict;
        }
        match timeout_at(patience, connected.transport.read_buf(&mut seen)).await {
            Ok(Ok(1..)) => {}
            // The relay meets the same end or error again, and tells it.
            Ok(Ok(0) | Err(_)) => break Verdict::Unclear,
            Err(_) => break Verdict::Works,
        }
    };
    connected.early = seen.freeze();
    verdict
}

/// Reads frames up to the first message with content; `None` if more bytes are needed.
fn judge(mut bytes: &[u8], suspicion: Suspicion) -> Option<Verdict> {
    loop {
        let mut cursor = Cursor::new(bytes);
        // What is no frame is the relay's to answer.
        let Ok(header) = FrameHeader::parse(&mut cursor) else {
            return Some(Verdict::Unclear);
        };
        let (header, length) = header?;
        let head = usize::try_from(cursor.position()).expect("a cursor over a slice stays in it");
        let message = match header.opcode {
            OpCode::Data(Data::Text | Data::Binary) if header.is_final && header.mask.is_none() => true,
            OpCode::Control(_) if !is_close(header.opcode) => false,
            _ => return Some(Verdict::Unclear),
        };
        let Some(length) = usize::try_from(length).ok().filter(|length| *length <= STATUS_LIMIT) else {
            return Some(Verdict::Works);
        };
        let payload = bytes.get(head..)?.get(..length)?;
        match payload.split_first() {
            Some((channel, content)) if message && !content.is_empty() => {
                return Some(suspicion.verdict_on(*channel, content));
            }
            // "Connected", an empty message, or a ping.
            _ => bytes = &bytes[head + length..],
        }
    }
}

fn is_close(opcode: OpCode) -> bool {
    use tokio_tungstenite::tungstenite::protocol::frame::coding::Control;
    opcode == OpCode::Control(Control::Close)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONNECTED: &[u8] = &[0x82, 1, 1];

    fn frame(channel: u8, content: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        FrameHeader { opcode: OpCode::Data(Data::Binary), ..FrameHeader::default() }
            .format(content.len() as u64 + 1, &mut bytes)
            .unwrap();
        bytes.push(channel);
        bytes.extend_from_slice(content);
        bytes
    }

    fn refusal() -> Vec<u8> {
        let status = Status::internal_error("error sending request: Post \"//...\": http: no");
        frame(3, &status.to_json())
    }

    #[test]
    fn a_late_refusal_is_seen_at_any_cut() {
        let whole = [CONNECTED, &[0x89, 0], &refusal()].concat();
        for cut in 0..whole.len() {
            assert_eq!(judge(&whole[..cut], Suspicion::FalseV5), None, "{cut}");
        }
        assert!(
            matches!(judge(&whole, Suspicion::FalseV5), Some(Verdict::NeverStarted(message)) if message.ends_with("http: no"))
        );
    }

    #[test]
    fn anything_else_shows_that_v5_works() {
        let other = Status::internal_error("error executing command in container: no").to_json();
        for first in [
            frame(1, b"$ "),
            frame(2, b"warning"),
            frame(3, &other),
            frame(3, &Status::success().to_json()),
            frame(3, b"no json"),
            frame(1, &vec![b'x'; STATUS_LIMIT + 1]),
        ] {
            assert_eq!(judge(&[CONNECTED, &first].concat(), Suspicion::FalseV5), Some(Verdict::Works));
        }
    }

    #[test]
    fn a_close_a_fragment_or_nonsense_shows_nothing() {
        for first in [&[0x88, 0][..], &[0x02, 2, 1, 65], &[0x82, 0x80, 0, 0, 0, 0], &[0x83, 0]] {
            assert_eq!(
                judge(&[CONNECTED, first].concat(), Suspicion::FalseV5),
                Some(Verdict::Unclear),
                "{first:?}"
            );
        }
    }

    #[test]
    fn a_program_that_is_not_there_is_told_from_one_that_runs() {
        let missing = |message: &str| frame(3, &Status::internal_error(message).to_json());
        let told = |first: &[u8]| judge(&[CONNECTED, first].concat(), Suspicion::NoProgram);
        for first in [
            missing(
                "exec failed: unable to start container process: exec: \"sh\": executable file not found in $PATH",
            ),
            missing("exec: \"/bin/fish\": stat /bin/fish: no such file or directory"),
            missing("hcs::System::CreateProcess: The system cannot find the file specified."),
            frame(3, &Status::exited(127).to_json()),
        ] {
            assert!(matches!(told(&first), Some(Verdict::NeverStarted(_))), "{first:?}");
        }
        for first in [
            frame(1, b"$ "),
            frame(3, &Status::exited(1).to_json()),
            frame(3, &Status::success().to_json()),
            missing("container is in CONTAINER_EXITED state"),
            missing("chdir to cwd (\"/app\") set in config.json failed: no such file or directory"),
        ] {
            assert_eq!(told(&first), Some(Verdict::Works), "{first:?}");
        }
    }
}
