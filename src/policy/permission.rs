//! What a rule can be about.

use std::fmt;

use crate::target::Verb;

/// A kind of request, as rules name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Permission {
    /// Start a command in a container.
    Exec,
    /// Join a container's main process.
    Attach,
    /// Read pods, and what leads to them.
    Read,
}

impl Permission {
    /// As the configuration spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Exec => Verb::Exec.as_str(),
            Self::Attach => Verb::Attach.as_str(),
            Self::Read => "read",
        }
    }
}

impl From<Verb> for Permission {
    fn from(verb: Verb) -> Self {
        match verb {
            Verb::Exec => Self::Exec,
            Verb::Attach => Self::Attach,
        }
    }
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
