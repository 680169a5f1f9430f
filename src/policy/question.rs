//! What somebody wants to do.

use std::fmt;

use crate::{
    identity::Principal,
    target::{Command, ExecOptions, ExecTarget, ReadTarget, Resource, Verb},
};

/// Who wants to do what and where. Its `Display` is the part of a sentence after "may" or "may not".
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// Who asks.
    pub principal: &'a Principal,
    /// For what.
    pub wish: Wish<'a>,
}

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub enum Wish<'a> {
    /// An exec or attach.
    Session {
        /// Where to.
        target: &'a ExecTarget,
        /// What to run there.
        options: &'a ExecOptions,
    },
    /// To read something.
    Read(&'a ReadTarget),
}

impl<'a> Question<'a> {
    /// Asks whether `principal` may have this session.
    pub fn session(principal: &'a Principal, target: &'a ExecTarget, options: &'a ExecOptions) -> Self {
        Self { principal, wish: Wish::Session { target, options } }
    }

    /// Asks whether `principal` may read this.
    pub fn read(principal: &'a Principal, target: &'a ReadTarget) -> Self {
        Self { principal, wish: Wish::Read(target) }
    }
}

impl fmt::Display for Question<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.wish {
            Wish::Session { target, options } => session(f, target, options),
            Wish::Read(target) => read(f, target),
        }
    }
}

fn session(f: &mut fmt::Formatter<'_>, target: &ExecTarget, options: &ExecOptions) -> fmt::Result {
    let ExecTarget { cluster, namespace, pod } = target;
    let verb = match options.verb {
        Verb::Exec => "exec in",
        Verb::Attach => "attach to",
    };
    write!(f, "{verb} pod \"{pod}\" of namespace \"{namespace}\" on cluster \"{cluster}\"")?;
    let command = Some(&options.command).filter(|command| !command.is_empty());
    match (&options.container, command) {
        (None, None) => Ok(()),
        (Some(container), None) => write!(f, " with container \"{container}\""),
        (None, Some(command)) => write!(f, " with command {}", Shortened(command)),
        (Some(container), Some(command)) => {
            write!(f, " with container \"{container}\" and command {}", Shortened(command))
        }
    }
}

fn read(f: &mut fmt::Formatter<'_>, target: &ReadTarget) -> fmt::Result {
    match &target.resource {
        Resource::Version => f.write_str("read the version")?,
        Resource::Discovery(_) => f.write_str("read the kinds of objects")?,
        Resource::Namespaces => f.write_str("list namespaces")?,
        Resource::Namespace(namespace) => write!(f, "read namespace \"{namespace}\"")?,
        Resource::Pods(namespace) => write!(f, "list pods of namespace \"{namespace}\"")?,
        Resource::Pod(namespace, pod) => write!(f, "read pod \"{pod}\" of namespace \"{namespace}\"")?,
    }
    write!(f, " on cluster \"{}\"", target.cluster)
}

/// An argv in brackets; one that fills screens is cut.
struct Shortened<'a>(&'a Command);

impl fmt::Display for Shortened<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Enough to recognise a command by; a whole script in an argument would bury the sentence around it.
        const LONGEST: usize = 256;
        let text = match self.0.shells() {
            Some(_) => self.0.to_string(),
            None => format!("{:?}", self.0.words()),
        };
        match text.char_indices().nth(LONGEST) {
            Some((end, _)) => write!(f, "{}...", &text[..end]),
            None => f.write_str(&text),
        }
    }
}
