//! A program with its arguments, and a run of it on pipes.

use std::ffi::{OsStr, OsString};
use std::process::Stdio;
use std::time::Duration;

use tokio::io::AsyncWriteExt as _;

/// A client that takes longer than this has stopped.
pub(super) const PATIENCE: Duration = Duration::from_mins(2);

/// What a shell is told to start it.
#[derive(Debug, Clone)]
pub(super) struct Program {
    pub(super) name: OsString,
    pub(super) arguments: Vec<OsString>,
    pub(super) environment: Vec<(OsString, OsString)>,
}

/// What it left behind.
#[derive(Debug)]
pub(super) struct Ended {
    pub(super) code: Option<i32>,
    pub(super) output: Vec<u8>,
    pub(super) errors: String,
}

impl Program {
    pub(super) fn new(name: impl AsRef<OsStr>) -> Self {
        Self { name: name.as_ref().to_owned(), arguments: Vec::new(), environment: Vec::new() }
    }

    pub(super) fn arguments<Word: AsRef<OsStr>>(mut self, more: impl IntoIterator<Item = Word>) -> Self {
        self.arguments.extend(more.into_iter().map(|word| word.as_ref().to_owned()));
        self
    }

    pub(super) fn variable(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.environment.push((name.into(), value.as_ref().to_owned()));
        self
    }

    /// Runs it with `input` on its standard input, to its end.
    pub(super) async fn run(&self, input: impl Into<Vec<u8>>) -> Ended {
        let mut child = tokio::process::Command::new(&self.name)
            .args(&self.arguments)
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap_or_else(|error| panic!("{} can't be started: {error}", self.name.display()));
        let mut stdin = child.stdin.take().expect("piped");
        let input = input.into();
        // One that ends before it has read everything is judged by what it says.
        let writing = tokio::spawn(async move { stdin.write_all(&input).await });
        let ended = tokio::time::timeout(PATIENCE, child.wait_with_output()).await;
        writing.abort();
        let output = ended.unwrap_or_else(|_| panic!("it does not end: {self:?}")).unwrap();
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        Ended { code: output.status.code(), output: output.stdout, errors }
    }
}

impl Ended {
    /// Its output; fails with its errors if it did not succeed.
    pub(super) fn succeeded(self) -> Vec<u8> {
        assert_eq!(self.code, Some(0), "{}", self.errors);
        self.output
    }

    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.output).into_owned()
    }
}
