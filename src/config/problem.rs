//! What is wrong with a file, and where.

use std::{
    fmt, io,
    path::{Path, PathBuf},
};

use super::key::KeyPath;

/// Why a configuration was not taken.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file itself can't be read.
    #[error("{}: {}", path.display(), io_words(source))]
    Unreadable {
        /// The file as it was named.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
    /// The file was read, and this is wrong with it; at least one problem, in the file's order.
    #[error("{}", lines(.0))]
    Invalid(Vec<Problem>),
}

/// One thing that is wrong: `FILE:LINE:COLUMN: KEY: what is wrong and what would be right`. Never holds a secret's value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The file as it was named.
    pub file: PathBuf,
    /// Counted from 1.
    pub line: u64,
    /// Counted from 1, in characters.
    pub column: u64,
    /// The way to the value, such as `clusters[0].server`; empty for the whole file.
    pub key: String,
    /// What is wrong, and what would be right.
    pub text: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: ", self.file.display(), self.line, self.column)?;
        if !self.key.is_empty() {
            write!(f, "{}: ", self.key)?;
        }
        f.write_str(&self.text)
    }
}

/// A place in the text, both counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    /// The line.
    pub(super) line: u64,
    /// The character in the line.
    pub(super) column: u64,
}

/// A problem whose file is not written to it yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Finding {
    /// Where.
    pub(super) place: Place,
    /// At which key.
    pub(super) key: KeyPath,
    /// What is wrong, and what would be right.
    pub(super) text: String,
}

impl ConfigError {
    /// All `findings` of one stage, sorted as in the file.
    pub(super) fn invalid(file: &Path, mut findings: Vec<Finding>) -> Self {
        findings.sort_by_key(|finding| finding.place);
        let problem = |finding: Finding| Problem {
            file: file.to_owned(),
            line: finding.place.line,
            column: finding.place.column,
            key: finding.key.to_string(),
            text: finding.text,
        };
        Self::Invalid(findings.into_iter().map(problem).collect())
    }
}

/// The system's answer in words that name no error number.
pub(super) fn io_words(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "no such file; put it there, or correct the path".to_owned(),
        io::ErrorKind::PermissionDenied => {
            "this user may not read it; look at its owner and mode, and at those of its folder".to_owned()
        }
        io::ErrorKind::IsADirectory => "is a folder, not a file".to_owned(),
        io::ErrorKind::InvalidData => "is not UTF-8 text".to_owned(),
        _ => error.to_string(),
    }
}

fn lines(problems: &[Problem]) -> String {
    let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
    lines.join("\n")
}
