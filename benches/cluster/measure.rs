//! Takes every measure, round by round, on every route in turn.

mod echo;
mod idle;
mod transfer;

use anyhow::Context as _;
use execgate::protocol::Subprotocol;
use execgate::target::Streams;

use crate::pattern;
use crate::plan::{Measure, Plan};
use crate::report::Report;
use crate::route::Route;
use crate::stage::Stage;

/// What a page asks for a command that reads and writes.
pub(crate) const PIPES: Streams = Streams { stdin: true, stdout: true, stderr: true, tty: false };
/// What a page asks for a shell.
pub(crate) const TERMINAL: Streams = Streams { tty: true, ..PIPES };
/// What `kubectl exec` asks without `-i`.
pub(crate) const NO_INPUT: Streams = Streams { stdin: false, ..PIPES };

/// Carries out the plan.
pub(crate) fn all(plan: &Plan) -> anyhow::Result<Report> {
    let stage = Stage::start()?;
    pattern::lay_down(&stage)?;
    for route in Route::ALL {
        for page in [Subprotocol::Base64Channel, Subprotocol::V4, Subprotocol::V5] {
            pattern::check(&stage, route, page)?;
        }
    }
    let mut report = Report::new(plan.rounds, stage.versions());
    let mut routes = Route::ALL;
    for round in 1..=plan.rounds {
        eprintln!("round {round} of {}", plan.rounds);
        for measure in plan.measures.iter().filter(|measure| measure.kind() != "idle") {
            take(*measure, &stage, &routes, &mut report)?;
        }
        // Whoever comes first finds another machine than whoever comes second.
        routes.rotate_left(1);
    }
    drop(stage);
    for measure in &plan.measures {
        if let Measure::Idle { sessions } = *measure {
            idle::memory(*measure, sessions, &mut report)?;
        }
    }
    Ok(report)
}

fn take(measure: Measure, stage: &Stage, routes: &[Route], report: &mut Report) -> anyhow::Result<()> {
    match measure {
        Measure::Output { page, attached, bytes } => {
            for route in routes {
                let figures = transfer::output(stage, *route, page, attached, bytes)
                    .with_context(|| format!("{measure}, {route}"))?;
                report.add(measure, *route, figures);
            }
        }
        Measure::Input { page, frame_bytes, bytes } => {
            for route in routes {
                let figures = transfer::input(stage, *route, page, frame_bytes, bytes)
                    .with_context(|| format!("{measure}, {route}"))?;
                report.add(measure, *route, figures);
            }
        }
        Measure::Echo { attached, round_trips } => {
            for (route, figures) in echo::echo(stage, routes, attached, round_trips)? {
                report.add(measure, route, figures);
            }
        }
        Measure::Idle { .. } => {}
    }
    Ok(())
}
