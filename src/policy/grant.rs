//! Stands in for the real room until it is merged; only the shape counts.

use crate::{
    identity::Principal,
    target::{ExecOptions, ExecTarget},
};

/// A yes to one session.
#[derive(Debug)]
pub struct Grant {
    principal: Principal,
    target: ExecTarget,
    options: ExecOptions,
}

impl Grant {
    pub(super) fn new(principal: Principal, target: ExecTarget, options: ExecOptions) -> Self {
        Self {
            principal,
            target,
            options,
        }
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
}
