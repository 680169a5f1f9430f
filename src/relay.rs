//! Moves the bytes of one session between its two legs: the IO shell of `protocol::bridge`.

mod block;
mod leg;
mod pump;
mod reading;
mod segment;
mod settings;

use std::time::Duration;

use bytes::Bytes;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

pub use self::block::BlockPool;
use self::leg::LegIo;
use self::pump::Pump;
pub use self::settings::Settings;
use crate::net::Transport;
use crate::protocol::bridge::{Audience, Bridge, BridgeSettings, OnDisconnect, Summary};
use crate::protocol::{Pairing, TerminalSize};
use crate::target::Streams;

/// One leg's connection, after its 101.
#[derive(Debug)]
pub struct Connection {
    /// The connection.
    pub transport: Transport,
    /// Bytes that came right behind the head.
    pub early: Bytes,
}

/// What is relayed, and how.
#[derive(Debug)]
pub struct Session {
    /// The page's or program's connection.
    pub downstream: Connection,
    /// The API server's connection.
    pub upstream: Connection,
    /// What each leg speaks.
    pub pairing: Pairing,
    /// Which streams were asked for.
    pub streams: Streams,
    /// The terminal's size to begin with, if the request said it.
    pub size: Option<TerminalSize>,
    /// Who reads at the downstream end.
    pub audience: Audience,
    /// Whether the command is one that looks for a shell.
    pub finds_shell: bool,
    /// What becomes of its terminal when it is left, if not what the settings say.
    pub on_disconnect: Option<OnDisconnect>,
}

/// What became of a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// How it ended, and what passed.
    pub summary: Summary,
    /// From the first byte to the last.
    pub duration: Duration,
}

/// Relays until both connections are over. `drain` tells the session that execgate is going away.
///
/// Not an async function, and the pump in a box: whatever moves about in a task takes place in it for as long as the session lasts.
pub fn run<'a>(
    session: Session,
    settings: &Settings,
    blocks: &'a BlockPool,
    drain: &CancellationToken,
) -> impl Future<Output = Outcome> + use<'a> {
    let started = Instant::now();
    let pump = Box::pin(pump(session, settings, blocks, drain, started));
    async move { Outcome { summary: pump.await, duration: started.elapsed() } }
}

fn pump<'a>(
    session: Session,
    settings: &Settings,
    blocks: &'a BlockPool,
    drain: &CancellationToken,
    started: Instant,
) -> Pump<'a> {
    let bridge = Bridge::new(
        BridgeSettings {
            pairing: session.pairing,
            streams: session.streams,
            size: session.size,
            audience: session.audience,
            finds_shell: session.finds_shell,
            times: settings.times(),
            on_disconnect: session.on_disconnect.unwrap_or_else(|| settings.on_disconnect.clone()),
            read_ahead: settings.read_ahead,
            keys: rand::random,
        },
        started.into_std(),
    );
    let (downstream, upstream) = (LegIo::new(session.downstream), LegIo::new(session.upstream));
    Pump::new(bridge, downstream, upstream, blocks, drain)
}
