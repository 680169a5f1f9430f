//! The way to a value in the file, written as `clusters[0].server`.

use std::fmt;

/// The keys and list indices from the top of the file to one value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct KeyPath(Vec<Step>);

/// One step down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    /// Into a mapping.
    Name(String),
    /// Into a list.
    Index(usize),
}

impl KeyPath {
    /// The whole file.
    pub(super) fn root() -> Self {
        Self::default()
    }

    /// The value of the key `name`, one step further down.
    pub(super) fn field(&self, name: &str) -> Self {
        self.with(Step::Name(name.to_owned()))
    }

    /// The list's value number `index`, counted from 0.
    pub(super) fn index(&self, index: usize) -> Self {
        self.with(Step::Index(index))
    }

    /// From the top down.
    pub(super) fn steps(&self) -> &[Step] {
        &self.0
    }

    fn with(&self, step: Step) -> Self {
        let mut steps = self.0.clone();
        steps.push(step);
        Self(steps)
    }
}

impl fmt::Display for KeyPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (depth, step) in self.0.iter().enumerate() {
            match step {
                Step::Name(name) if depth == 0 => f.write_str(name)?,
                Step::Name(name) => write!(f, ".{name}")?,
                Step::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_written_with_dots_and_brackets() {
        let commands = KeyPath::root().field("policy").index(2).field("commands");
        assert_eq!(commands.index(0).to_string(), "policy[2].commands[0]");
        assert_eq!(KeyPath::root().to_string(), "");
    }
}
