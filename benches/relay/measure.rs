//! Takes every measure, round by round, of every subject in turn.

mod check;
mod idle;
mod latency;
mod opening;
mod transfer;

use super::exec_server::ExecServer;
use super::plan::{Measure, Plan};
use super::report::{Figure, Report};
use super::subject::Subject;
use crate::rig::gate::{Gate, Workers};

/// Carries out the plan.
pub(crate) fn all(plan: &Plan) -> anyhow::Result<Report> {
    let server = ExecServer::start()?;
    let gate = Gate::start(&server.upstream, Workers::One)?;
    let mut subjects = [Subject::direct(&server.upstream)?, Subject::through(&gate)];
    for subject in &subjects {
        check::bytes_arrive_as_they_were_sent(subject)?;
    }
    let mut report = Report::new(plan.rounds);
    for round in 1..=plan.rounds {
        eprintln!("round {round} of {}", plan.rounds);
        for measure in &plan.measures {
            for subject in &subjects {
                for figure in figures(*measure, subject, &server)? {
                    report.add(*measure, subject.name, figure);
                }
            }
        }
        // Whoever comes first finds another machine than whoever comes second.
        subjects.rotate_left(1);
    }
    Ok(report)
}

fn figures(measure: Measure, subject: &Subject, server: &ExecServer) -> anyhow::Result<Vec<Figure>> {
    match measure {
        Measure::Output { frame_bytes, total_bytes } => transfer::output(subject, frame_bytes, total_bytes),
        Measure::Input { frame_bytes, total_bytes } => transfer::input(subject, frame_bytes, total_bytes),
        Measure::Echo { round_trips } => latency::echo(subject, round_trips),
        Measure::Open { sessions } => opening::open(subject, sessions),
        Measure::Idle { sessions } if subject.process.is_some() => {
            // A process that did nothing else yet: what earlier measures left in its allocator would hide what sessions take.
            let gate = Gate::start(&server.upstream, Workers::One)?;
            idle::memory(&Subject::through(&gate), sessions)
        }
        Measure::Idle { .. } => Ok(Vec::new()),
    }
}
