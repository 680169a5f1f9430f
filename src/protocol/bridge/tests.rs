//! Sessions on virtual time: no socket, no sleep.

use std::time::{Duration, Instant};

use super::super::testing::{self, Message};
use super::super::{
    Channel, Close, Coding, Downstream, ExitStatus, Outbox, Pairing, Sender, Status, StatusForm, Subprotocol,
};
use super::*;

mod ahead;
mod closing;
mod deadlines;
mod dialects;
mod in_place;
mod properties;
mod relaying;

const TERMINAL: Streams = Streams { stdin: true, stdout: true, stderr: false, tty: true };
const PIPE: Streams = Streams { stdin: true, stdout: true, stderr: true, tty: false };
const TIMES: Times = Times {
    idle_timeout: Some(Duration::from_mins(15)),
    max_duration: Some(Duration::from_hours(8)),
    ping_period: Duration::from_secs(30),
    stuck_timeout: Duration::from_mins(10),
    utf8_hold: Duration::from_millis(5),
};

/// A session between a scripted page and a scripted API server.
struct Stage {
    bridge: Bridge,
    now: Instant,
    pairing: Pairing,
    /// A leg whose socket takes nothing while time passes.
    stuck: Option<Leg>,
    /// What each leg's socket took while time passed.
    taken: [Vec<u8>; 2],
    /// How many bytes were handed on where they were read.
    in_place: usize,
}

/// What one side was sent: messages and control frames.
type Sent = (Vec<Message>, Vec<(ControlKind, Vec<u8>)>);

impl Stage {
    fn new(downstream: Subprotocol, upstream: Subprotocol, streams: Streams) -> Self {
        Self::with(downstream, upstream, streams, TIMES, Audience::Program)
    }

    fn with(
        downstream: Subprotocol,
        upstream: Subprotocol,
        streams: Streams,
        times: Times,
        audience: Audience,
    ) -> Self {
        let pairing = Pairing { downstream: downstream.into(), upstream };
        let settings = Self::reading_ahead(downstream, 0).bridge.settings;
        Self::of(BridgeSettings { pairing, streams, audience, times, ..settings })
    }

    /// A page on a v4 cluster of whose output so many blocks may be read ahead.
    fn reading_ahead(downstream: Subprotocol, blocks: usize) -> Self {
        Self::of(BridgeSettings {
            pairing: Pairing { downstream: downstream.into(), upstream: Subprotocol::V4 },
            streams: TERMINAL,
            size: None,
            audience: Audience::Program,
            finds_shell: false,
            times: TIMES,
            on_disconnect: OnDisconnect { then: Then::Leave, ..OnDisconnect::HANG_UP },
            read_ahead: blocks * BLOCK_SIZE,
            keys: || [1, 2, 3, 4],
        })
    }

    fn of(settings: BridgeSettings) -> Self {
        let (now, pairing) = (Instant::now(), settings.pairing.clone());
        Self {
            bridge: Bridge::new(settings, now),
            now,
            pairing,
            stuck: None,
            taken: [vec![], vec![]],
            in_place: 0,
        }
    }

    /// A page that speaks base64, with a terminal, on a v4 cluster: what most sessions are.
    fn page() -> Self {
        Self::new(Subprotocol::Base64Channel, Subprotocol::V4, TERMINAL)
    }

    fn page_sends(&mut self, bytes: &[u8]) {
        self.feed(Leg::Downstream, bytes);
    }

    fn cluster_sends(&mut self, bytes: &[u8]) {
        self.feed(Leg::Upstream, bytes);
    }

    fn feed(&mut self, leg: Leg, bytes: &[u8]) {
        let taken = self.bridge.handle_bytes(leg, bytes, self.now);
        assert_eq!(taken, bytes.len(), "the bridge stopped reading");
        self.bridge.flush(self.now);
    }

    /// Gives the bridge what has come from `leg`, block by block as the relay does, and says how much it took.
    fn offer(&mut self, leg: Leg, bytes: &[u8]) -> usize {
        let mut taken = 0;
        while taken < bytes.len() && self.bridge.wants_bytes(leg) {
            if self.bridge.needs_block(leg.other()).is_some() {
                self.bridge.lend_block(leg.other(), vec![0; BLOCK_SIZE]);
            }
            taken += self.read(leg, &bytes[taken..]);
        }
        self.bridge.flush(self.now);
        taken
    }

