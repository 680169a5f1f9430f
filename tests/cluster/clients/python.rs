//! `kubernetes` for Python.

use std::path::PathBuf;
use std::sync::LazyLock;

use super::program::Program;
use super::{Streams, folder_of, prepared, words};

static FOLDER: LazyLock<PathBuf> = LazyLock::new(|| prepared("python"));

fn exec(streams: Streams, pod: &str, command: &[&str]) -> Program {
    python().arguments(words(streams, pod, command))
}

fn exec_as_text(streams: Streams, pod: &str, command: &[&str]) -> Program {
    python().arguments(["--text"]).arguments(words(streams, pod, command))
}

fn python() -> Program {
    Program::new(FOLDER.join("venv/bin/python")).arguments([folder_of("python/exec.py")])
}

/// The end of the answer, which it shows as it came.
const REFUSAL: &str = r#""message":"user \"bob\" may not exec in pod \"web-0\" of namespace \"default\" on cluster \"alpha\" with container \"app\" and command [\"id\"]","reason":"Forbidden","code":403}"#;

mod with_bytes {
    use crate::clients::promises::{keeps_the_promises, noise};

    keeps_the_promises!(super::exec, noise, super::REFUSAL);
}

mod with_text {
    use crate::clients::promises::{keeps_the_promises, noise_as_text};

    keeps_the_promises!(super::exec_as_text, noise_as_text, super::REFUSAL);
}
