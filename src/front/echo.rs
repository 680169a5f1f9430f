//! What a GET was refused with behind the policy, kept for a moment: kubectl answers every refusal with a POST of the same request
//! and prints only what that one is told. Asking the API server again would start a command, or its refusal would be another.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::refusal::Refusal;
use crate::policy::Grant;
use crate::target::{ExecOptions, ExecTarget};

/// The refusals of the last seconds, oldest first.
#[derive(Debug, Default)]
pub(super) struct Echo {
    kept: Mutex<VecDeque<Kept>>,
}

#[derive(Debug)]
struct Kept {
    at: Instant,
    question: Question,
    refusal: Refusal,
}

/// Only the same user with the same request is told.
#[derive(Debug, PartialEq, Eq)]
struct Question {
    user: String,
    target: ExecTarget,
    options: ExecOptions,
}

/// kubectl's POST follows at once; later it may be a new question with a new answer.
const KEPT_FOR: Duration = Duration::from_secs(5);
/// A refusal is at most 64 KiB: 2 MiB together.
const KEPT_AT_MOST: usize = 32;

impl Echo {
    /// Keeps what the GET of `grant` is told.
    pub(super) fn keep(&self, grant: &Grant, refusal: Refusal) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() == KEPT_AT_MOST {
            kept.pop_front();
        }
        kept.push_back(Kept { at: Instant::now(), question: Question::of(grant), refusal });
    }

    /// Takes what the GET of `grant` was told, if it was just now.
    pub(super) fn take(&self, grant: &Grant) -> Option<Refusal> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|kept| kept.at.elapsed() < KEPT_FOR);
        let question = Question::of(grant);
        let at = kept.iter().rposition(|kept| kept.question == question)?;
        Some(kept.remove(at)?.refusal)
    }
}

impl Question {
    fn of(grant: &Grant) -> Self {
        Self {
            user: grant.principal().user().to_owned(),
            target: grant.target().clone(),
            options: grant.options().clone(),
        }
    }
}
