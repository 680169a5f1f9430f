//! Figures of all rounds, and what becomes of them.

mod figure;
mod tables;
mod verdict;
mod wide;

use std::path::Path;

use serde_json::{Value, json};

pub(crate) use self::figure::{Figure, Quantity};
pub(crate) use self::verdict::Verdict;
use crate::plan::Measure;
use crate::rig::json_file;
use crate::rig::machine::Machine;
use crate::rig::table::median;
use crate::stage::Stage;
use crate::subject::Subject;

/// All that was measured.
pub(crate) struct Report {
    rounds: u32,
    /// What was compared, in the order of the tables.
    pub(crate) subjects: Vec<Subject>,
    /// Names and versions.
    software: Vec<String>,
    /// What was not compared, and what would install it.
    absent: Vec<String>,
    rows: Vec<Row>,
}

/// The figures of one quantity of one subject, a round each.
struct Row {
    measure: Measure,
    subject: Subject,
    quantity: Quantity,
    values: Vec<f64>,
}

impl Report {
    pub(crate) fn new(rounds: u32, stage: &Stage) -> Self {
        Self {
            rounds,
            subjects: stage.subjects.clone(),
            software: stage.software(),
            absent: stage.absent.clone(),
            rows: Vec::new(),
        }
    }

    /// Adds one round's figures.
    pub(crate) fn add(&mut self, measure: Measure, subject: Subject, figures: Vec<Figure>) {
        for Figure { quantity, value } in figures {
            match self.rows.iter_mut().find(|row| row.is(measure, subject, quantity)) {
                Some(row) => row.values.push(value),
                None => self.rows.push(Row { measure, subject, quantity, values: vec![value] }),
            }
        }
    }

    /// What was measured, in the order of the plan.
    pub(crate) fn measures(&self) -> Vec<Measure> {
        let mut measures: Vec<Measure> = self.rows.iter().map(|row| row.measure).collect();
        measures.dedup();
        measures
    }

    /// What was counted by a measure, in its order.
    pub(crate) fn quantities(&self, measure: Measure) -> Vec<Quantity> {
        let mut quantities = Vec::new();
        for row in self.rows.iter().filter(|row| row.measure == measure) {
            if !quantities.contains(&row.quantity) {
                quantities.push(row.quantity);
            }
        }
        quantities
    }

    fn row(&self, measure: Measure, subject: Subject, quantity: Quantity) -> Option<&Row> {
        self.rows.iter().find(|row| row.is(measure, subject, quantity))
    }

    /// What stands for all rounds.
    pub(crate) fn median(&self, measure: Measure, subject: Subject, quantity: Quantity) -> Option<f64> {
        self.row(measure, subject, quantity).map(|row| median(&row.values))
    }

    /// True if nothing was measured.
    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Every figure of every round.
    pub(crate) fn write_json(&self, file: &Path) -> anyhow::Result<()> {
        let report = json!({
            "software": self.software,
            "absent": self.absent,
            "machine": Machine::this(),
            "rounds": self.rounds,
            "rows": self.rows.iter().map(Row::to_json).collect::<Vec<_>>(),
            "bounds": self.verdicts().iter().map(Verdict::to_json).collect::<Vec<_>>(),
        });
        json_file::write(file, &report)
    }
}

impl Row {
    fn is(&self, measure: Measure, subject: Subject, quantity: Quantity) -> bool {
        (self.measure, self.subject, self.quantity) == (measure, subject, quantity)
    }

    fn to_json(&self) -> Value {
        json!({
            "measure": self.measure.to_string(),
            "peer": self.subject.peer.to_string(),
            "route": self.subject.route.to_string(),
            "asked": self.subject.asked.name(),
            "quantity": self.quantity.to_string(),
            "median": median(&self.values),
            "values": self.values,
        })
    }
}
