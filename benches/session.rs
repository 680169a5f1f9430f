//! A session's bytes through the bridge alone, for the benches of `protocol`: no sockets, and a block that is lent as the relay does.

use std::hint::black_box;
use std::time::{Duration, Instant};

use execgate::protocol::bridge::{
    Audience, BLOCK_SIZE, Bridge, BridgeSettings, Leg, OnDisconnect, Then, Times,
};
use execgate::protocol::{Coding, Pairing, Sender, Subprotocol};
use execgate::target::Streams;

use crate::stream;

/// What one read of a socket gives: a block.
const READ: usize = 64 * 1024;

/// A page's subprotocol on a v4 cluster, and who sends.
pub(crate) const CASES: [(&str, Subprotocol, Leg); 4] = [
    ("v4_to_base64_page", Subprotocol::Base64Channel, Leg::Upstream),
    ("v4_to_v4_page", Subprotocol::V4, Leg::Upstream),
    ("base64_page_to_v4", Subprotocol::Base64Channel, Leg::Downstream),
    ("v4_page_to_v4", Subprotocol::V4, Leg::Downstream),
];

/// What `from` sends to a session of that page, in frames of `size` data bytes.
pub(crate) fn sent(page: Subprotocol, from: Leg, size: usize) -> Vec<u8> {
    match from {
        Leg::Upstream => stream::of_frames(Sender::Server, Coding::Raw, size),
        Leg::Downstream => stream::of_frames(Sender::Client, page.coding(), size),
    }
}

/// A bridge and the one block that the relay would lend it.
pub(crate) struct Session {
    bridge: Bridge,
    block: Option<Vec<u8>>,
    now: Instant,
}

impl Session {
    pub(crate) fn new(page: Subprotocol) -> Self {
        let now = Instant::now();
        let settings = BridgeSettings {
            size: None,
            pairing: Pairing { downstream: page.into(), upstream: Subprotocol::V4 },
            streams: Streams { stdin: true, stdout: true, stderr: false, tty: true },
            audience: Audience::Page,
            times: TIMES,
            on_disconnect: OnDisconnect { then: Then::Leave, ..OnDisconnect::HANG_UP },
            read_ahead: 0,
            keys: rand::random,
        };
        Self { bridge: Bridge::new(settings, now), block: Some(vec![0; BLOCK_SIZE]), now }
    }

    /// Relays `bytes` read by read, with a socket on the other side that takes everything; says how many bytes it took.
    pub(crate) fn relay(&mut self, from: Leg, bytes: &[u8]) -> usize {
        let mut taken = 0;
        for mut read in bytes.chunks(READ) {
            while !read.is_empty() {
                if let Some(block) = self.block.take() {
                    self.bridge.lend_block(from.other(), block);
                }
                let used = self.bridge.handle_bytes(from, read, self.now);
                read = &read[used..];
                self.bridge.flush(self.now);
                taken += self.send(from.other());
            }
        }
        taken
    }

    /// The same for one read of whole long frames, which are handed on where they were read, so many `times`: what stands there then is
    /// as good a read. So the kernel's copy to there is left out, as it is of [`relay`](Self::relay).
    #[allow(dead_code, reason = "the bench of instructions alone hands on")]
    pub(crate) fn hand_on(&mut self, from: Leg, frames: &[u8], times: u32) {
        let first = self.relay(from, frames);
        for number in 0..times {
            self.bridge.lend_block(from.other(), self.block.take().expect("all was sent"));
            assert!(self.bridge.reads_in_place(from), "these are long frames");
            let place = self.bridge.place(from, frames.len());
            if number == 0 {
                place.copy_from_slice(frames);
            }
            let left = self.bridge.handle_in_place(from, frames.len(), self.now);
            assert!(left.is_empty(), "these are whole frames");
            self.bridge.flush(self.now);
            assert_eq!(self.send(from.other()), first);
        }
    }

    fn send(&mut self, leg: Leg) -> usize {
        let count = black_box(self.bridge.unsent(leg)).len();
        self.bridge.mark_sent(leg, count, self.now);
        self.block = self.bridge.take_block(leg);
        count
    }
}

const TIMES: Times = Times {
    idle_timeout: None,
    max_duration: None,
    ping_period: Duration::from_secs(30),
    stuck_timeout: Duration::from_mins(10),
    utf8_hold: Duration::from_millis(5),
};
