//! The pod goes away under its sessions, or one of its containers does.

use rustix::process::Signal;

use super::guest::{Guest, Kind, field};
use super::kubectl::Kubectl;
use super::scene::{Scene, are_gone, marks};
use crate::support::node::signal;

/// Asserts that all are told that their shell was killed, kubectl by its exit code.
async fn are_killed(scene: &mut Scene, guests: Vec<Guest>, kubectl: Kubectl) {
    let (count, marks) = (guests.len() + 1, marks(&guests));
    for guest in guests {
        guest.last_words().await.says_killed();
    }
    let words = "command terminated with exit code 137\n";
    assert_eq!(kubectl.last_words().await, (Some(137), words.to_owned()));
    for line in scene.lines_of_ends(count).await {
        assert_eq!((field(&line, "ended.by"), &line["exit.code"]), ("command", &137.into()), "{line}");
    }
    are_gone(&marks).await;
    scene.is_calm().await;
}

#[tokio::test]
async fn a_deleted_pod_ends_its_sessions_with_137_and_is_told_as_unknown_then() {
    let mut scene = Scene::start().await;
    let (guests, kubectl) = (scene.company().await, Kubectl::come(&scene.gate).await);
    scene.node.kubectl(&["delete", "pod", "web-0", "--wait=true"]);
    are_killed(&mut scene, guests, kubectl).await;
    let words = "cluster \"alpha\" refused (404): pods \"web-0\" not found";
    Kind::Page.fail(&scene.gate).await.says(4404, words);
    Kind::Terminal.fail(&scene.gate).await.says(404, "pods \"web-0\" not found");
    let (code, words) = Kubectl::start(&scene.gate).last_words().await;
    assert_eq!((code, words.as_str()), (Some(1), "Error from server (NotFound): pods \"web-0\" not found\n"));
    scene.node.apply("tests/cluster/pods.yaml");
    scene.until_open().await;
    scene.end().await;
}

#[tokio::test]
async fn a_container_that_dies_ends_its_sessions_with_137_and_takes_new_ones_once_it_is_back() {
    let mut scene = Scene::start().await;
    let (guests, kubectl) = (scene.company().await, Kubectl::come(&scene.gate).await);
    signal(scene.node.main_process("web-0", "app"), Signal::KILL);
    are_killed(&mut scene, guests, kubectl).await;
    scene.until_open().await;
    scene.end().await;
}
