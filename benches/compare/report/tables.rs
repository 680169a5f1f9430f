//! The report as Markdown.

use std::fmt::Write as _;

use super::{Quantity, Report};
use crate::plan::Measure;
use crate::rig::machine::Machine;
use crate::rig::table::{line, rule};
use crate::subject::Subject;

impl Report {
    /// Tables, ready to paste.
    pub(crate) fn to_markdown(&self) -> String {
        let mut text = format!(
            "{}; release build. {}. Medians of {} rounds.\n",
            self.software.join(", "),
            Machine::this().to_text(),
            self.rounds
        );
        for absent in &self.absent {
            writeln!(text, "\nNot compared: {absent}").expect("a String takes every text");
        }
        text.push_str(&self.promised_table());
        text.push_str(&self.wide_table());
        for kind in Measure::KINDS {
            text.push_str(&self.figures(kind));
        }
        text
    }

    /// A line per measure and subject, a column per quantity.
    fn figures(&self, kind: &str) -> String {
        let mut places: Vec<(Measure, Subject)> = Vec::new();
        let mut columns: Vec<Quantity> = Vec::new();
        for row in self.rows.iter().filter(|row| row.measure.kind() == kind) {
            let place = (row.measure, row.subject);
            if !places.contains(&place) {
                places.push(place);
            }
            if !columns.contains(&row.quantity) {
                columns.push(row.quantity);
            }
        }
        if places.is_empty() {
            return String::new();
        }
        // The rounds had them in another order each.
        places.sort_by_key(|(measure, subject)| {
            let of_measure = self.rows.iter().position(|row| row.measure == *measure);
            (of_measure, self.subjects.iter().position(|one| one == subject))
        });
        let heads = columns.iter().map(ToString::to_string);
        let heads = line(std::iter::once(String::new()).chain(heads));
        let mut lines = vec![String::new(), heads, rule(columns.len())];
        for (measure, subject) in places {
            let cells = columns.iter().map(|quantity| {
                let median = self.median(measure, subject, *quantity);
                median.map_or_else(String::new, |median| quantity.show(median))
            });
            lines.push(line(std::iter::once(format!("{measure}: {subject}")).chain(cells)));
        }
        lines.join("\n") + "\n"
    }
}
