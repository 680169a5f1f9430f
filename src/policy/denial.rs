//! A no, in words for the one who asked.

use std::fmt;

use super::{Permission, Question};
use crate::{identity::Principal, target::ClusterName};

/// A no. `Display` repeats what was asked; which rule said no, if one did, is for the log alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Denial {
    asked: String,
    rule: Option<String>,
}

impl Denial {
    pub(super) fn new(question: &Question<'_>, rule: Option<String>) -> Self {
        let asked = format!("user {:?} may not {question}", question.principal.user());
        Self { asked, rule }
    }

    /// A no to whatever it is on a whole cluster.
    pub(super) fn anywhere(principal: &Principal, permission: Permission, cluster: &ClusterName) -> Self {
        let asked = format!("user {:?} may {permission} nowhere on cluster \"{cluster}\"", principal.user());
        Self { asked, rule: None }
    }

    /// The name of the deny rule, for the log; `None` if no rule allowed it.
    pub fn rule(&self) -> Option<&str> {
        self.rule.as_deref()
    }
}

impl fmt::Display for Denial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.asked)
    }
}

impl std::error::Error for Denial {}
