//! Whether what was promised was held.

use std::fmt;

use serde_json::{Value, json};

use super::Report;
use crate::bounds::{Promise, promises};
use crate::rig::table::{line, median};

/// A promise, and what was measured.
#[derive(Debug)]
pub(crate) struct Verdict {
    promise: Promise,
    figure: f64,
}

impl Report {
    /// Every promise of which something was measured.
    pub(crate) fn verdicts(&self) -> Vec<Verdict> {
        let verdict = |promise| Some(Verdict { promise, figure: self.promised(promise)? });
        promises().into_iter().filter_map(verdict).collect()
    }

    /// The median of the rounds' ratios: both sides of each were measured in the same minute.
    fn promised(&self, promise: Promise) -> Option<f64> {
        let Promise { measure, subject, quantity, against, .. } = promise;
        let ours = &self.row(measure, subject, quantity)?.values;
        let Some(against) = against else { return Some(median(ours)) };
        let theirs = &self.row(measure, against, quantity)?.values;
        let ratios: Vec<f64> = ours.iter().zip(theirs).map(|(ours, theirs)| ours / theirs).collect();
        Some(median(&ratios))
    }

    /// The table of promises.
    pub(super) fn promised_table(&self) -> String {
        let verdicts = self.verdicts();
        if verdicts.is_empty() {
            return String::new();
        }
        let heads = ["execgate", "to", "ratio or figure", "promised"];
        let mut lines =
            vec![String::new(), line(heads.map(str::to_owned).into_iter()), "|---|---|---:|---|".to_owned()];
        lines.extend(verdicts.iter().map(Verdict::to_line));
        lines.join("\n") + "\n"
    }
}

impl Verdict {
    pub(crate) fn is_held(&self) -> bool {
        self.promise.limit.holds(self.figure)
    }

    fn what(&self) -> String {
        let Promise { measure, subject, quantity, .. } = self.promise;
        let asked = subject.asked.name().split('.').next().unwrap_or_default();
        format!("{measure}, {asked}, {}: {quantity}", subject.route)
    }

    fn to_line(&self) -> String {
        let Promise { against, limit, .. } = self.promise;
        let against = against.map_or_else(String::new, |against| against.peer.to_string());
        let missed = if self.is_held() { "" } else { ", **missed**" };
        line([self.what(), against, format!("{:.2}", self.figure), format!("{limit}{missed}")].into_iter())
    }

    pub(super) fn to_json(&self) -> Value {
        json!({
            "what": self.what(),
            "against": self.promise.against.map(|against| against.peer.to_string()),
            "figure": self.figure,
            "bound": self.promise.limit.to_string(),
            "held": self.is_held(),
        })
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = self.what();
        let against =
            self.promise.against.map_or_else(String::new, |against| format!(" of {}'s", against.peer));
        write!(f, "{what} is {:.2}{against}, and should be {}", self.figure, self.promise.limit)
    }
}
