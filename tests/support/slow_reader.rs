//! A client that lets its output wait, and speaks meanwhile: an exec server that ends then loses what it has not sent, because the
//! kernel resets a connection that is closed with unread input.

use std::time::Duration;

use tokio::time::sleep;

use super::ask::{Ask, Serves};
use super::session::{Session, Transcript};

/// A script that writes zeros, which no terminal makes anything of, and ends with exit code 5.
fn burst(zeros: usize) -> String {
    format!("head -c {zeros} /dev/zero; exit 5")
}

/// How many words the client says before it reads, after as long a silence.
const WORDS: usize = 5;
/// Messages that it reads between two words.
const MESSAGES: usize = 20;

/// What it says meanwhile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Speech {
    Nothing,
    Pings,
    Sizes,
    Keys,
    /// All of it in turn.
    Everything,
}

impl Speech {
    /// Everything that can cost the end of the output.
    pub(crate) const ALL: [Self; 4] = [Self::Pings, Self::Sizes, Self::Keys, Self::Everything];

    /// The burst's command: sizes are for terminals.
    pub(crate) fn ask(self, server: &impl Serves, zeros: usize) -> Ask {
        match self {
            Self::Sizes | Self::Everything => Ask::on_terminal(server, &burst(zeros)),
            Self::Nothing | Self::Pings | Self::Keys => Ask::script(server, &burst(zeros)),
        }
    }
}

/// What measures the client's slowness.
pub(crate) enum Clock {
    /// 100 ms between two words, 1 ms for a message.
    Wall,
    /// Round trips of another session through the same gate, which see to it that all that can move has moved: for tests that promise
    /// something, on machines that are busy.
    Echo(Box<Session>),
}

/// What it got.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Reading {
    pub(crate) zeros: usize,
    /// What the status said, if one came.
    pub(crate) exit_code: Option<String>,
    /// Whether something on channel 3 said that the command, or the session, failed.
    pub(crate) told_failure: bool,
    /// The close frame, if one came: its code.
    pub(crate) close: Option<u16>,
}

impl Reading {
    /// A burst of so many to its last byte, and its exit code.
    pub(crate) fn is_whole(&self, zeros: usize) -> bool {
        self.zeros == zeros && self.exit_code.as_deref() == Some("5") && self.close == Some(1000)
    }

    /// Part of it, and an end that nobody takes for an exit with 0.
    pub(crate) fn is_cut_and_told(&self, zeros: usize) -> bool {
        // client-go takes 1000 without a status for an exit with 0.
        let is_told = self.told_failure || self.close != Some(1000);
        self.zeros < zeros && self.exit_code.is_none() && is_told
    }
}

/// Reads a burst to its end.
pub(crate) async fn read_slowly(session: &mut Session, speech: Speech, clock: &mut Clock) -> Reading {
    let mut words = Words { speech, count: 0 };
    for _ in 0..WORDS {
        clock.between_words().await;
    }
    for _ in 0..WORDS {
        words.say_one(session).await;
        clock.between_words().await;
    }
    let mut transcript = Transcript::default();
    let mut messages = 0;
    while let Some(frame) = session.next_whole().await {
        transcript.note(session, frame);
        messages += 1;
        if messages % MESSAGES == 0 {
            words.say_one(session).await;
        }
        clock.over_a_message().await;
    }
    Reading::of(&transcript)
}

impl Reading {
    fn of(transcript: &Transcript) -> Self {
        let told = transcript.statuses.concat();
        let code = |(_, rest): (&str, &str)| rest.chars().take_while(char::is_ascii_digit).collect();
        let close = transcript.closes.first().and_then(|payload| payload.first_chunk());
        Self {
            zeros: transcript.stdout.iter().map(|byte| usize::from(*byte == 0)).sum(),
            exit_code: told.split_once("exit code ").map(code),
            told_failure: !told.is_empty() && !told.contains("Success"),
            close: close.map(|code| u16::from_be_bytes(*code)),
        }
    }
}

impl Clock {
    async fn between_words(&mut self) {
        match self {
            Self::Wall => sleep(Duration::from_millis(100)).await,
            Self::Echo(session) => echo(session, 10).await,
        }
    }

    async fn over_a_message(&mut self) {
        match self {
            Self::Wall => sleep(Duration::from_millis(1)).await,
            Self::Echo(session) => echo(session, 1).await,
        }
    }
}

async fn echo(session: &mut Session, times: usize) {
    for _ in 0..times {
        session.type_in("x").await;
        session.until("x").await;
    }
}

/// What the client says next.
struct Words {
    speech: Speech,
    count: usize,
}

impl Words {
    async fn say_one(&mut self, session: &mut Session) {
        self.count += 1;
        let turn = [Speech::Pings, Speech::Sizes, Speech::Keys][self.count % 3];
        let word = if self.speech == Speech::Everything { turn } else { self.speech };
        let (first, payload) = match word {
            Speech::Nothing | Speech::Everything => return,
            Speech::Pings => (0x89, Vec::new()),
            Speech::Sizes => {
                let size = format!(r#"{{"Width":{},"Height":24}}"#, 80 + self.count % 40);
                session.message(4, size.as_bytes())
            }
            Speech::Keys => session.message(0, b"k"),
        };
        session.try_frame(first, &payload).await;
    }
}
