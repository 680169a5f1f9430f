//! Every timeout of a session as a row of one table.

use std::time::{Duration, Instant};

use super::super::ControlKind;
use super::leg::Flow;
use super::{Bridge, EndedBy, Leg};

/// How long a session may be silent, stuck or open; `None` is no limit. See `relay::Settings` for the meaning of each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Times {
    /// Without terminal data either way.
    pub idle_timeout: Option<Duration>,
    /// Whatever flows.
    pub max_duration: Option<Duration>,
    /// Silence after which a leg is pinged; after two it is gone.
    pub ping_period: Duration,
    /// Without a byte taken of what waits.
    pub stuck_timeout: Duration,
    /// For the rest of a begun character; zero keeps none back.
    pub utf8_hold: Duration,
}

/// After our close frame, how long a client that is silent may take to end its connection. A slow reader may still have megabytes
/// of output in front of it, so it is long; a client that goes on sending is waited for up to the stuck timeout.
const CLIENT_LINGER: Duration = Duration::from_secs(30);
/// How long the API server may take to end its connection after its status, or after our close frame.
const CLUSTER_LINGER: Duration = Duration::from_secs(5);
/// The slowest line, in bytes a second, on which a page that reads steadily is not taken for gone, and gets all that was read ahead.
const SLOWEST_LINE: u64 = 8 * 1024;
/// Input in bytes that a runtime takes whether or not its command reads: half of a pipe (pipe(7), "Pipe capacity").
const PIPE: u64 = 32 * 1024;
/// How often an empty message pushes the API server's own idle limit of four hours (exec-websocket servers count data messages,
/// not pings): our idle timeout decides.
const PUSH_PERIOD: Duration = Duration::from_hours(1);

/// One row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Timer {
    /// A begun character waited long enough.
    Hold,
    /// Input or a size waits for the output on the way.
    Look,
    /// No terminal data.
    Idle,
    /// Open long enough.
    Max,
    /// Time to ping.
    Ping(Leg),
    /// Time to tell a client that is not read that we live.
    Pong,
    /// Silent for two periods.
    Silent(Leg),
    /// Takes nothing of what waits.
    Stuck(Leg),
    /// The API server's idle limit comes nearer.
    Push,
    /// Had its while to end by what was typed last.
    Grace,
    /// Does not end its connection.
    Linger(Leg),
    /// Ended long ago, and still something waits: no peer can hold a session for ever.
    Over,
}

const TIMERS: [Timer; 16] = [
    Timer::Hold,
    Timer::Look,
    Timer::Idle,
    Timer::Max,
    Timer::Silent(Leg::Downstream),
    Timer::Silent(Leg::Upstream),
    Timer::Stuck(Leg::Downstream),
    Timer::Stuck(Leg::Upstream),
    Timer::Grace,
    Timer::Linger(Leg::Downstream),
    Timer::Linger(Leg::Upstream),
    Timer::Over,
    Timer::Ping(Leg::Downstream),
    Timer::Ping(Leg::Upstream),
    Timer::Pong,
    Timer::Push,
];

impl Bridge {
    /// When [`handle_timeout`](Self::handle_timeout) is to be called next. Later than this is harmless but late.
    pub fn next_deadline(&self) -> Option<Instant> {
        TIMERS.iter().filter_map(|timer| self.due_at(*timer)).min()
    }

    /// Does what is due.
    pub fn handle_timeout(&mut self, now: Instant) {
        for timer in TIMERS {
            if self.due_at(timer).is_some_and(|at| at <= now) {
                self.fire(timer, now);
            }
        }
        self.flush(now);
    }

    fn due_at(&self, row: Timer) -> Option<Instant> {
        let times = &self.settings.times;
        let open = self.ended.is_none();
        match row {
            Timer::Hold => after(self.held_since.filter(|_| open), times.utf8_hold),
            Timer::Look => self.next_look().filter(|_| open),
            Timer::Idle => after(Some(self.data_at).filter(|_| open), times.idle_timeout?),
            Timer::Max => after(Some(self.opened_at).filter(|_| open), times.max_duration?),
            Timer::Ping(leg) => self.ping_due(leg).filter(|_| open),
            // While its input is stuck the client is not read, so its pings are not seen, and client-go would give up after 61 s
            // without a pong. An unsolicited one (RFC 6455 section 5.5.3) says that we live; it stands behind output that waits.
            Timer::Pong => {
                let unread = open && !self.wants_bytes(Leg::Downstream);
                after(Some(self.down.ponged_at).filter(|_| unread), times.ping_period)
            }
            Timer::Silent(leg) => self.silent_at(leg).filter(|_| open),
            Timer::Stuck(leg) => {
                let waiting = self.leg(leg).waiting_since.filter(|_| !self.is_done(leg));
                after(waiting, self.patience_with(leg))
            }
            Timer::Push => {
                after(Some(self.up.written_at).filter(|_| open && self.is_quiet(Leg::Upstream)), PUSH_PERIOD)
            }
            Timer::Grace => match self.up.flow {
                Flow::Leaving { until } => Some(until),
                _ => None,
            },
            Timer::Linger(leg) => self.linger_ends(leg),
            Timer::Over => {
                let over = self.is_done(Leg::Downstream) && self.is_done(Leg::Upstream);
                let ended = self.ended.as_ref().filter(|_| !over)?;
                let slowest = Duration::from_secs(ended.unsent_bytes / SLOWEST_LINE);
                let longest = times.stuck_timeout.max(CLIENT_LINGER).max(slowest);
                after(Some(ended.at), longest.saturating_add(self.settings.on_disconnect.grace))
            }
        }
    }

