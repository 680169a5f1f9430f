//! Takes every measure, round by round, of every subject in turn.

mod check;
mod echo;
mod idle;
mod opening;
mod transfer;

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
    let mut report = Report::new(plan.rounds);
    let mut subjects = stage.subjects.clone();
    for round in 1..=plan.rounds {
        eprintln!("round {round} of {}", plan.rounds);
        for measure in &plan.measures {
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
    let subjects: Vec<Subject> = subjects.iter().copied().filter(|subject| measure.is_of(*subject)).collect();
    if measure == Measure::Echo {
        for (subject, figures) in echo::echo(stage, &subjects, plan.round_trips())? {
            report.add(measure, subject, figures);
        }
        return Ok(());
    }
    for subject in subjects {
        let figures = figures(measure, plan, stage, subject).with_context(|| subject.to_string())?;
        report.add(measure, subject, figures);
    }
    Ok(())
}

fn figures(measure: Measure, plan: &Plan, stage: &Stage, subject: Subject) -> anyhow::Result<Vec<Figure>> {
    match measure {
        Measure::Output { frame_bytes } => {
            transfer::output(stage.proxy(subject), subject, frame_bytes, plan.bytes(measure))
        }
        Measure::Input { frame_bytes } => {
            transfer::input(stage.proxy(subject), subject, frame_bytes, plan.bytes(measure))
        }
        Measure::Open => opening::open(stage.proxy(subject), subject, plan.openings()),
        Measure::Idle => idle::memory(stage, subject, plan.idle_sessions()),
        // Of all subjects together.
        Measure::Echo => Ok(Vec::new()),
    }
}
