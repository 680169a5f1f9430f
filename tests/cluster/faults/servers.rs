//! One of the cluster's servers is killed, and comes back.

use super::guest::{Guest, field};
use super::scene::{Scene, are_gone, marks};
use crate::support::node::Part;

/// What everybody reads whose cluster went away in the middle.
const CUT: &str = "the cluster ended the connection without a status; connect again";

/// Asserts that all are told that they are cut off, and that the log says the same of each.
async fn are_cut(scene: &mut Scene, guests: Vec<Guest>) {
    let count = guests.len();
    for guest in guests {
        guest.last_words().await.says_cut(CUT);
    }
    for line in scene.lines_of_ends(count).await {
        assert_eq!((field(&line, "ended.by"), field(&line, "close.reason")), ("cluster", CUT), "{line}");
    }
    scene.is_calm().await;
}

#[tokio::test]
async fn a_dead_kubelet_ends_sessions_with_words_and_leaves_no_shell() {
    let mut scene = Scene::start().await;
    let guests = scene.company().await;
    let marks = marks(&guests);
    scene.node.kill(Part::Kubelet);
    are_cut(&mut scene, guests).await;
    are_gone(&marks).await;
    scene.node.restart(Part::Kubelet);
    scene.end().await;
}
