//! What somebody wants to do.

use std::fmt;

use crate::{
    identity::Principal,
    target::{Command, ExecOptions, ExecTarget, Verb},
};

/// Who wants to do what and where. Its `Display` is the part of a sentence after "may" or "may not".
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// Who asks.
    pub principal: &'a Principal,
    /// Where to.
    pub target: &'a ExecTarget,
    /// What to run there.
    pub options: &'a ExecOptions,
}

impl<'a> Question<'a> {
    /// Asks whether `principal` may do this.
    pub fn new(principal: &'a Principal, target: &'a ExecTarget, options: &'a ExecOptions) -> Self {
        Self { principal, target, options }
    }
}

impl fmt::Display for Question<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ExecTarget { cluster, namespace, pod } = self.target;
        let verb = match self.options.verb {
            Verb::Exec => "exec in",
            Verb::Attach => "attach to",
        };
        write!(f, "{verb} pod \"{pod}\" of namespace \"{namespace}\" on cluster \"{cluster}\"")?;
        let command = Some(&self.options.command).filter(|command| !command.is_empty());
        match (&self.options.container, command) {
            (None, None) => Ok(()),
            (Some(container), None) => write!(f, " with container \"{container}\""),
            (None, Some(command)) => write!(f, " with command {}", Shortened(command)),
            (Some(container), Some(command)) => {
                write!(f, " with container \"{container}\" and command {}", Shortened(command))
            }
        }
    }
}

/// An argv in brackets; one that fills screens is cut.
struct Shortened<'a>(&'a Command);

impl fmt::Display for Shortened<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Enough to recognise a command by; a whole script in an argument would bury the sentence around it.
        const LONGEST: usize = 256;
        let text = format!("{:?}", self.0.words());
        match text.char_indices().nth(LONGEST) {
            Some((end, _)) => write!(f, "{}...", &text[..end]),
            None => f.write_str(&text),
        }
    }
}
