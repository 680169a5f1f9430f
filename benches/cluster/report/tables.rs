//! The report as Markdown: ratios and bounds first, then the figures that they come from.

use super::{Quantity, Report, Row};
use crate::bounds;
use crate::cast::Role;
use crate::plan::Measure;
use crate::rig::machine::Machine;
use crate::rig::table::{line, median, rule};
use crate::route::Route;

impl Report {
    /// Tables, ready to paste.
    pub(crate) fn to_markdown(&self) -> String {
        let mut text = format!(
            "{}; release build. {}. Medians of {} rounds.\n",
            self.versions,
            Machine::this().to_text(),
            self.rounds
        );
        let kinds = [
            ("transfer", transfer_columns()),
            ("echo", vec![Quantity::MicrosP50, Quantity::MicrosP99]),
            ("idle", idle_columns()),
        ];
        text.push_str(&self.ratios());
        for (kind, columns) in kinds {
            text.push_str(&self.figures(kind, &columns));
        }
        text
    }

    /// What is compared with the API server alone.
    fn ratios(&self) -> String {
        let heads = ["through execgate, against the API server alone", "ratio", "promised"];
        let mut lines = vec![String::new(), line(heads.map(str::to_owned).into_iter()), rule(2)];
        for row in self.rows.iter().filter(|row| row.route != Route::Direct && is_compared(row.quantity)) {
            let Some(ratio) = self.ratio(row) else { continue };
            let limit = bounds::limit(row.measure, row.quantity);
            let promised = limit.map_or_else(String::new, |limit| {
                format!("{limit}{}", if limit.holds(ratio) { "" } else { ", **missed**" })
            });
            let what = format!("{}, {}: {}", row.measure, row.route, row.quantity);
            lines.push(line([what, format!("{ratio:.2}"), promised].into_iter()));
        }
        // The heads alone say nothing.
        if lines.len() > 3 { lines.join("\n") + "\n" } else { String::new() }
    }

    /// A line per measure and route, a column per quantity.
    fn figures(&self, kind: &str, columns: &[Quantity]) -> String {
        let mut places: Vec<(Measure, Route)> = Vec::new();
        for Row { measure, route, .. } in self.rows.iter().filter(|row| row.measure.kind() == kind) {
            if !places.contains(&(*measure, *route)) {
                places.push((*measure, *route));
            }
        }
        if places.is_empty() {
            return String::new();
        }
        places.sort_by_key(|(measure, route)| {
            let of_measure = self.rows.iter().position(|row| row.measure == *measure);
            (of_measure, Route::ALL.iter().position(|one| one == route))
        });
        let heads = columns.iter().map(ToString::to_string);
        let mut lines =
            vec![String::new(), line(std::iter::once(String::new()).chain(heads)), rule(columns.len())];
        for (measure, route) in places {
            let cells = columns.iter().map(|quantity| {
                let row = self.row(measure, route, *quantity);
                row.map_or_else(String::new, |row| quantity.show(typical(*quantity, &row.values)))
            });
            lines.push(line(std::iter::once(format!("{measure}, {route}")).chain(cells)));
        }
        lines.join("\n") + "\n"
    }
}

/// What stands for all rounds: the median, but of failures their number.
fn typical(quantity: Quantity, values: &[f64]) -> f64 {
    if quantity == Quantity::RunsCut { values.iter().sum() } else { median(values) }
}

fn is_compared(quantity: Quantity) -> bool {
    matches!(
        quantity,
        Quantity::MegabytesPerSecond | Quantity::AllCpuSecondsPerGigabyte | Quantity::MicrosP50
    )
}

fn transfer_columns() -> Vec<Quantity> {
    let mut columns = vec![Quantity::MegabytesPerSecond, Quantity::AllCpuSecondsPerGigabyte];
    columns.extend(Role::ALL.map(Quantity::CpuSecondsPerGigabyte));
    columns.extend([Quantity::LoadPercentOfCore, Quantity::RunsCut]);
    columns
}

fn idle_columns() -> Vec<Quantity> {
    let roles = Role::ALL.into_iter().filter(|role| *role != Role::Load);
    let mut columns: Vec<_> = roles.map(Quantity::KibPerSession).collect();
    columns.push(Quantity::KibPerSessionOfFirstHalf(Role::Execgate));
    columns.push(Quantity::KibPerSessionOfSecondHalf(Role::Execgate));
    columns
}
