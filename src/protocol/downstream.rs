//! What the page's side of a session speaks: a subprotocol of Kubernetes, or a dialect of its own.

use std::fmt;
use std::sync::Arc;

use super::{Dialect, StatusForm, Subprotocol};

/// What the page or program speaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Downstream {
    /// One of Kubernetes' subprotocols.
    Exec(Subprotocol),
    /// A page's own framing.
    Dialect(Arc<Dialect>),
}

/// How somebody is told the end of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum EndForm {
    /// On channel 3, in that form.
    Status(StatusForm),
    /// As the dialect has it: a message of its own, or words in the terminal.
    Dialect,
}

impl Downstream {
    pub(super) fn end_form(&self) -> EndForm {
        match self {
            Self::Exec(subprotocol) => EndForm::Status(subprotocol.status_form()),
            Self::Dialect(_) => EndForm::Dialect,
        }
    }
}

impl From<Subprotocol> for Downstream {
    fn from(subprotocol: Subprotocol) -> Self {
        Self::Exec(subprotocol)
    }
}

impl fmt::Display for Downstream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exec(subprotocol) => subprotocol.fmt(f),
            Self::Dialect(dialect) => dialect.fmt(f),
        }
    }
}