    /// Gives the bridge some of what has come, where it wants to have it, and says how much it took.
    fn read(&mut self, leg: Leg, bytes: &[u8]) -> usize {
        if !self.bridge.reads_in_place(leg) {
            return self.bridge.handle_bytes(leg, bytes, self.now);
        }
        if self.bridge.needs_block(leg.other()).is_some() {
            self.bridge.lend_block(leg.other(), vec![0; BLOCK_SIZE]);
        }
        let place = self.bridge.place(leg, BLOCK_SIZE / 2);
        let read = &bytes[..bytes.len().min(place.len())];
        place[..read.len()].copy_from_slice(read);
        let left = self.bridge.handle_in_place(leg, read.len(), self.now).to_vec();
        assert!(read.ends_with(&left), "what is not handed on is left as it was");
        self.in_place += read.len() - left.len();
        read.len() - left.len() + self.bridge.handle_bytes(leg, &left, self.now)
    }

    /// Lets `leg`'s socket take all that waits for it.
    fn drain(&mut self, leg: Leg) {
        while !self.bridge.unsent(leg).is_empty() {
            self.drain_some(leg, usize::MAX);
        }
    }

    /// Lets `leg`'s socket take at most `count` bytes.
    fn drain_some(&mut self, leg: Leg, count: usize) {
        let bytes = self.bridge.unsent(leg);
        let bytes = bytes[..count.min(bytes.len())].to_vec();
        if !bytes.is_empty() {
            self.bridge.mark_sent(leg, bytes.len(), self.now);
        }
        self.taken[leg as usize].extend(bytes);
        drop(self.bridge.take_block(leg));
    }

    fn drain_unless_stuck(&mut self) {
        for leg in [Leg::Downstream, Leg::Upstream] {
            if self.stuck != Some(leg) {
                self.drain(leg);
            }
        }
    }

    /// All that `leg` was sent since the last time.
    fn take(&mut self, leg: Leg) -> Sent {
        self.drain(leg);
        let bytes = std::mem::take(&mut self.taken[leg as usize]);
        match leg {
            Leg::Downstream => testing::read(&bytes, Sender::Server, self.page_coding()),
            Leg::Upstream => testing::read(&bytes, Sender::Client, self.pairing.upstream.coding()),
        }
    }

    fn page_coding(&self) -> Coding {
        match &self.pairing.downstream {
            Downstream::Exec(subprotocol) => subprotocol.coding(),
            // Read as it is: a dialect's messages begin with no channel.
            Downstream::Dialect(_) => Coding::Raw,
        }
    }

    fn page_got(&mut self) -> Sent {
        self.take(Leg::Downstream)
    }

    fn cluster_got(&mut self) -> Sent {
        self.take(Leg::Upstream)
    }

    /// Lets time pass, deadline by deadline, while the page takes nothing.
    fn pass_without_page(&mut self, duration: Duration) {
        let stuck = self.stuck.replace(Leg::Downstream);
        self.pass(duration);
        self.stuck = stuck;
    }

    /// Lets time pass, deadline by deadline; sockets that are not stuck take what is written.
    fn pass(&mut self, duration: Duration) {
        let end = self.now + duration;
        self.drain_unless_stuck();
        while let Some(deadline) = self.bridge.next_deadline().filter(|deadline| *deadline <= end) {
            self.now = self.now.max(deadline);
            self.bridge.handle_timeout(self.now);
            self.drain_unless_stuck();
        }
        self.now = end;
    }
}

/// A client's frame, masked.
fn client(coding: Coding, channel: Channel, data: &[u8]) -> Vec<u8> {
    frames(Sender::Client, coding, channel, data)
}

/// A server's frame.
fn server(channel: Channel, data: &[u8]) -> Vec<u8> {
    frames(Sender::Server, Coding::Raw, channel, data)
}

fn frames(sender: Sender, coding: Coding, channel: Channel, data: &[u8]) -> Vec<u8> {
    use super::super::writer::{Masking, Writer};
    let masking = match sender {
        Sender::Client => Masking::Client(|| [9, 8, 7, 6]),
        Sender::Server => Masking::Server,
    };
    let mut outbox = Outbox::default();
    Writer::new(coding, masking).message(channel, data, &mut outbox);
    outbox.unsent().to_vec()
}

fn control(sender: Sender, kind: ControlKind, payload: &[u8]) -> Vec<u8> {
    use super::super::writer::{Masking, Writer};
    let masking = match sender {
        Sender::Client => Masking::Client(|| [9, 8, 7, 6]),
        Sender::Server => Masking::Server,
    };
    let mut outbox = Outbox::default();
    Writer::new(Coding::Raw, masking).control(kind, payload, &mut outbox);
    outbox.unsent().to_vec()
}

/// The code and reason of the only close frame among `controls`.
fn close_of(controls: &[(ControlKind, Vec<u8>)]) -> (u16, String) {
    let closes: Vec<_> = controls.iter().filter(|(kind, _)| *kind == ControlKind::Close).collect();
    assert_eq!(closes.len(), 1, "{controls:?}");
    let close = Close::parse(&closes[0].1).unwrap();
    (close.code, close.reason().to_owned())
}
