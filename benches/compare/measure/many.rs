//! What a byte costs when a thousand sessions share the work, against one session that has as many bytes.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};

use crate::proxy::Proxy;
use crate::report::{Figure, Quantity};
use crate::rig::client::Client;
use crate::rig::messages::Message;
use crate::subject::Subject;

/// What each of many has in a second: output that scrolls by faster than anybody reads.
const BYTES_PER_SECOND: u64 = 100_000;
/// As a container runtime sends it.
const FRAME_BYTES: u64 = 32 * 1024;
/// Each is read on a thread of its own, which needs little.
const STACK: usize = 128 * 1024;
/// From the last one's beginning to where it is measured.
const SETTLING: Duration = Duration::from_millis(300);
/// They begin one after the other, and the first is not to end before the last was measured: what each may take to begin, in
/// milliseconds. A busy machine gets more.
const BEGINNINGS: [u64; 4] = [2, 4, 8, 16];

/// A gigabyte's cost in so many sessions, and in one.
pub(super) fn many(
    proxy: &Proxy,
    subject: Subject,
    sessions: u64,
    lasting: Duration,
) -> anyhow::Result<Vec<Figure>> {
    let one = cost(proxy, subject, Spread { sessions: 1, each: sessions * BYTES_PER_SECOND }, lasting)?;
    let many = cost(proxy, subject, Spread { sessions, each: BYTES_PER_SECOND }, lasting)?;
    Ok(vec![
        Figure::new(Quantity::CpuSecondsPerGigabyteOfOne, one),
        Figure::new(Quantity::CpuSecondsPerGigabyteOfMany(sessions), many),
        Figure::new(Quantity::ManyToOne, many / one),
    ])
}

/// How a rate is spread.
#[derive(Debug, Clone, Copy)]
struct Spread {
    sessions: u64,
    /// Bytes per second of each.
    each: u64,
}

/// CPU seconds for a gigabyte, while all sessions run: how they begin and end is another measure.
fn cost(proxy: &Proxy, subject: Subject, spread: Spread, lasting: Duration) -> anyhow::Result<f64> {
    for beginning in BEGINNINGS {
        let measured = u64::try_from((lasting + 2 * SETTLING).as_millis())?;
        let total_bytes = spread.each * (measured + beginning * spread.sessions) / 1000;
        if let Some(cost) = cost_of(proxy, subject, spread, total_bytes, lasting)? {
            return Ok(cost);
        }
    }
    bail!("{} sessions do not begin in {BEGINNINGS:?} ms each", spread.sessions)
}

/// The same of sessions with so many bytes each; `None` if one ended before all were measured.
fn cost_of(
    proxy: &Proxy,
    subject: Subject,
    spread: Spread,
    total_bytes: u64,
    lasting: Duration,
) -> anyhow::Result<Option<f64>> {
    let command =
        ["execgate-drip", &FRAME_BYTES.to_string(), &spread.each.to_string(), &total_bytes.to_string()];
    let counted = Arc::new(AtomicU64::new(0));
    let mut readers = Vec::new();
    for _ in 0..spread.sessions {
        let client = proxy.open(subject.asked, &command)?;
        readers.push(read(client, total_bytes, Arc::clone(&counted))?);
    }
    thread::sleep(SETTLING);
    let (cpu, bytes) = (proxy.cpu()?.context("only a proxy is measured")?, counted.load(Ordering::Relaxed));
    thread::sleep(lasting);
    let spent = proxy.cpu()?.context("only a proxy is measured")?.saturating_sub(cpu);
    let bytes = counted.load(Ordering::Relaxed) - bytes;
    let has_ended = readers.iter().any(JoinHandle::is_finished);
    for reader in readers {
        reader.join().expect("the load does not panic")?;
    }
    Ok((!has_ended).then(|| spent.as_secs_f64() / (bytes as f64 / 1e9)))
}

/// Reads a session to its end, and fails unless it had `total_bytes`.
fn read(
    mut client: Client,
    total_bytes: u64,
    counted: Arc<AtomicU64>,
) -> anyhow::Result<JoinHandle<anyhow::Result<()>>> {
    let reader = move || {
        let mut received = 0;
        loop {
            match client.receive()? {
                Message::Data { bytes } => {
                    received += bytes;
                    counted.fetch_add(bytes, Ordering::Relaxed);
                }
                Message::Close { code: 1000, .. } => break,
                Message::Control | Message::Status(_) => {}
                close @ Message::Close { .. } => anyhow::bail!("a session ended with {close:?}"),
            }
        }
        ensure!(received == total_bytes, "{received} of {total_bytes} bytes arrived");
        Ok(())
    };
    Ok(thread::Builder::new().stack_size(STACK).spawn(reader)?)
}
