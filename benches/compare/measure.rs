//! Takes every measure, round by round, of every subject in turn.

mod check;
mod echo;
mod fairness;
mod idle;
mod many;
mod opening;
mod rest;
mod transfer;
mod workers;

use anyhow::Context as _;

use crate::plan::{Measure, Plan};
use crate::report::{Figure, Report};
use crate::stage::Stage;
use crate::subject::Subject;

/// Carries out the plan.
pub(crate) fn all(plan: &Plan, stage: &Stage) -> anyhow::Result<Report> {
    for subject in &stage.subjects {
        check::bytes_arrive_as_they_were_sent(stage, *subject).with_context(|| subject.to_string())?;
    }
    let mut report = Report::new(plan.rounds, stage);
    let mut subjects = stage.subjects.clone();
    // Those that are compared with each other come one after the other: a shared machine changes within a minute.
    subjects.sort_by_key(|subject| (subject.asked.name(), subject.route));
    for round in 1..=plan.rounds {
        eprintln!("round {round} of {}", plan.rounds);
        for measure in &plan.measures {
            let is_taken = |subject: &&Subject| plan.takes(*measure, **subject, round);
            let subjects: Vec<Subject> = subjects.iter().filter(is_taken).copied().collect();
            take(*measure, plan, stage, &subjects, &mut report).with_context(|| measure.to_string())?;
        }
        // Whoever comes first finds another machine than whoever comes last.
        let step = subjects.len().div_ceil(plan.rounds as usize);
        subjects.rotate_left(step);
    }
    Ok(report)
}

fn take(
    measure: Measure,
    plan: &Plan,
    stage: &Stage,
    subjects: &[Subject],
    report: &mut Report,
) -> anyhow::Result<()> {
    if measure == Measure::Echo {
        for (subject, figures) in echo::echo(stage, subjects, plan.round_trips())? {
            report.add(measure, subject, figures);
        }
        return Ok(());
    }
    for subject in subjects {
        let figures = figures(measure, plan, stage, *subject).with_context(|| subject.to_string())?;
        report.add(measure, *subject, figures);
    }
    Ok(())
}

fn figures(measure: Measure, plan: &Plan, stage: &Stage, subject: Subject) -> anyhow::Result<Vec<Figure>> {
    let proxy = stage.proxy(subject);
    match measure {
        Measure::Output { frame_bytes } => {
            transfer::output(proxy, subject, frame_bytes, plan.bytes(measure, subject))
        }
        Measure::Input { frame_bytes } => {
            transfer::input(proxy, subject, frame_bytes, plan.bytes(measure, subject))
        }
        Measure::Open => opening::open(proxy, subject, plan.openings()),
        Measure::Idle => idle::memory(stage, subject, plan.idle_sessions()),
        Measure::Fairness => fairness::fairness(proxy, subject, plan.typing()),
        Measure::Many => many::many(proxy, subject, plan.many_sessions(), plan.dripping()),
        Measure::Workers => workers::workers(stage, subject, plan.flood_bytes()),
        Measure::Rest => rest::rest(stage, subject),
        // Of all subjects together.
        Measure::Echo => Ok(Vec::new()),
    }
}
