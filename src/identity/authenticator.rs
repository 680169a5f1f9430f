//! What every way of authenticating has in common.

use std::sync::Arc;

use super::{Presented, Principal};

/// One way to tell who somebody is.
pub trait Authenticator: Send + Sync {
    /// Judges what was presented.
    fn authenticate(&self, presented: &Presented) -> Verdict;
}

/// One authenticator's answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is this one; nobody else is asked.
    Accepted(Principal),
    /// What was shown is of the kind that this authenticator judges, and it is bad; nobody else is asked.
    Rejected,
    /// Nothing was shown that this authenticator knows; the next one is asked.
    Absent,
}

impl<T: Authenticator + ?Sized> Authenticator for Arc<T> {
    fn authenticate(&self, presented: &Presented) -> Verdict {
        (**self).authenticate(presented)
    }
}
