//! kubectl: the one of the cluster's own version, and the newest that a package registry has.

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::LazyLock;

use super::place::{Place, User};
use super::program::Program;
use super::promises::noise;
use super::terminal::Terminal;
use super::{Streams, prepared};
use crate::support::node;

/// Its own words, then ours.
const REFUSAL: &str = r#"error: unable to upgrade connection: user "bob" may not exec in pod "web-0" of namespace "default" on cluster "alpha" with container "app" and command ["id"]"#;

mod of_the_cluster {
    use crate::clients::promises::{keeps_the_promises, noise};
    use crate::clients::{Program, Streams};

    fn exec(streams: Streams, pod: &str, command: &[&str]) -> Program {
        super::exec(super::of_the_cluster(), streams, pod, command)
    }

    keeps_the_promises!(exec, noise, super::REFUSAL);
}

mod newest {
    use crate::clients::promises::{keeps_the_promises, noise};
    use crate::clients::{Program, Streams};

    fn exec(streams: Streams, pod: &str, command: &[&str]) -> Program {
        super::exec(super::newest(), streams, pod, command)
    }

    keeps_the_promises!(exec, noise, super::REFUSAL);
}

#[tokio::test]
async fn a_pod_that_may_not_be_read_is_refused_before_anything_is_run() {
    let place = Place::new().await;
    for kubectl in [of_the_cluster(), newest()] {
        let ended = place.with(User::Bob, exec(kubectl, Streams::Pipes, "vault", &["wc"])).run("").await;
        let words = "Error from server (Forbidden): user \"bob\" may not read pod \"vault\" of namespace \"default\" on cluster \"alpha\"\n";
        assert_eq!((ended.errors.as_str(), ended.code), (words, Some(1)));
    }
}

#[tokio::test]
async fn spdy_is_refused_with_what_to_do_about_it() {
    let place = Place::new().await;
    for kubectl in [of_the_cluster(), newest()] {
        let program = place.with(User::Alice, exec(kubectl, Streams::Pipes, "web-0", &["id"]));
        let ended = program.variable("KUBECTL_REMOTE_COMMAND_WEBSOCKETS", "false").run("").await;
        let words = "error: unable to upgrade connection: exec over SPDY (POST) is not supported here, only over WebSocket (GET)";
        assert!(ended.errors.starts_with(words), "{}", ended.errors);
        assert_eq!(ended.code, Some(1));
    }
}

#[tokio::test]
async fn cp_brings_a_file_to_the_pod_and_back() {
    for (name, kubectl) in [("of-the-cluster", of_the_cluster()), ("newest", newest())] {
        let place = Place::new().await;
        let file = noise();
        std::fs::write(place.folder().join("noise"), &file).unwrap();
        let there = format!("web-0:/tmp/file-{name}");
        cp(&place, &kubectl, "noise", &there).await;
        cp(&place, &kubectl, &there, "back").await;
        assert!(std::fs::read(place.folder().join("back")).unwrap() == file, "bytes differ");
    }
}

#[tokio::test]
async fn cp_brings_a_folder_to_the_pod_and_back() {
    for (name, kubectl) in [("of-the-cluster", of_the_cluster()), ("newest", newest())] {
        let place = Place::new().await;
        let at = |path: &str| place.folder().join(path);
        std::fs::create_dir_all(at("folder/below")).unwrap();
        std::fs::write(at("folder/empty"), "").unwrap();
        std::fs::write(at("folder/below/漢字"), &noise()[..5_000_000]).unwrap();
        let there = format!("web-0:/tmp/folder-{name}");
        cp(&place, &kubectl, "folder", &there).await;
        cp(&place, &kubectl, &there, "back").await;
        assert_eq!(std::fs::read(at("back/empty")).unwrap(), b"");
        assert!(std::fs::read(at("back/below/漢字")).unwrap() == noise()[..5_000_000], "bytes differ");
    }
}

#[tokio::test]
async fn attach_is_on_the_terminal_of_the_containers_main_process() {
    let place = Place::new().await;
    for kubectl in [of_the_cluster(), newest()] {
        let program = Program::new(&kubectl).arguments(["attach", "-it", "console"]);
        let mut terminal = Terminal::start(&place.with(User::Alice, program), 24, 80);
        terminal.sees("try pressing enter").await;
        terminal.types("echo pid $$ of $((40 + 2))").await;
        terminal.sees("pid 1 of 42").await;
        terminal.resize(40, 100);
        terminal.types(r#"until [ "$(stty size)" = "40 100" ]; do sleep 0.05; done; echo large: $?"#).await;
        terminal.sees("large: 0").await;
    }
}

#[tokio::test]
async fn attach_without_input_hears_what_another_says_to_the_main_process() {
    let place = Place::new().await;
    for (kubectl, words) in [(of_the_cluster(), "first words"), (newest(), "second words")] {
        let listening = Program::new(&kubectl).arguments(["attach", "pipe"]);
        let mut listening = Terminal::start(&place.with(User::Alice, listening), 24, 80);
        listening.sees("try pressing enter").await;
        let saying = Program::new(&kubectl).arguments(["attach", "-i", "pipe"]);
        let mut saying = Terminal::start(&place.with(User::Alice, saying), 24, 80);
        saying.sees("try pressing enter").await;
        listening.hears(&mut saying, words).await;
    }
}

fn of_the_cluster() -> PathBuf {
    node::kubectl()
}

fn newest() -> PathBuf {
    static FOLDER: LazyLock<PathBuf> = LazyLock::new(|| prepared("kubectl"));
    FOLDER.join("kubectl")
}

fn exec(kubectl: PathBuf, streams: Streams, pod: &str, command: &[&str]) -> Program {
    let flags = match streams {
        Streams::Pipes => "-i",
        Streams::Terminal => "-it",
    };
    Program::new(kubectl).arguments(["exec", flags, pod, "-c", "app", "--"]).arguments(command)
}

/// Local paths are of the place's folder.
async fn cp(place: &Place, kubectl: &PathBuf, from: &str, to: &str) {
    let path = |path: &str| -> OsString {
        if path.contains(':') { path.into() } else { place.folder().join(path).into() }
    };
    let program = Program::new(kubectl).arguments(["cp", "-c", "app"]).arguments([path(from), path(to)]);
    place.with(User::Alice, program).run("").await.succeeded();
}
