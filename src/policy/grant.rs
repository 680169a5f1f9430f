//! A yes, and what exactly it was said to.

use crate::{
    identity::Principal,
    target::{ExecOptions, ExecTarget},
};

/// A yes to one session. Made by [`Policy::authorize`](super::Policy::authorize) alone, and not `Clone`: one yes, one session.
///
/// ```compile_fail
/// fn twice(grant: &execgate::policy::Grant) -> execgate::policy::Grant {
///     grant.clone()
/// }
/// ```
#[derive(Debug)]
pub struct Grant {
    principal: Principal,
    target: ExecTarget,
    options: ExecOptions,
    rule: String,
}

impl Grant {
    pub(super) fn new(principal: Principal, target: ExecTarget, options: ExecOptions, rule: String) -> Self {
        Self { principal, target, options, rule }
    }

    /// Whom it was given to.
    pub fn principal(&self) -> &Principal {
        &self.principal
    }

    /// The pod that was judged, and so the one to dial.
    pub fn target(&self) -> &ExecTarget {
        &self.target
    }

    /// The options that were judged, and so those to send.
    pub fn options(&self) -> &ExecOptions {
        &self.options
    }

    /// The name of the allow rule, for the log.
    pub fn rule(&self) -> &str {
        &self.rule
    }
}
