//! How long a key press takes beside a hundred others, and beside a session that floods.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::echo::{micros, percentile, round_trip};
use crate::proxy::Proxy;
use crate::report::{Figure, Quantity};
use crate::rig::client::Client;
use crate::subject::Subject;

/// Those who type.
const SESSIONS: usize = 100;
/// Threads of the load that type for them, each for its share in turn.
const TYPISTS: usize = 4;
/// Between two keys of one session: somebody who holds a key down.
const KEY: Duration = Duration::from_millis(50);
/// What is flooded at a time, in frames as a container runtime sends them.
const FLOOD: [&str; 2] = ["32768", "67108864"];

/// Types for so long in all sessions, without and with a flood.
pub(super) fn fairness(proxy: &Proxy, subject: Subject, lasting: Duration) -> anyhow::Result<Vec<Figure>> {
    let open = || proxy.open(subject.asked, &["execgate-echo"]);
    let mut sessions = (0..SESSIONS).map(|_| open()).collect::<anyhow::Result<Vec<_>>>()?;
    let quiet = percentile(&mut typed(&mut sessions, lasting)?, 99);
    let done = AtomicBool::new(false);
    let beside = thread::scope(|scope| {
        let flood = scope.spawn(|| flood(proxy, subject, &done));
        let typed = typed(&mut sessions, lasting);
        done.store(true, Ordering::Relaxed);
        flood.join().expect("the load does not panic")?;
        anyhow::Ok(percentile(&mut typed?, 99))
    })?;
    Ok(vec![
        Figure::new(Quantity::MicrosP99, micros(quiet)),
        Figure::new(Quantity::MicrosP99BesideFlood, micros(beside)),
        Figure::new(Quantity::BesideFlood, beside.as_secs_f64() / quiet.as_secs_f64()),
    ])
}

/// The times of all round trips.
fn typed(sessions: &mut [Client], lasting: Duration) -> anyhow::Result<Vec<Duration>> {
    thread::scope(|scope| {
        let shares = sessions.chunks_mut(SESSIONS / TYPISTS);
        let typists: Vec<_> = shares.map(|share| scope.spawn(|| type_in_turn(share, lasting))).collect();
        let mut times = Vec::new();
        for typist in typists {
            times.extend(typist.join().expect("the load does not panic")?);
        }
        Ok(times)
    })
}

fn type_in_turn(share: &mut [Client], lasting: Duration) -> anyhow::Result<Vec<Duration>> {
    let pause = KEY / u32::try_from(share.len())?;
    let start = Instant::now();
    let mut next = start;
    let mut times = Vec::new();
    while start.elapsed() < lasting {
        for client in &mut *share {
            thread::sleep(next.saturating_duration_since(Instant::now()));
            next += pause;
            times.push(round_trip(client)?);
        }
    }
    Ok(times)
}

/// One flood after the other until it is `done`; each is counted.
fn flood(proxy: &Proxy, subject: Subject, done: &AtomicBool) -> anyhow::Result<()> {
    let [frame_bytes, total_bytes] = FLOOD;
    while !done.load(Ordering::Relaxed) {
        let received =
            proxy.open(subject.asked, &["execgate-flood", frame_bytes, total_bytes])?.receive_all()?;
        anyhow::ensure!(received.bytes == total_bytes.parse::<u64>()?, "{} bytes arrived", received.bytes);
    }
    Ok(())
}
