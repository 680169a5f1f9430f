//! What sessions that do nothing keep in memory, process by process.

use std::thread::sleep;
use std::time::{Duration, Instant};

use execgate::protocol::Subprotocol;

use super::TERMINAL;
use crate::cast::{Cast, Role};
use crate::plan::Measure;
use crate::report::{Figure, Quantity, Report};
use crate::rig::client::Wire;
use crate::route::Route;
use crate::stage::Stage;

/// How often memory is looked at until it stands still.
const LOOK: Duration = Duration::from_millis(500);
/// Servers always do something: who still moves after so long is taken as it is.
const LOOKING: Duration = Duration::from_secs(10);

/// What each of `sessions` sessions adds, on a node and an execgate that did nothing else yet: what earlier sessions left in their
/// allocators would hide it. A tenth comes first and is not counted: it pays for what all share.
pub(super) fn memory(measure: Measure, sessions: usize, report: &mut Report) -> anyhow::Result<()> {
    for route in Route::ALL {
        eprintln!("{sessions} idle sessions, {route}");
        let stage = Stage::start()?;
        let mut open = Vec::with_capacity(sessions);
        let warm = sessions / 10;
        add(&mut open, &stage, route, warm)?;
        let empty = settled(&stage.cast)?;
        let half = (sessions - warm) / 2;
        add(&mut open, &stage, route, half)?;
        let halfway = settled(&stage.cast)?;
        add(&mut open, &stage, route, half)?;
        let full = settled(&stage.cast)?;
        for (index, role) in Role::ALL.into_iter().enumerate().filter(|(_, role)| *role != Role::Load) {
            let each = |before: [u64; 6], after: [u64; 6], count: usize| {
                (after[index] as f64 - before[index] as f64) / count as f64
            };
            let figures = vec![
                Figure::new(Quantity::KibPerSession(role), each(empty, full, 2 * half)),
                Figure::new(Quantity::KibPerSessionOfFirstHalf(role), each(empty, halfway, half)),
                Figure::new(Quantity::KibPerSessionOfSecondHalf(role), each(halfway, full, half)),
            ];
            report.add(measure, route, figures);
        }
    }
    Ok(())
}

fn add(open: &mut Vec<Wire>, stage: &Stage, route: Route, count: usize) -> anyhow::Result<()> {
    for _ in 0..count {
        open.push(stage.open(route, Subprotocol::Base64Channel, TERMINAL, "exec cat")?.wire);
    }
    Ok(())
}

/// Memory in KiB once it hardly changes.
fn settled(cast: &Cast) -> anyhow::Result<[u64; 6]> {
    let start = Instant::now();
    let mut last = cast.memory_kib()?;
    loop {
        sleep(LOOK);
        let now = cast.memory_kib()?;
        let moved = now.iter().zip(last).any(|(now, last)| now.abs_diff(last) > last / 500);
        if !moved || start.elapsed() > LOOKING {
            return Ok(now);
        }
        last = now;
    }
}
