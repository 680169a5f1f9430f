//! Who closes first, with which code and words, and what becomes of the other leg.

use std::fmt;
use std::time::{Duration, Instant};

use super::super::downstream::EndForm;
use super::super::reader::ReadError;
use super::super::{Close, ControlKind, ExitStatus, FrameError, LateRefusal, Status, StatusForm};
use super::input::Sizes;
use super::leg::Flow;
use super::output::Told;
use super::{Audience, Bridge, Ended, Leg, StreamEnd, Then};

/// Who or what ended a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndedBy {
    /// The command: its status was told.
    Command,
    /// The client: it closed or went away.
    Client,
    /// The API server: it closed without a status.
    Cluster,
    /// No terminal data for the idle timeout.
    Idle,
    /// The longest duration was reached.
    MaxDuration,
    /// execgate is going away.
    Drain,
    /// That peer answered nothing for two ping periods.
    Silence(Leg),
    /// That peer took nothing for the stuck timeout.
    Stuck(Leg),
    /// That peer broke the protocol.
    Violation(Leg),
}

impl fmt::Display for EndedBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Command => "command",
            Self::Client => "client",
            Self::Cluster => "cluster",
            Self::Idle => "idle timeout",
            Self::MaxDuration => "maximum duration",
            Self::Drain => "drain",
            Self::Silence(Leg::Downstream) => "silence of the client",
            Self::Silence(Leg::Upstream) => "silence of the cluster",
            Self::Stuck(Leg::Downstream) => "client that reads nothing",
            Self::Stuck(Leg::Upstream) => "command that reads no input",
            Self::Violation(Leg::Downstream) => "protocol violation of the client",
            Self::Violation(Leg::Upstream) => "protocol violation of the cluster",
        })
    }
}

/// The page's last words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Farewell {
    /// What goes out before the close frame.
    pub(super) last: Last,
    /// The close frame.
    pub(super) close: Close,
}

/// What a client is told of the end besides the close frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Last {
    /// Nothing.
    Nothing,
    /// On channel 3.
    Status(Vec<u8>),
    /// A sentence for the terminal of a page that has no channels.
    Words(String),
    /// That the command ended, in the dialect's own message.
    Exit(ExitStatus),
}

/// What a page reads of a refusal that came late: the translator's message carries node addresses, the argv, and refusals that mean
/// the API server and not the user.
const NEVER_STARTED_WORDS: &str =
    "the cluster could not start the command; check that the container is running, and try again";

impl Bridge {
    /// Ends the session for a reason that is not a peer's violation.
    pub(super) fn end(&mut self, by: EndedBy, told: Option<Told>, now: Instant) {
        let farewell = match &told {
            Some(told) => self.farewell_of_command(told),
            None => self.farewell_without_status(by, by_words(by, &self.settings.times).as_str()),
        };
        let exit = told.map(|told| told.exit);
        self.finish(by, exit, Some(&farewell), now);
    }

    /// The client sent its close frame: it gets it back, and the API server is told.
    pub(super) fn client_closed(&mut self, payload: &[u8], now: Instant) {
        let Some(close) = Close::parse(payload) else {
            return self.violated(Leg::Downstream, ReadError::Frame(FrameError::CloseFrame), now);
        };
        let echo = Farewell { last: Last::Nothing, close: Close::new(close.code, "") };
        self.finish(EndedBy::Client, None, Some(&echo), now);
    }

    /// The client said in its dialect that it leaves.
    pub(super) fn client_left(&mut self, now: Instant) {
        let farewell = Farewell { last: Last::Nothing, close: Close::new(Close::NORMAL, "") };
        self.finish(EndedBy::Client, None, Some(&farewell), now);
    }

    /// The client's connection ended without a close frame: nothing more can be said to it.
    pub(super) fn client_vanished(&mut self, now: Instant) {
        self.finish(EndedBy::Client, None, None, now);
    }

    /// The API server sent its close frame before a status.
    pub(super) fn upstream_closed(&mut self, payload: &[u8], now: Instant) {
        let Some(close) = Close::parse(payload) else {
            return self.violated(Leg::Upstream, ReadError::Frame(FrameError::CloseFrame), now);
        };
        let tells_failures_only = self.settings.pairing.upstream.status_form() == StatusForm::Text;
        if tells_failures_only && close.code == Close::NORMAL {
            let json = Status::success().to_json();
            return self.end(
                EndedBy::Command,
                Some(Told { exit: ExitStatus::Success, json: Some(json) }),
                now,
            );
        }
        let words = format!(
            "the cluster ended the session without a status (close code {}); connect again",
            close.code
        );
        self.cluster_ended(&words, now);
    }

    /// The API server's connection ended before a status.
    pub(super) fn upstream_ended(&mut self, end: &StreamEnd, now: Instant) {
        let words = match end {
            StreamEnd::Eof => "the cluster ended the connection without a status; connect again",
            StreamEnd::Failed(_) => "the connection to the cluster broke; connect again",
        };
        self.cluster_ended(words, now);
    }

