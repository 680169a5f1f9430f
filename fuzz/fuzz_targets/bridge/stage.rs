//! Plays a script against a bridge on virtual time, as the relay would.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use execgate::protocol::bridge::{
    BLOCK_SIZE, Bridge, BridgeSettings, Leg, OnDisconnect, StreamEnd, Summary, Then, Times,
};
use execgate::protocol::{Pairing, Sender};

use super::heard::Heard;
use super::script::{Event, Script};

/// What a leg may hold: a block, and a session's last words, of which the status is at most 32 KiB, as base64.
const BOUND: usize = BLOCK_SIZE + 64 * 1024;
/// Blocks of output that may be read ahead of a page that stalls.
const AHEAD: usize = 2;
/// Deadlines that may come due in one wait of eighteen hours: a ping every half minute on both legs, and the others.
const DEADLINES: usize = 20_000;

pub(crate) struct Stage {
    bridge: Bridge,
    now: Instant,
    legs: [Side; 2],
    /// True if what may be read in place is.
    in_place: bool,
    /// True once a peer stalled: what is taken then depends on where messages end, and so on cuts.
    stalled_once: bool,
}

/// How a stage reads what need not be copied.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reading {
    Copying,
    InPlace,
}

/// A leg's socket.
struct Side {
    heard: Heard,
    /// Came, and was not taken yet.
    pending: VecDeque<u8>,
    stalled: bool,
    ended: bool,
}

/// What a session came to.
pub(crate) struct Played {
    downstream: Heard,
    upstream: Heard,
    summary: Summary,
    stalled_once: bool,
}

impl Stage {
    pub(crate) fn play(script: &Script, cuts: &[usize], reading: Reading) -> Played {
        let mut stage = Self::new(script, reading);
        for (leg, event) in &script.events {
            stage.happens(*leg, event, cuts);
            stage.take(cuts);
        }
        for side in &mut stage.legs {
            side.stalled = false;
        }
        stage.take(cuts);
        stage.end();
        let summary = stage.bridge.summary();
        let [downstream, upstream] = stage.legs.map(|side| side.heard);
        Played { downstream, upstream, summary, stalled_once: stage.stalled_once }
    }

    fn new(script: &Script, reading: Reading) -> Self {
        let now = Instant::now();
        let settings = BridgeSettings {
            pairing: Pairing {
                downstream: script.pairing.downstream.into(),
                upstream: script.pairing.upstream,
            },
            streams: script.streams,
            size: None,
            audience: script.audience,
            finds_shell: false,
            times: TIMES,
            on_disconnect: OnDisconnect { then: Then::Leave, ..OnDisconnect::HANG_UP },
            read_ahead: AHEAD * BLOCK_SIZE,
            keys: || [1, 2, 3, 4],
        };
        let side = |sender, coding| Side {
            heard: Heard::new(sender, coding),
            pending: VecDeque::new(),
            stalled: false,
            ended: false,
        };
        Self {
            bridge: Bridge::new(settings, now),
            now,
            legs: [
                side(Sender::Server, script.pairing.downstream.coding()),
                side(Sender::Client, script.pairing.upstream.coding()),
            ],
            in_place: reading == Reading::InPlace,
            stalled_once: false,
        }
    }

    fn side(&mut self, leg: Leg) -> &mut Side {
        match leg {
            Leg::Downstream => &mut self.legs[0],
            Leg::Upstream => &mut self.legs[1],
        }
    }

    fn happens(&mut self, leg: Leg, event: &Event, cuts: &[usize]) {
        match event {
            Event::Bytes(bytes) => {
                if !self.side(leg).ended {
                    self.side(leg).pending.extend(bytes);
                }
            }
            Event::Wait(seconds) => self.pass(Duration::from_secs((*seconds).into())),
            Event::End => {
                self.take(cuts);
                if !std::mem::replace(&mut self.side(leg).ended, true) {
                    self.bridge.handle_end(leg, &StreamEnd::Eof, self.now);
                }
            }
            Event::WriteFailure => {
                let end = StreamEnd::Failed("broken pipe".to_owned());
                self.bridge.handle_write_failure(leg, &end, self.now);
            }
            Event::Stall => {
                self.stalled_once = true;
                self.side(leg).stalled = true;
            }
            Event::Resume => self.side(leg).stalled = false,
            Event::Drain => self.bridge.handle_drain(self.now),
        }
    }

    /// Lets the bridge take all that came, cut by cut, and the sockets all that it writes.
    fn take(&mut self, cuts: &[usize]) {
        let mut sizes = cuts.iter().copied().cycle();
        let mut moved = true;
        while std::mem::take(&mut moved) {
            for leg in [Leg::Upstream, Leg::Downstream] {
                let size = sizes.next().expect("there is a cut");
                moved |= self.read(leg, size);
            }
            self.bridge.flush(self.now);
            for leg in [Leg::Downstream, Leg::Upstream] {
                moved |= self.write(leg);
            }
        }
    }