    /// How long `leg` may take nothing of what waits for it. A client that does not read on, as a pager, has as long for the last
    /// output of a command, which may be read ahead of it, as for any other; one that is merely told goodbye has less.
    fn patience_with(&self, leg: Leg) -> Duration {
        let times = &self.settings.times;
        let by_command = self.ended.as_ref().is_some_and(|ended| ended.by == EndedBy::Command);
        let has_output = leg == Leg::Downstream && by_command && !self.down.outbox.is_empty();
        if self.leg(leg).flow == Flow::Open || has_output {
            times.stuck_timeout
        } else {
            times.ping_period.saturating_mul(2)
        }
    }

    /// True when nothing waits on either side: `leg` is being read, and could be written.
    fn is_quiet(&self, leg: Leg) -> bool {
        self.leg(leg).outbox.is_empty() && self.leg(leg.other()).outbox.is_empty()
    }

    /// A leg is pinged one period after it was last heard or pinged, but never while its own output waits unread behind a slow
    /// page: whatever reaches an API server that has already closed makes its kernel drop the output that we have not taken yet.
    /// A page is pinged while it is read: else its answer would not be.
    fn ping_due(&self, leg: Leg) -> Option<Instant> {
        let state = self.leg(leg);
        let clear = match leg {
            Leg::Upstream => self.is_quiet(Leg::Upstream),
            Leg::Downstream => state.outbox.is_empty() && self.wants_bytes(Leg::Downstream),
        };
        let since = state.pinged_at.map_or(state.heard_at, |pinged| pinged.max(state.heard_at));
        after(Some(since).filter(|_| clear), self.settings.times.ping_period)
    }

    /// A leg that is read and says nothing is gone after two periods. A missing pong of the API server is no evidence while input
    /// is unacknowledged: its one reader may wait for a command that does not read (cri-streaming, `wsstream` `conn.go`). As long as
    /// all input of the session fits into the pipe before the command, it waits for none, and silence is evidence: else whoever
    /// types into a terminal that has frozen would wait for the stuck timeout.
    fn silent_at(&self, leg: Leg) -> Option<Instant> {
        let times = &self.settings.times;
        let two_periods = times.ping_period.saturating_mul(2);
        let state = self.leg(leg);
        let longest = times.stuck_timeout.max(two_periods);
        let patience = match leg {
            Leg::Upstream if !state.is_acknowledged() && self.input.counts().bytes > PIPE => longest,
            Leg::Upstream => two_periods,
            // On a slow line megabytes can stand in the kernels' buffers, and our ping behind them.
            Leg::Downstream => {
                let behind = Duration::from_secs(state.unacknowledged_bytes() / SLOWEST_LINE);
                two_periods.saturating_add(behind).min(longest)
            }
        };
        after(Some(state.heard_at).filter(|_| self.is_quiet(leg)), patience)
    }

    fn linger_ends(&self, leg: Leg) -> Option<Instant> {
        let state = self.leg(leg);
        let Flow::Shut { at } = state.flow else {
            return None;
        };
        match leg {
            Leg::Upstream => after(Some(at), CLUSTER_LINGER),
            Leg::Downstream => after(Some(at.max(state.heard_at)), CLIENT_LINGER),
        }
    }

    fn fire(&mut self, timer: Timer, now: Instant) {
        match timer {
            Timer::Hold => {
                self.held_since = None;
                self.output.release(&mut self.down.outbox);
            }
            Timer::Look => self.look(),
            Timer::Idle => self.end(EndedBy::Idle, None, now),
            Timer::Max => self.end(EndedBy::MaxDuration, None, now),
            Timer::Ping(leg) => self.ping(leg, now),
            Timer::Pong => {
                self.down.ponged_at = now;
                self.output.writer().control(ControlKind::Pong, &[], &mut self.down.outbox);
            }
            Timer::Silent(leg) => self.peer_is_gone(leg, EndedBy::Silence(leg), now),
            Timer::Stuck(leg) => self.peer_is_gone(leg, EndedBy::Stuck(leg), now),
            Timer::Push => {
                self.up.written(now);
                self.input.writer().empty_message(&mut self.up.outbox);
            }
            Timer::Grace => {
                // What was typed last may stand behind input that nobody reads.
                self.up.lose_outbox();
                self.up.flow = Flow::Closing;
                self.up.waits_since(now);
            }
            Timer::Linger(leg) => self.give_up(leg),
            Timer::Over => {
                self.give_up(Leg::Downstream);
                self.give_up(Leg::Upstream);
            }
        }
    }

    fn ping(&mut self, leg: Leg, now: Instant) {
        let payload = self.leg_mut(leg).pinged(now);
        let (writer, outbox) = match leg {
            Leg::Downstream => (self.output.writer(), &mut self.down.outbox),
            Leg::Upstream => (self.input.writer(), &mut self.up.outbox),
        };
        writer.control(ControlKind::Ping, &payload, outbox);
    }
}

/// `at` and `patience`; `None` where there is nothing to wait for or the time can't be told.
fn after(at: Option<Instant>, patience: Duration) -> Option<Instant> {
    at?.checked_add(patience)
}