    fn cluster_ended(&mut self, words: &str, now: Instant) {
        let farewell = self.farewell_without_status(EndedBy::Cluster, words);
        self.finish(EndedBy::Cluster, None, Some(&farewell), now);
    }

    /// A peer broke the protocol.
    pub(super) fn violated(&mut self, leg: Leg, error: ReadError, now: Instant) {
        let by = EndedBy::Violation(leg);
        let farewell = match (leg, error) {
            (Leg::Upstream, error) => {
                self.farewell_without_status(by, &format!("the cluster broke the exec protocol: {error}"))
            }
            (Leg::Downstream, error @ ReadError::Base64(_)) => {
                Farewell { last: Last::Nothing, close: Close::new(Close::INVALID_PAYLOAD, error.to_string()) }
            }
            (Leg::Downstream, error @ (ReadError::Frame(_) | ReadError::CloseSignal)) => {
                Farewell { last: Last::Nothing, close: Close::new(Close::PROTOCOL_ERROR, error.to_string()) }
            }
            // Such a page shows what it is sent, and not always the reason of a close frame.
            (Leg::Downstream, ReadError::Dialect(error)) => {
                let words = error.to_string();
                let close = Close::new(Close::INVALID_PAYLOAD, words.as_str());
                Farewell { last: Last::Words(words), close }
            }
        };
        self.finish(by, None, Some(&farewell), now);
    }

    /// A peer is silent or stuck: nothing more is written to it.
    pub(super) fn peer_is_gone(&mut self, leg: Leg, by: EndedBy, now: Instant) {
        if self.ended.is_none() {
            let farewell = self.farewell_without_status(by, &by_words(by, &self.settings.times));
            let words = (leg == Leg::Upstream).then_some(&farewell);
            self.finish(by, None, words, now);
        }
        self.give_up(leg);
    }

    /// Drops what waits for `leg` and its connection.
    pub(super) fn give_up(&mut self, leg: Leg) {
        let state = self.leg_mut(leg);
        state.flow = Flow::Done;
        state.waiting_since = None;
        state.lose_outbox();
    }

    /// The one place where a session turns from open to ended.
    fn finish(&mut self, by: EndedBy, exit: Option<ExitStatus>, farewell: Option<&Farewell>, now: Instant) {
        let heard = farewell.filter(|_| self.down.flow == Flow::Open);
        let close = heard.map(|farewell| farewell.close.clone());
        let unsent_bytes = self.down.outbox.len() as u64;
        self.ended = Some(Ended { by, exit, close, at: now, unsent_bytes });
        self.held_since = None;
        self.ahead.let_go();
        if let Some(farewell) = heard {
            self.say_farewell(farewell, now);
        }
        if self.up.flow == Flow::Open {
            match by {
                // Nothing at all goes upstream after the status: it would meet a closed socket, whose kernel then drops output.
                EndedBy::Command | EndedBy::Cluster | EndedBy::Violation(Leg::Upstream) => {
                    self.leave_unsaid(now);
                }
                EndedBy::Client
                | EndedBy::Idle
                | EndedBy::MaxDuration
                | EndedBy::Drain
                | EndedBy::Silence(_)
                | EndedBy::Stuck(_)
                | EndedBy::Violation(Leg::Downstream) => {
                    self.up.hangs_up = self.hangs_up(by, farewell);
                    self.take_leave(by, now);
                }
            }
        }
    }

    /// The API server has ended or is about to: its end is waited for, and input that waits is lost.
    fn leave_unsaid(&mut self, now: Instant) {
        self.input.flush(Sizes::Go, &mut self.up.outbox);
        self.up.lose_outbox();
        self.up.shut(now);
    }

    /// Whether a terminal's command is to end with its line. A program that says goodbye means by it what the API server would
    /// understand, the end of input and no more; a page says it whenever its tab is closed.
    fn hangs_up(&self, by: EndedBy, farewell: Option<&Farewell>) -> bool {
        let settings = &self.settings;
        let says_goodbye =
            by == EndedBy::Client && farewell.is_some() && settings.audience == Audience::Program;
        settings.streams.tty && settings.on_disconnect.then == Then::HangUp && !says_goodbye
    }

    /// We leave first: input that was read still goes out, then the last input, then our close frame, unless we hang up. The
    /// server's reader ends then, and standard input with it.
    fn take_leave(&mut self, by: EndedBy, now: Instant) {
        if self.up.is_deaf() {
            return self.leave_unsaid(now);
        }
        self.input.end(&self.settings.on_disconnect.send, &mut self.up.outbox);
        self.input.flush(Sizes::Go, &mut self.up.outbox);
        let grace = self.settings.on_disconnect.grace.min(longest_grace(by));
        let until = now.checked_add(grace).filter(|until| *until > now);
        self.up.flow = match until {
            Some(until) if self.up.hangs_up => Flow::Leaving { until },
            _ => Flow::Closing,
        };
        if !self.up.hangs_up {
            let close = Close::new(Close::NORMAL, "").to_payload();
            self.input.writer().control(ControlKind::Close, &close, &mut self.up.outbox);
        }
        self.up.waits_since(now);
    }

