//! `@kubernetes/client-node` of npm.

use std::path::PathBuf;
use std::sync::LazyLock;

use super::program::Program;
use super::promises::{keeps_the_promises, noise};
use super::{Streams, prepared, words};

static FOLDER: LazyLock<PathBuf> = LazyLock::new(|| prepared("javascript"));

fn exec(streams: Streams, pod: &str, command: &[&str]) -> Program {
    Program::new(FOLDER.join("node"))
        .arguments([FOLDER.join("exec.mjs")])
        .arguments(words(streams, pod, command))
}

// Of an answer that is no 101 it tells the code alone.
keeps_the_promises!(exec, noise, "Unexpected server response: 403");
