//! Figures of all rounds, their medians and ratios, and how they are shown.

mod figure;
mod tables;

use std::fmt;
use std::path::Path;

use serde_json::{Value, json};

pub(crate) use self::figure::{Figure, Quantity};
use crate::bounds;
use crate::plan::Measure;
use crate::rig::json_file;
use crate::rig::limit::Limit;
use crate::rig::machine::Machine;
use crate::rig::table::median;
use crate::route::Route;

/// All that was measured.
pub(crate) struct Report {
    rounds: u32,
    versions: String,
    rows: Vec<Row>,
}

/// The figures of one quantity on one route, a round each.
struct Row {
    measure: Measure,
    route: Route,
    quantity: Quantity,
    values: Vec<f64>,
}

/// A ratio to the API server alone, and whether it is what was promised.
#[derive(Debug)]
pub(crate) struct Verdict {
    measure: Measure,
    route: Route,
    quantity: Quantity,
    ratio: f64,
    limit: Limit,
}

impl Report {
    pub(crate) fn new(rounds: u32, versions: String) -> Self {
        Self { rounds, versions, rows: Vec::new() }
    }

    /// Adds one round's figures.
    pub(crate) fn add(&mut self, measure: Measure, route: Route, figures: Vec<Figure>) {
        for Figure { quantity, value } in figures {
            match self.rows.iter_mut().find(|row| row.is(measure, route, quantity)) {
                Some(row) => row.values.push(value),
                None => self.rows.push(Row { measure, route, quantity, values: vec![value] }),
            }
        }
    }

    /// Every bound that what was measured has.
    pub(crate) fn verdicts(&self) -> Vec<Verdict> {
        let bounded = self.rows.iter().filter(|row| row.route != Route::Direct);
        let verdict = |row: &Row| {
            let Row { measure, route, quantity, .. } = *row;
            let limit = bounds::limit(measure, quantity)?;
            Some(Verdict { measure, route, quantity, ratio: self.ratio(row)?, limit })
        };
        bounded.filter_map(verdict).collect()
    }

    /// The median of the rounds' ratios to the direct route: both sides of each were measured in the same minute.
    fn ratio(&self, row: &Row) -> Option<f64> {
        let direct = self.row(row.measure, Route::Direct, row.quantity)?;
        let ratios: Vec<f64> =
            row.values.iter().zip(&direct.values).map(|(one, other)| one / other).collect();
        Some(median(&ratios))
    }

    fn row(&self, measure: Measure, route: Route, quantity: Quantity) -> Option<&Row> {
        self.rows.iter().find(|row| row.is(measure, route, quantity))
    }

    /// Every figure of every round.
    pub(crate) fn write_json(&self, file: &Path) -> anyhow::Result<()> {
        let report = json!({
            "versions": self.versions,
            "machine": Machine::this(),
            "rounds": self.rounds,
            "rows": self.rows.iter().map(|row| row.to_json(self.ratio(row))).collect::<Vec<_>>(),
            "bounds": self.verdicts().iter().map(Verdict::to_json).collect::<Vec<_>>(),
        });
        json_file::write(file, &report)
    }
}

impl Row {
    fn is(&self, measure: Measure, route: Route, quantity: Quantity) -> bool {
        (self.measure, self.route, self.quantity) == (measure, route, quantity)
    }

    fn to_json(&self, ratio: Option<f64>) -> Value {
        json!({
            "measure": self.measure.to_string(),
            "route": self.route.to_string(),
            "quantity": self.quantity.to_string(),
            "median": median(&self.values),
            "ratioToDirect": ratio,
            "values": self.values,
        })
    }
}

impl Verdict {
    pub(crate) fn is_held(&self) -> bool {
        self.limit.holds(self.ratio)
    }

    fn to_json(&self) -> Value {
        json!({
            "measure": self.measure.to_string(),
            "route": self.route.to_string(),
            "quantity": self.quantity.to_string(),
            "ratio": self.ratio,
            "bound": self.limit.to_string(),
            "held": self.is_held(),
        })
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { measure, route, quantity, ratio, limit } = self;
        write!(f, "{measure}, {route}: {quantity} is {ratio:.2} of direct, and should be {limit}")
    }
}