    fn farewell_of_command(&self, told: &Told) -> Farewell {
        let never_started = told.exit.message().and_then(LateRefusal::of).is_some();
        if never_started && self.settings.audience == Audience::Page {
            return self.farewell_without_status(EndedBy::Cluster, NEVER_STARTED_WORDS);
        }
        let reason = match &told.exit {
            ExitStatus::Success => "exit code 0".to_owned(),
            ExitStatus::Code(code) => format!("exit code {code}"),
            ExitStatus::Failed(message) => message.clone(),
        };
        let last = match self.settings.pairing.downstream.end_form() {
            EndForm::Status(StatusForm::Json) => {
                Last::Status(told.json.clone().unwrap_or_else(|| status_of(&told.exit).to_json()))
            }
            EndForm::Status(StatusForm::Text) => text_of(told).map_or(Last::Nothing, Last::Status),
            EndForm::Dialect => match &told.exit {
                ExitStatus::Failed(message) => Last::Words(message.clone()),
                exit => Last::Exit(exit.clone()),
            },
        };
        Farewell { last, close: Close::new(Close::NORMAL, reason) }
    }

    /// Without a status of the command's, a client is never told a bare 1000: client-go takes that for exit 0. It acts on channel 3
    /// only at 1000, so a client that reads a Status there gets a Failure and 1000; others get the words and a code that says no.
    fn farewell_without_status(&self, by: EndedBy, words: &str) -> Farewell {
        let code = match by {
            EndedBy::Idle | EndedBy::MaxDuration | EndedBy::Stuck(_) => Close::POLICY,
            EndedBy::Drain => Close::GOING_AWAY,
            EndedBy::Command
            | EndedBy::Client
            | EndedBy::Cluster
            | EndedBy::Silence(_)
            | EndedBy::Violation(_) => Close::INTERNAL_ERROR,
        };
        match self.settings.pairing.downstream.end_form() {
            EndForm::Status(StatusForm::Text) => {
                Farewell { last: Last::Status(words.as_bytes().to_vec()), close: Close::new(code, words) }
            }
            EndForm::Status(StatusForm::Json) => {
                let code = if by == EndedBy::Drain { code } else { Close::NORMAL };
                let status = Status::internal_error(words).to_json();
                Farewell { last: Last::Status(status), close: Close::new(code, words) }
            }
            EndForm::Dialect => {
                Farewell { last: Last::Words(words.to_owned()), close: Close::new(code, words) }
            }
        }
    }
}

/// A gate that is stopped waits no longer for its last sessions than that, less what their end takes.
fn longest_grace(by: EndedBy) -> Duration {
    if by == EndedBy::Drain { Duration::from_secs(5) } else { Duration::MAX }
}

/// What a client before v4 reads on channel 3: nothing on success, else the message.
fn text_of(told: &Told) -> Option<Vec<u8>> {
    let message = match (&told.exit, &told.json) {
        (ExitStatus::Success, _) => return None,
        (_, Some(json)) => Status::parse(json).and_then(|status| status.message),
        (_, None) => status_of(&told.exit).message,
    };
    message.map(String::into_bytes)
}

fn status_of(exit: &ExitStatus) -> Status {
    match exit {
        ExitStatus::Success => Status::success(),
        ExitStatus::Code(code) => Status::exited(*code),
        ExitStatus::Failed(message) => Status {
            status: Some("Failure".to_owned()),
            message: Some(message.clone()),
            reason: Some("InternalError".to_owned()),
            code: Some(500),
            ..Status::default()
        },
    }
}

fn by_words(by: EndedBy, times: &super::Times) -> String {
    match by {
        EndedBy::Idle => format!("no input or output for {}", duration(times.idle_timeout)),
        EndedBy::MaxDuration => {
            format!("the session reached its longest duration of {}", duration(times.max_duration))
        }
        EndedBy::Drain => "the gateway is shutting down; connect again".to_owned(),
        EndedBy::Silence(Leg::Upstream) => "the cluster stopped answering; connect again".to_owned(),
        EndedBy::Silence(Leg::Downstream) => "the client stopped answering".to_owned(),
        EndedBy::Stuck(Leg::Upstream) => {
            format!("the command read none of its input for {}", duration(Some(times.stuck_timeout)))
        }
        EndedBy::Stuck(Leg::Downstream) => {
            format!("the client read none of its output for {}", duration(Some(times.stuck_timeout)))
        }
        EndedBy::Command | EndedBy::Client | EndedBy::Cluster | EndedBy::Violation(_) => {
            "the session ended".to_owned()
        }
    }
}

/// A duration in the largest unit that divides it.
fn duration(duration: Option<Duration>) -> String {
    let seconds = duration.unwrap_or_default().as_secs();
    match seconds {
        0 => format!("{} ms", duration.unwrap_or_default().as_millis()),
        s if s % 3600 == 0 => format!("{} h", s / 3600),
        s if s % 60 == 0 => format!("{} min", s / 60),
        s => format!("{s} s"),
    }
}
