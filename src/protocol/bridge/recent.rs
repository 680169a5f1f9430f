//! Whether output comes in a flood.

use std::time::{Duration, Instant};

/// So much output within one or two [`WINDOW`]s is a flood. The answers of a screen to its keys are less, and a log that is followed.
const FLOOD: u64 = 256 * 1024;
const WINDOW: Duration = Duration::from_millis(500);

/// How much output came lately.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Recent {
    /// When the present window began. `None` before the first.
    since: Option<Instant>,
    /// How much had come by then.
    before: u64,
    /// And in the window before that.
    last: u64,
    came_at: Option<Instant>,
}

impl Recent {
    /// Something comes, after `all` before it.
    pub(super) fn note(&mut self, all: u64, now: Instant) {
        self.came_at = Some(now);
        self.roll(all, now);
    }

    /// True while much came lately; `all` came until now.
    pub(super) fn is_flood(mut self, all: u64, now: Instant) -> bool {
        self.roll(all, now);
        all.saturating_sub(self.before).saturating_add(self.last) >= FLOOD
    }

    /// True if something came no longer ago than that.
    pub(super) fn came_within(&self, time: Duration, now: Instant) -> bool {
        self.came_at.is_some_and(|at| now.saturating_duration_since(at) < time)
    }

    /// Begins a new window if the present one is over.
    fn roll(&mut self, all: u64, now: Instant) {
        let age = self.since.map_or(Duration::MAX, |since| now.saturating_duration_since(since));
        if age >= WINDOW {
            let last = if age < WINDOW.saturating_mul(2) { all.saturating_sub(self.before) } else { 0 };
            *self = Self { since: Some(now), before: all, last, ..*self };
        }
    }
}
