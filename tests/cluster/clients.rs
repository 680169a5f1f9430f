//! The clients that people have, each started as a program of its own, as its user would start it. What each must do is said once, in
//! `promises`; a module a client says how it is started, and what is its own.

mod bare;
mod javascript;
mod kube;
mod kubectl;
mod page;
mod place;
mod program;
mod promises;
mod python;
mod terminal;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use program::Program;

/// What the command's standard streams are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Streams {
    /// Input, output and errors, apart.
    Pipes,
    /// One terminal.
    Terminal,
}

/// How a client is started to run a command in the container `app` of a pod.
type Exec = fn(Streams, pod: &str, command: &[&str]) -> Program;

/// The folder that tests/clients/prepare has put the client in, or puts it in now.
fn prepared(client: &str) -> PathBuf {
    let prepare = folder_of("prepare");
    let output = Command::new(prepare).arg(client).stderr(Stdio::inherit()).output();
    let output = output.expect("tests/clients/prepare can be run");
    assert!(output.status.success(), "tests/clients/prepare {client} fails: its words are above");
    String::from_utf8(output.stdout).expect("a path").trim().into()
}

/// What stands under tests/clients.
fn folder_of(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients").join(name)
}

/// The words of a client whose programs all read `[--tty] POD CONTAINER COMMAND...`.
fn words<'a>(streams: Streams, pod: &'a str, command: &[&'a str]) -> Vec<&'a str> {
    let terminal: &[&str] = if streams == Streams::Terminal { &["--tty"] } else { &[] };
    [terminal, &[pod, "app"], command].concat()
}
