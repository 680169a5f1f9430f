//! One of the cluster's servers is killed, and comes back.

use serde_json::Value;

use super::guest::{Guest, Kind, end_shells, field, has_shell};
use super::kubectl::Kubectl;
use super::scene::{Scene, are_gone, marks};
use crate::support::node::Part;

/// What everybody reads whose cluster went away in the middle.
const CUT: &str = "the cluster ended the connection without a status; connect again";

/// Asserts that all are told that they are cut off, and that the log says the same of each; so many others ended besides.
async fn are_cut(scene: &mut Scene, guests: Vec<Guest>, others: usize) {
    let count = guests.len();
    for guest in guests {
        guest.last_words().await.says_cut(CUT);
    }
    let lines = scene.lines_of_ends(count + others).await;
    let is_cut = |line: &&Value| line["ended.by"] == "cluster" && line["close.reason"] == CUT;
    assert!(lines.iter().filter(is_cut).count() >= count, "{lines:?}");
    scene.is_calm().await;
}

/// Asserts that kubectl fails with the words that all are told.
async fn is_cut(kubectl: Kubectl) {
    let words = format!("error: Internal error occurred: {CUT}\n");
    assert_eq!(kubectl.last_words().await, (Some(1), words));
}

/// Asserts what is read by who comes while the server is away, and that the log says why.
async fn are_turned_away(scene: &mut Scene, page: &str, program: (u16, &str), log: &str) {
    Kind::Page.fail(&scene.gate).await.says(1011, page);
    let no = Kind::Terminal.fail(&scene.gate).await;
    let (code, body) = no.body();
    assert!(code == program.0 && body.contains(program.1), "{no:?}");
    for _ in 0..2 {
        let line = scene.line_of_refusal().await;
        assert!(line["level"] == "WARN" && field(&line, "error").contains(log), "{line}");
    }
    scene.is_calm().await;
}

const NODE_AWAY: &str = "cluster \"alpha\" cannot reach the pod's node, or the containers on it; try again later, or tell your administrator";

#[tokio::test]
async fn a_dead_kubelet_ends_sessions_with_words_and_leaves_no_shell() {
    let mut scene = Scene::start().await;
    let (guests, kubectl) = (scene.company().await, Kubectl::come(&scene.gate).await);
    let marks = marks(&guests);
    scene.node.kill(Part::Kubelet);
    is_cut(kubectl).await;
    are_cut(&mut scene, guests, 1).await;
    are_gone(&marks).await;
    are_turned_away(&mut scene, NODE_AWAY, (500, "error dialing backend: "), "error dialing backend: ").await;
    scene.node.restart(Part::Kubelet);
    scene.end().await;
}

/// Nobody is left who could end the shells: they stay until somebody in the pod does. A pipe is told Success, by a translator that
/// lost its runtime: from Kubernetes itself, with and without execgate (docs/faults.md).
#[tokio::test]
async fn a_dead_runtime_ends_sessions_with_words_but_for_a_pipe_which_reads_what_kubernetes_says() {
    let mut scene = Scene::start().await;
    let (pipe, direct) = (Kind::Pipe.come(&scene.gate).await, Kind::Pipe.come(&scene.node).await);
    let mut guests = Vec::new();
    for kind in [Kind::Page, Kind::Terminal, Kind::Program] {
        guests.push(kind.come(&scene.gate).await);
    }
    let mut marks = marks(&guests);
    marks.extend([pipe.mark.clone(), direct.mark.clone()]);
    scene.node.kill(Part::Containerd);
    let (through, direct) = (pipe.last_words().await, direct.last_words().await);
    assert_eq!(through.status(), direct.status(), "as without execgate");
    assert_eq!(through.status()["status"], "Success", "docs/faults.md can lose an exception");
    are_cut(&mut scene, guests, 1).await;
    let words = "rpc error: code = Unavailable ";
    are_turned_away(&mut scene, NODE_AWAY, (500, words), words).await;
    scene.node.restart(Part::Containerd);
    for mark in &marks {
        assert!(has_shell(mark), "nobody could end it");
        end_shells(mark);
    }
    scene.end().await;
}

#[tokio::test]
async fn a_dead_api_server_ends_sessions_with_words_and_leaves_no_shell() {
    let mut scene = Scene::start().await;
    let (guests, kubectl) = (scene.company().await, Kubectl::come(&scene.gate).await);
    let marks = marks(&guests);
    scene.node.kill(Part::ApiServer);
    is_cut(kubectl).await;
    are_cut(&mut scene, guests, 1).await;
    are_gone(&marks).await;
    let words = "cluster \"alpha\" cannot be reached; try again later, or tell your administrator";
    are_turned_away(&mut scene, words, (502, "cannot be reached"), "cannot connect to 127.0.0.1:").await;
    scene.node.restart(Part::ApiServer);
    scene.end().await;
}

#[tokio::test]
async fn sessions_go_on_without_etcd_and_who_comes_is_told_after_the_connect_timeout() {
    let mut scene = Scene::start().await;
    let mut guests = scene.company().await;
    scene.node.kill(Part::Etcd);
    for guest in &mut guests {
        guest.is_echoed().await;
    }
    let words = "cluster \"alpha\" did not answer within 10s; try again later, or tell your administrator";
    Kind::Page.fail(&scene.gate).await.says(1011, words);
    assert!(field(&scene.line_of_refusal().await, "error").contains("still silent about the request"));
    scene.node.restart(Part::Etcd);
    scene.until_open().await;
    let count = guests.len();
    for mut guest in guests {
        guest.is_echoed().await;
        guest.leave().await;
    }
    scene.lines_of_ends(count).await;
    scene.end().await;
}
