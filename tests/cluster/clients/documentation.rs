//! docs/clients.md: its commands work as they stand, and its programs are those of the tests.

use std::path::Path;

use super::place::Place;
use super::program::{Ended, Program};
use super::{bare, folder_of};
use crate::support::node::kubectl;

const PAGE: &str = include_str!("../../../docs/clients.md");

#[tokio::test]
async fn the_commands_work_as_they_stand() {
    let place = Place::new().await;
    std::fs::write(place.folder().join("notes.txt"), "漢字 ✓\n").unwrap();
    let commands = blocks("sh").join("\n");
    assert!(["kubeconfig", "exec", "cp", "websocat"].iter().all(|word| commands.contains(word)));
    let commands = commands
        .replace("execgate.example.com", &place.gate.address.to_string())
        .replace("config.yaml", place.gate.setup.file().to_str().unwrap());
    let ended = shell(&place, &format!("{commands}\ncmp notes.txt back.txt\n")).await;
    let said = String::from_utf8(ended.succeeded()).unwrap();
    for words in ["\netc\n", "\n11\n", " UTC "] {
        assert!(said.contains(words), "no {words:?} in {said}");
    }
}

#[test]
fn the_programs_are_those_that_the_tests_run() {
    for (language, program) in
        [("python", "python/exec.py"), ("js", "javascript/exec.mjs"), ("rust", "kube/src/main.rs")]
    {
        let program = std::fs::read_to_string(folder_of(program)).unwrap();
        let quoted = blocks(language);
        assert!(!quoted.is_empty(), "{language}");
        for block in quoted {
            assert!(program.contains(block), "{language} has changed:\n{block}");
        }
    }
}

/// Runs lines in the place's folder until one fails, with the programs at hand that a user has.
async fn shell(place: &Place, lines: &str) -> Ended {
    let execgate = Path::new(env!("CARGO_BIN_EXE_execgate"));
    let folders =
        [execgate, &kubectl(), &bare::websocat()].map(|program| program.parent().unwrap().to_owned());
    let path = std::env::var_os("PATH").unwrap();
    let path = std::env::join_paths(folders.into_iter().chain(std::env::split_paths(&path))).unwrap();
    let script = format!("set -e; cd '{}'\n{lines}", place.folder().display());
    Program::new("sh")
        .arguments(["-c", &script])
        .variable("PATH", path)
        .variable("HOME", place.folder())
        .run("")
        .await
}

/// The code blocks in `language`.
fn blocks(language: &str) -> Vec<&'static str> {
    let blocks = PAGE.split("```").skip(1).step_by(2);
    blocks.filter_map(|block| block.strip_prefix(language)?.strip_prefix('\n')).collect()
}
