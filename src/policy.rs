//! May they? Rules in, a grant or a denial out. Default deny.

mod grant;
mod settings;

use crate::{
    identity::Principal,
    target::{ExecOptions, ExecTarget},
};

pub use grant::Grant;
pub use settings::{CommandPattern, Effect, Pattern, Rule, Settings, Subjects, WordPattern};

/// The rules in force. Stands in for the real room until it is merged.
#[derive(Debug)]
pub struct Policy {
    settings: Settings,
}

/// A no.
#[derive(Debug)]
pub struct Denial;

impl Policy {
    /// A policy of these rules.
    pub fn new(settings: Settings) -> Self {
        Self { settings }
    }

    /// Decides what was asked.
    pub fn authorize(
        &self,
        principal: Principal,
        target: ExecTarget,
        options: ExecOptions,
    ) -> Result<Grant, Denial> {
        match self.settings.rules.as_slice() {
            [] => Err(Denial),
            _ => Ok(Grant::new(principal, target, options)),
        }
    }
}
