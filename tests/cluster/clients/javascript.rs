//! `@kubernetes/client-node` of npm.

use std::path::PathBuf;
use std::sync::LazyLock;

use super::place::{Place, User};
use super::program::Program;
use super::promises::{keeps_the_promises, noise};
use super::terminal::Terminal;
use super::{Streams, prepared, words};

static FOLDER: LazyLock<PathBuf> = LazyLock::new(|| prepared("javascript"));

fn exec(streams: Streams, pod: &str, command: &[&str]) -> Program {
    node("exec.mjs").arguments(words(streams, pod, command))
}

// Of an answer that is no 101 it tells the code alone.
keeps_the_promises!(exec, noise, "Unexpected server response: 403");

#[tokio::test]
async fn cp_brings_a_folder_to_the_pod_and_back() {
    let place = Place::new().await;
    let at = |path: &str| place.folder().join(path).display().to_string();
    let content = &noise()[..5_000_000];
    std::fs::create_dir_all(at("folder/below")).unwrap();
    std::fs::write(at("folder/below/漢字"), content).unwrap();
    let made = place.with(User::Alice, exec(Streams::Pipes, "web-0", &["mkdir", "-p", "/tmp/javascript"]));
    made.run("").await.succeeded();
    for words in [
        ["to", "web-0", "app", &at("folder"), "/tmp/javascript"],
        ["from", "web-0", "app", &at("back"), "/tmp/javascript"],
    ] {
        place.with(User::Alice, node("cp.mjs").arguments(words)).run("").await.succeeded();
    }
    assert!(std::fs::read(at("back/javascript/below/漢字")).unwrap() == content, "bytes differ");
}

#[tokio::test]
async fn attach_without_input_hears_what_another_says_to_the_main_process() {
    let place = Place::new().await;
    let attach = |more: &'static [&str]| {
        let program = node("attach.mjs").arguments(["pipe", "app"]).arguments(more);
        Terminal::start(&place.with(User::Alice, program), 24, 80)
    };
    let (mut listening, mut saying) = (attach(&["--listen"]), attach(&[]));
    listening.hears(&mut saying, "from JavaScript").await;
}

fn node(program: &str) -> Program {
    Program::new(FOLDER.join("node")).arguments([FOLDER.join(program)])
}
