//! What a session that does nothing keeps in memory.

use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::proxy::Proxy;
use crate::report::{Figure, Quantity};
use crate::rig::client::Wire;
use crate::rig::process::{Process, raise_open_files_limit};
use crate::stage::Stage;
use crate::subject::Subject;

/// How often memory is looked at until it stands still.
const LOOK: Duration = Duration::from_millis(100);
/// Memory that moves for so long moves by itself.
const LOOKING: Duration = Duration::from_secs(3);

/// What a process keeps of its files for itself.
const SPARE_FILES: usize = 200;

/// The memory of a process that did nothing else yet, with so many sessions each: what earlier measures left in its allocator would
/// hide what sessions take. The line to the last count starts at the second, for the first sessions pay for what all share.
pub(super) fn memory(stage: &Stage, subject: Subject, counts: [usize; 4]) -> anyhow::Result<Vec<Figure>> {
    let proxy = Proxy::start(subject.peer, subject.route, &stage.stub)?;
    let Some(process) = &proxy.process else {
        return Ok(Vec::new());
    };
    let affordable = raise_open_files_limit().saturating_sub(SPARE_FILES) / subject.peer.files_per_session();
    let mut open: Vec<Wire> = Vec::new();
    let mut points = Vec::new();
    let mut figures = Vec::new();
    for count in counts.into_iter().filter(|count| *count <= affordable) {
        while open.len() < count {
            open.push(proxy.open(subject.asked, &["execgate-echo"])?.wire);
        }
        let kib = settled(process)? as f64;
        points.push((count as f64, kib));
        figures.push(Figure::new(Quantity::KibAtSessions(count), kib));
    }
    if let [_, (few, least), .., (many, most)] = points[..] {
        figures.push(Figure::new(Quantity::KibPerIdleSession, (most - least) / (many - few)));
    }
    Ok(figures)
}

/// Resident memory in KiB, once it no longer changes.
pub(super) fn settled(process: &Process) -> anyhow::Result<u64> {
    let start = Instant::now();
    let mut last = process.resident_kib()?;
    let mut unchanged = 0;
    while unchanged < 2 && start.elapsed() < LOOKING {
        sleep(LOOK);
        let now = process.resident_kib()?;
        unchanged = if now == last { unchanged + 1 } else { 0 };
        last = now;
    }
    Ok(last)
}
