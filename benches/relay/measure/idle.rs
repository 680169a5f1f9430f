//! What a session that does nothing keeps in memory.

use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::report::{Figure, Quantity};
use crate::rig::client::Wire;
use crate::rig::process::{Process, open_files_limit};
use crate::subject::Subject;

/// How often memory is looked at until it stands still.
const LOOK: Duration = Duration::from_millis(200);
/// Memory that moves for so long moves by itself.
const LOOKING: Duration = Duration::from_secs(10);

/// The resident memory that each of `sessions` sessions adds. The first tenth is not counted: it pays for what all share.
pub(super) fn memory(subject: &Subject, sessions: usize) -> anyhow::Result<Vec<Figure>> {
    let Some(process) = &subject.process else {
        return Ok(Vec::new());
    };
    let sessions = sessions.min(affordable());
    let first = sessions / 10;
    let mut open = Vec::with_capacity(sessions);
    add(&mut open, subject, first)?;
    let before = settled(process)?;
    add(&mut open, subject, sessions - first)?;
    let after = settled(process)?;
    let grown = after.saturating_sub(before) as f64;
    Ok(vec![Figure::new(Quantity::KibPerIdleSession, grown / (sessions - first) as f64)])
}

/// execgate has two files open for each session, under the same limit as this process.
fn affordable() -> usize {
    open_files_limit().saturating_sub(200) / 2
}

fn add(open: &mut Vec<Wire>, subject: &Subject, count: usize) -> anyhow::Result<()> {
    for _ in 0..count {
        open.push(subject.open(&["execgate-echo"])?.wire);
    }
    Ok(())
}

/// Resident memory in KiB, once it no longer changes.
fn settled(process: &Process) -> anyhow::Result<u64> {
    let start = Instant::now();
    let mut last = process.resident_kib()?;
    let mut unchanged = 0;
    while unchanged < 3 && start.elapsed() < LOOKING {
        sleep(LOOK);
        let now = process.resident_kib()?;
        unchanged = if now == last { unchanged + 1 } else { 0 };
        last = now;
    }
    Ok(last)
}
