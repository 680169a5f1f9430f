//! May they? Rules in, a grant or a denial out. Default deny.
//!
//! Deny rules are asked first, then allow rules; where none speaks, the answer is no. Only this room can make a [`Grant`], and
//! whatever dials a cluster takes one.

mod denial;
mod explain;
mod grant;
mod question;
mod rules;
mod settings;

use crate::{
    identity::Principal,
    target::{ExecOptions, ExecTarget},
};

pub use denial::Denial;
pub use explain::{Decision, NearMiss};
pub use grant::Grant;
pub use question::Question;
pub use rules::Field;
pub use settings::{CommandPattern, Effect, Pattern, Rule, Settings, Subjects, WordPattern};

/// The rules in force.
#[derive(Debug)]
pub struct Policy {
    rules: Vec<Rule>,
}

impl Policy {
    /// A policy of these rules. Without any, it allows nothing.
    pub fn new(settings: Settings) -> Self {
        Self { rules: settings.rules }
    }

    /// Decides what was asked, once and for all.
    pub fn authorize(
        &self,
        principal: Principal,
        target: ExecTarget,
        options: ExecOptions,
    ) -> Result<Grant, Denial> {
        let question = Question::new(&principal, &target, &options);
        match rules::decide(&self.rules, &question) {
            Some(rule) if rule.effect == Effect::Allow => {
                Ok(Grant::new(principal, target, options, rule.name.clone()))
            }
            other => Err(Denial::new(&question, other.map(|rule| rule.name.clone()))),
        }
    }

    /// Decides as [`Policy::authorize`] does, and says by which rule, or which allow rules came near.
    pub fn explain<'a>(
        &'a self,
        principal: &'a Principal,
        target: &'a ExecTarget,
        options: &'a ExecOptions,
    ) -> Decision<'a> {
        Decision::new(&self.rules, Question::new(principal, target, options))
    }
}

#[cfg(test)]
mod tests;
