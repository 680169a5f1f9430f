//! The crate `kube`.

use std::path::PathBuf;
use std::sync::LazyLock;

use super::program::Program;
use super::promises::{keeps_the_promises, noise};
use super::{Streams, prepared, words};

static FOLDER: LazyLock<PathBuf> = LazyLock::new(|| prepared("kube"));

fn exec(streams: Streams, pod: &str, command: &[&str]) -> Program {
    Program::new(FOLDER.join("exec")).arguments(words(streams, pod, command))
}

keeps_the_promises!(
    exec,
    noise,
    r#"user "bob" may not exec in pod "web-0" of namespace "default" on cluster "alpha" with container "app" and command ["id"]"#
);
