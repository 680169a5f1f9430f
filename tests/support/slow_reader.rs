//! A client that lets its output wait, and speaks meanwhile: an exec server that ends then loses what it has not sent, because the
//! kernel resets a connection that is closed with unread input.

use std::time::Duration;

use tokio::time::{Instant, MissedTickBehavior, interval, sleep};

use super::session::{Session, Transcript};

/// Zeros, which no terminal makes anything of, and then an exit code.
pub(crate) const BURST: &str = "head -c 4000000 /dev/zero; exit 5";
/// How many zeros those are.
pub(crate) const BURST_BYTES: usize = 4_000_000;

/// How long the client reads nothing.
const WAIT: Duration = Duration::from_secs(1);
/// How often it speaks, from the beginning to the end.
const WORD_PERIOD: Duration = Duration::from_millis(200);
/// How long it takes over a message, once it reads.
const MESSAGE_PERIOD: Duration = Duration::from_millis(1);

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

/// What it got.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Reading {
    pub(crate) zeros: usize,
    pub(crate) exit_code: Option<String>,
}

impl Reading {
    /// The burst to its last byte, and its exit code.
    pub(crate) fn is_whole(&self) -> bool {
        self.zeros == BURST_BYTES && self.exit_code.as_deref() == Some("5")
    }
}

/// Reads a burst to its end. The pace is the scenario: no event could stand for it.
pub(crate) async fn read_slowly(session: &mut Session, speech: Speech) -> Reading {
    let mut mouth = Mouth::new(speech);
    let begin = Instant::now() + WAIT;
    while Instant::now() < begin {
        mouth.speak(session).await;
        mouth.ticks.tick().await;
    }
    let mut transcript = Transcript::default();
    while let Some(frame) = session.next_whole().await {
        transcript.note(session, frame);
        mouth.speak_if_due(session).await;
        sleep(MESSAGE_PERIOD).await;
    }
    Reading {
        zeros: transcript.stdout.iter().filter(|byte| **byte == 0).count(),
        exit_code: transcript
            .statuses
            .concat()
            .split_once("exit code ")
            .map(|(_, rest)| rest.chars().take_while(char::is_ascii_digit).collect()),
    }
}

/// What the client says next.
struct Mouth {
    speech: Speech,
    words: usize,
    spoken: Instant,
    ticks: tokio::time::Interval,
}

impl Mouth {
    fn new(speech: Speech) -> Self {
        let mut ticks = interval(WORD_PERIOD);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self { speech, words: 0, spoken: Instant::now(), ticks }
    }

    async fn speak_if_due(&mut self, session: &mut Session) {
        if self.spoken.elapsed() >= WORD_PERIOD {
            self.speak(session).await;
        }
    }

    async fn speak(&mut self, session: &mut Session) {
        self.spoken = Instant::now();
        self.words += 1;
        let turn = [Speech::Pings, Speech::Sizes, Speech::Keys][self.words % 3];
        let word = if self.speech == Speech::Everything { turn } else { self.speech };
        let (first, payload) = match word {
            Speech::Nothing | Speech::Everything => return,
            Speech::Pings => (0x89, Vec::new()),
            Speech::Sizes => {
                let size = format!(r#"{{"Width":{},"Height":24}}"#, 80 + self.words % 40);
                session.message(4, size.as_bytes())
            }
            Speech::Keys => session.message(0, b"k"),
        };
        session.try_frame(first, &payload).await;
    }
}
