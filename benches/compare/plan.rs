//! What is measured, and how much of it.

mod measure;

use std::time::Duration;

pub(crate) use self::measure::Measure;
use crate::peer::Pace;
use crate::subject::Subject;

/// All measures, taken in rounds.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) rounds: u32,
    pub(crate) measures: Vec<Measure>,
    /// What all amounts are divided by.
    divisor: usize,
    /// What a row has in its name, to be measured.
    filters: Vec<String>,
}

impl Plan {
    /// What a result is made of.
    pub(crate) fn full(rounds: u32) -> Self {
        Self { rounds, measures: Measure::all(), divisor: 1, filters: Vec::new() }
    }

    /// An eighth, once.
    pub(crate) fn quick() -> Self {
        Self { rounds: 1, measures: Measure::all(), divisor: 8, filters: Vec::new() }
    }

    /// Only the rows with all of `filters` in their name, as the last table has it.
    pub(crate) fn only(self, filters: &[String]) -> Self {
        Self { filters: filters.to_vec(), ..self }
    }

    /// Whether a row is measured in a round.
    pub(crate) fn takes(&self, measure: Measure, subject: Subject, round: u32) -> bool {
        let name = format!("{measure}: {subject}");
        let is_asked_for = self.filters.iter().all(|filter| name.contains(filter));
        is_asked_for && measure.is_of(subject) && measure.is_due(round, subject)
    }

    /// How many bytes of data a transfer has: enough for a third of a second.
    pub(crate) fn bytes(&self, measure: Measure, subject: Subject) -> u64 {
        let mebibytes = match (subject.peer.pace(), measure) {
            (Pace::Fast, Measure::Output { frame_bytes: ..1024 }) => 256,
            (Pace::Fast, Measure::Output { frame_bytes: ..8192 }) => 384,
            (Pace::Fast, Measure::Output { .. }) => 512,
            (Pace::ByMessage, Measure::Output { frame_bytes: ..1024 }) => 8,
            (
                Pace::ByMessage,
                Measure::Output { frame_bytes: ..8192 } | Measure::Input { frame_bytes: ..8192 },
            ) => 64,
            _ => 256,
        };
        (mebibytes << 20) / self.divisor as u64
    }

    /// How often a byte is echoed.
    pub(crate) fn round_trips(&self) -> usize {
        4000 / self.divisor
    }

    /// How many sessions are opened and closed.
    pub(crate) fn openings(&self) -> usize {
        800 / self.divisor
    }

    /// How long keys are typed, without and with a flood.
    pub(crate) fn typing(&self) -> Duration {
        Duration::from_millis(if self.divisor == 1 { 1500 } else { 500 })
    }

    /// How many sessions share a rate.
    pub(crate) fn many_sessions(&self) -> u64 {
        1000 / self.divisor as u64
    }

    /// How long they are measured.
    pub(crate) fn dripping(&self) -> Duration {
        Duration::from_millis(if self.divisor == 1 { 2500 } else { 500 })
    }

    /// How much several sessions flood together.
    pub(crate) fn flood_bytes(&self) -> u64 {
        (1 << 30) / self.divisor as u64
    }

    /// At how many idle sessions memory is looked at.
    pub(crate) fn idle_sessions(&self) -> [usize; 4] {
        [500, 1000, 2000, 4000].map(|sessions| sessions / self.divisor)
    }
}
