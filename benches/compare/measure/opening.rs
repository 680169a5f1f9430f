//! Sessions opened per second: connection, upgrade, first message, close.

use std::thread;
use std::time::Instant;

use crate::proxy::Proxy;
use crate::report::{Figure, Quantity};
use crate::rig::messages::close_frame;
use crate::subject::Subject;

/// Sessions that are opened at the same time.
const AT_ONCE: usize = 4;

/// Opens and closes `sessions` sessions.
pub(super) fn open(proxy: &Proxy, subject: Subject, sessions: usize) -> anyhow::Result<Vec<Figure>> {
    let each = sessions / AT_ONCE;
    let cpu = proxy.cpu()?;
    let start = Instant::now();
    thread::scope(|scope| {
        let threads: Vec<_> = (0..AT_ONCE)
            .map(|_| scope.spawn(|| (0..each).try_for_each(|_| open_and_close(proxy, subject))))
            .collect();
        threads.into_iter().try_for_each(|thread| thread.join().expect("the load does not panic"))
    })?;
    let elapsed = start.elapsed();
    let count = (each * AT_ONCE) as f64;
    let mut figures = vec![Figure::new(Quantity::SessionsPerSecond, count / elapsed.as_secs_f64())];
    if let (Some(before), Some(after)) = (cpu, proxy.cpu()?) {
        let spent = after.saturating_sub(before);
        figures.push(Figure::new(Quantity::CpuMillisPerSession, spent.as_secs_f64() * 1e3 / count));
    }
    Ok(figures)
}

/// As a page does it: the close frame, then the connection.
fn open_and_close(proxy: &Proxy, subject: Subject) -> anyhow::Result<()> {
    proxy.open(subject.asked, &["execgate-echo"])?.send(&close_frame())
}
