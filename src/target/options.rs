//! What to run and which streams to attach: the fields of `PodExecOptions` and `PodAttachOptions`.

use std::fmt;

use super::{ContainerName, Shells};

/// Which subresource of the pod is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verb {
    /// `pods/exec`: start a command.
    Exec,
    /// `pods/attach`: join the container's main process.
    Attach,
}

impl Verb {
    /// The path segment and RBAC subresource.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Exec => "exec",
            Self::Attach => "attach",
        }
    }
}

impl fmt::Display for Verb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An argv, never passed through a shell; empty for attach, and for exec an empty one is the runtime's to refuse. Or a shell that has to
/// be found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Command {
    words: Vec<String>,
    shells: Option<Shells>,
}

impl Command {
    /// Takes the words in order.
    pub fn new(words: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self { words: words.into_iter().map(Into::into).collect(), shells: None }
    }

    /// The first of these shells that there is.
    pub fn shell(shells: Shells) -> Self {
        Self { words: Vec::new(), shells: Some(shells) }
    }

    /// The words in order; none of a shell that has to be found.
    pub fn words(&self) -> &[String] {
        &self.words
    }

    /// The shells of which the first that there is runs.
    pub fn shells(&self) -> Option<&Shells> {
        self.shells.as_ref()
    }

    /// True when no command was given.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty() && self.shells.is_none()
    }
}

/// For people and logs: the words, quoted only where a space or an unprintable character makes it necessary.
impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(shells) = &self.shells {
            return f.write_str(&shells.names().collect::<Vec<_>>().join(" or "));
        }
        for (index, word) in self.words.iter().enumerate() {
            let separator = if index == 0 { "" } else { " " };
            let plain =
                !word.is_empty() && word.chars().all(|c| !c.is_whitespace() && !c.is_control() && c != '"');
            if plain {
                write!(f, "{separator}{word}")?;
            } else {
                write!(f, "{separator}{word:?}")?;
            }
        }
        Ok(())
    }
}

/// The four switches of an exec or attach. All are off unless asked for, as on the API server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[allow(clippy::struct_excessive_bools, reason = "these are the API's four fields of that type")]
pub struct Streams {
    /// Channel 0 reaches the process.
    pub stdin: bool,
    /// Channel 1 is sent.
    pub stdout: bool,
    /// Channel 2 is sent; with `tty` the kubelet turns it off.
    pub stderr: bool,
    /// The process gets a terminal.
    pub tty: bool,
}

/// Everything that the query string says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExecOptions {
    /// Exec or attach.
    pub verb: Verb,
    /// The container, if one was named; else the API server takes the only one or refuses.
    pub container: Option<ContainerName>,
    /// The argv; empty for attach.
    pub command: Command,
    /// The streams asked for.
    pub streams: Streams,
}
