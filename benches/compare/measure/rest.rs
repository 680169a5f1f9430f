//! What execgate takes before anybody comes: on disk, in time, in memory.

use std::fs;

use anyhow::Context as _;

use super::idle::settled;
use crate::report::{Figure, Quantity};
use crate::rig::gate::{Gate, PROGRAM, Workers};
use crate::stage::Stage;
use crate::subject::Subject;

/// Starts one, as it is shipped, and leaves it alone.
pub(super) fn rest(stage: &Stage, subject: Subject) -> anyhow::Result<Vec<Figure>> {
    let bytes = fs::metadata(PROGRAM).with_context(|| format!("cannot find {PROGRAM}"))?.len();
    let gate = Gate::start(subject.route.upstream(&stage.stub), Workers::AsShipped)?;
    let kib = settled(&gate.process())?;
    Ok(vec![
        Figure::new(Quantity::BinaryMegabytes, bytes as f64 / 1e6),
        Figure::new(Quantity::StartMillis, gate.started_in.as_secs_f64() * 1e3),
        Figure::new(Quantity::RestMegabytes, (kib * 1024) as f64 / 1e6),
    ])
}
