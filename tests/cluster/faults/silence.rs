//! The way to the cluster is cut, or a server hangs: nobody answers any more, and nobody says so.

use tokio::task::JoinSet;

use super::guest::{Guest, Kind, end_shells, field};
use super::scene::{Scene, left_after_patience, marks};
use crate::support::node::Part;

/// What everybody reads whose cluster fell silent.
const SILENT: &str = "the cluster stopped answering; connect again";

/// Silence is told after two ping periods, which a terminal's user spends typing: that must not look like a command that reads no
/// input.
#[tokio::test]
async fn a_server_that_hangs_is_told_after_two_ping_periods_though_the_user_types() {
    let mut scene = Scene::with(PINGS).await;
    for part in [Part::ApiServer, Part::Kubelet] {
        let mut thaws = 0;
        while !left_by_a_server_that_hangs(&mut scene, part).await.is_empty() {
            thaws += 1;
            assert!(thaws < THAWS, "after each of {THAWS} thaws a shell stays");
        }
    }
    scene.end().await;
}

/// The shells that stay, of four sessions that were told.
async fn left_by_a_server_that_hangs(scene: &mut Scene, part: Part) -> Vec<String> {
    let guests = scene.company().await;
    let marks = marks(&guests);
    scene.node.freeze(part);
    are_told(scene, guests).await;
    scene.node.thaw(part);
    let left = left_over(&marks).await;
    scene.until_open().await;
    left
}

/// Those of these shells that stay in spite of all; they are ended.
async fn left_over(marks: &[String]) -> Vec<String> {
    let left: Vec<String> = left_after_patience(marks).await.into_iter().cloned().collect();
    for mark in &left {
        end_shells(mark);
    }
    left
}

/// Silence is told after twice that. Less, and a test that stands still on a busy machine is itself taken for gone.
const PINGS: &str = "{pingPeriod: 3s}";

/// What a part of a cluster finds when it is thawed, input and the connection's end behind it, comes all at once, and now and then a
/// runtime leaves a shell then (one of some tens, on a machine that was busy). A gate that did not end its connections would leave all.
const THAWS: usize = 3;

/// The API server or kubelet that translates v5 answers for a runtime that hangs: nobody can tell that from a command that is busy.
#[tokio::test]
async fn a_runtime_that_hangs_is_told_but_to_a_pipe_which_goes_on_once_it_is_awake() {
    let mut left = Vec::new();
    for _ in 0..THAWS {
        left = left_by_a_runtime_that_hangs().await;
        if left.is_empty() {
            return;
        }
    }
    panic!("after each of {THAWS} thaws a shell stays, such as {left:?}");
}

/// The shells that stay, of three sessions that were told.
async fn left_by_a_runtime_that_hangs() -> Vec<String> {
    let mut scene = Scene::with(PINGS).await;
    let mut pipe = Kind::Pipe.come(&scene.gate).await;
    let mut guests = Vec::new();
    for kind in [Kind::Page, Kind::Terminal, Kind::Program] {
        guests.push(kind.come(&scene.gate).await);
    }
    let marks = marks(&guests);
    scene.node.freeze(Part::Containerd);
    // It waits for its echo, and answers pings meanwhile.
    let waiting = tokio::spawn(async move {
        pipe.is_echoed().await;
        pipe
    });
    are_told(&mut scene, guests).await;
    scene.node.thaw(Part::Containerd);
    let left = left_over(&marks).await;
    waiting.await.expect("it is echoed").leave().await;
    scene.end().await;
    left
}

/// Has everybody type into the silence, and asserts that all are told of it.
async fn are_told(scene: &mut Scene, mut guests: Vec<Guest>) {
    let count = guests.len();
    for guest in &mut guests {
        guest.type_in("is anybody there\n").await;
    }
    // All at once: each has to answer pings of its own.
    let telling: JoinSet<_> = guests.into_iter().map(Guest::last_words).collect();
    for farewell in telling.join_all().await {
        farewell.says_cut(SILENT);
    }
    for line in scene.lines_of_ends(count).await {
        assert_eq!(field(&line, "ended.by"), "silence of the cluster", "{line}");
    }
}

#[tokio::test]
async fn a_server_that_hangs_is_told_to_who_comes_after_the_connect_timeout() {
    let mut scene = Scene::start().await;
    for (part, stage) in [
        (Part::ApiServer, "in the middle of the TLS handshake"),
        (Part::Kubelet, "silent about the request"),
        (Part::Containerd, "silent about the request"),
    ] {
        scene.node.freeze(part);
        let (page, program) = tokio::join!(Kind::Page.fail(&scene.gate), Kind::Terminal.fail(&scene.gate));
        let words =
            "cluster \"alpha\" did not answer within 10s; try again later, or tell your administrator";
        page.says(1011, words);
        program.says(504, words);
        for _ in 0..2 {
            let line = scene.line_of_refusal().await;
            assert!(field(&line, "error").contains(stage), "{line}");
        }
        scene.is_calm().await;
        scene.node.thaw(part);
        scene.until_open().await;
    }
    scene.end().await;
}