    fn read(&mut self, leg: Leg, size: usize) -> bool {
        if !self.bridge.wants_bytes(leg) {
            return false;
        }
        self.lend(leg.other());
        let now = self.now;
        let side = match leg {
            Leg::Downstream => &mut self.legs[0],
            Leg::Upstream => &mut self.legs[1],
        };
        let pending = side.pending.make_contiguous();
        // Much is cut into larger pieces: a long message byte by byte would teach nothing more and take a second.
        let size = size.max(pending.len() / 64).min(pending.len());
        let mut read = &pending[..size];
        let mut handed_on = 0;
        if self.in_place && self.bridge.reads_in_place(leg) {
            let place = self.bridge.place(leg, BLOCK_SIZE / 2);
            read = &read[..size.min(place.len())];
            place[..read.len()].copy_from_slice(read);
            let left = self.bridge.handle_in_place(leg, read.len(), now).len();
            handed_on = read.len() - left;
        }
        let taken = handed_on + self.bridge.handle_bytes(leg, &read[handed_on..], now);
        side.pending.drain(..taken);
        taken > 0
    }

    fn write(&mut self, leg: Leg) -> bool {
        let unsent = self.bridge.unsent(leg);
        assert!(unsent.len() <= BOUND, "{leg:?} holds {} bytes", unsent.len());
        // One place more is for a pong that goes first.
        assert!(
            self.bridge.blocks_ahead() <= AHEAD + 1,
            "{} blocks are read ahead",
            self.bridge.blocks_ahead()
        );
        if self.side(leg).stalled || self.bridge.is_done(leg) {
            if leg == Leg::Downstream {
                self.bridge.handle_full(self.now);
            }
            return false;
        }
        let unsent = self.bridge.unsent(leg).to_vec();
        self.side(leg).heard.take(&unsent);
        self.bridge.mark_sent(leg, unsent.len(), self.now);
        while let Some(block) = self.bridge.take_block(leg) {
            assert!(block.len() <= BOUND, "{leg:?} has grown to {} bytes", block.len());
        }
        if self.bridge.wants_shutdown(leg) {
            self.bridge.mark_shut(leg, self.now);
        }
        !unsent.is_empty()
    }

    fn lend(&mut self, leg: Leg) {
        if self.bridge.needs_block(leg).is_some() {
            self.bridge.lend_block(leg, vec![0; BLOCK_SIZE]);
        }
    }

    fn pass(&mut self, duration: Duration) {
        let end = self.now + duration;
        for _ in 0..DEADLINES {
            let Some(deadline) = self.bridge.next_deadline().filter(|deadline| *deadline <= end) else {
                self.now = end;
                return;
            };
            self.now = self.now.max(deadline);
            self.bridge.handle_timeout(self.now);
            for leg in [Leg::Downstream, Leg::Upstream] {
                self.write(leg);
            }
        }
        panic!("a deadline that is due stays due");
    }

    /// Both peers leave: then there is nothing more to wait for.
    fn end(&mut self) {
        self.bridge.flush(self.now);
        for leg in [Leg::Downstream, Leg::Upstream] {
            self.write(leg);
        }
        self.pass(Duration::from_secs(1));
        for leg in [Leg::Upstream, Leg::Downstream] {
            if !self.side(leg).ended {
                self.bridge.handle_end(leg, &StreamEnd::Eof, self.now);
            }
            self.write(Leg::Downstream);
        }
        assert!(
            self.bridge.is_done(Leg::Downstream) && self.bridge.is_done(Leg::Upstream),
            "a session outlives both its peers"
        );
    }
}

impl Played {
    /// Fails unless both sides heard the same in `other`. A session that was ended for what a peer did wrong may have passed on
    /// less of what came right before.
    pub(crate) fn assert_same(&self, other: &Self) {
        if self.stalled_once {
            return;
        }
        let facts = |played: &Self| {
            let summary = &played.summary;
            (summary.ended_by, summary.exit.clone(), summary.close.clone())
        };
        assert_eq!(facts(self), facts(other));
        let close = self.summary.close.as_ref();
        let violated = close.is_some_and(|close| matches!(close.code, 1002 | 1007 | 1011));
        if violated {
            self.downstream.assert_begins_like(&other.downstream);
            self.upstream.assert_begins_like(&other.upstream);
        } else {
            assert_eq!(self.downstream, other.downstream);
            assert_eq!(self.upstream, other.upstream);
            assert_eq!(self.summary.output_bytes, other.summary.output_bytes);
            assert_eq!(self.summary.input.bytes, other.summary.input.bytes);
        }
    }
}

const TIMES: Times = Times {
    idle_timeout: Some(Duration::from_mins(15)),
    max_duration: Some(Duration::from_hours(8)),
    ping_period: Duration::from_secs(30),
    stuck_timeout: Duration::from_mins(10),
    utf8_hold: Duration::from_millis(5),
};
