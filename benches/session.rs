//! A session's bytes through the bridge alone, for the benches of `protocol`: no sockets, and a block that is lent as the relay does.

use std::hint::black_box;
use std::time::{Duration, Instant};

use execgate::protocol::bridge::{
    Audience, BLOCK_SIZE, Bridge, BridgeSettings, Leg, OnDisconnect, Then, Times,
};
use execgate::protocol::{Coding, Dialect, Downstream, Pairing, Sender, Subprotocol};
use execgate::target::Streams;

use crate::stream;

/// What one read of a socket gives: a block.
const READ: usize = 64 * 1024;

/// What a page speaks.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Page {
    /// A subprotocol.
    Exec(Subprotocol),
    /// The preset of a dialect.
    Dialect(&'static str),
}

/// A page on a v4 cluster, and who sends.
pub(crate) const CASES: [(&str, Page, Leg); 9] = [
    ("v4_to_base64_page", BASE64, Leg::Upstream),
    ("v4_to_v4_page", V4, Leg::Upstream),
    ("v4_to_scow_page", Page::Dialect("scow"), Leg::Upstream),
    ("v4_to_kubeutil_page", Page::Dialect("kubeutil"), Leg::Upstream),
    ("v4_to_raw_page", Page::Dialect("raw"), Leg::Upstream),
    ("base64_page_to_v4", BASE64, Leg::Downstream),
    ("v4_page_to_v4", V4, Leg::Downstream),
    ("scow_page_to_v4", Page::Dialect("scow"), Leg::Downstream),
    ("kubeutil_page_to_v4", Page::Dialect("kubeutil"), Leg::Downstream),
];

const BASE64: Page = Page::Exec(Subprotocol::Base64Channel);
const V4: Page = Page::Exec(Subprotocol::V4);

/// What `from` sends to a session of that page, in frames of `size` data bytes.
pub(crate) fn sent(page: Page, from: Leg, size: usize) -> Vec<u8> {
    match (from, page) {
        (Leg::Upstream, _) => stream::of_frames(Sender::Server, Coding::Raw, size),
        (Leg::Downstream, Page::Exec(page)) => stream::of_frames(Sender::Client, page.coding(), size),
        (Leg::Downstream, Page::Dialect(preset)) => stream::of_messages(preset, size),
    }
}

/// A bridge and the one block that the relay would lend it.
pub(crate) struct Session {
    bridge: Bridge,
    block: Option<Vec<u8>>,
    now: Instant,
}

impl Session {
    pub(crate) fn new(page: Page) -> Self {
        let now = Instant::now();
        let downstream = match page {
            Page::Exec(subprotocol) => subprotocol.into(),
            Page::Dialect(preset) => Downstream::Dialect(Dialect::preset(preset).expect("a preset").into()),
        };
        let settings = BridgeSettings {
            size: None,
            finds_shell: false,
            pairing: Pairing { downstream, upstream: Subprotocol::V4 },
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
