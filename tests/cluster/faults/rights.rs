//! The rights of execgate's own account are taken away, or its token is.

use super::guest::{Guest, Kind, field};
use super::scene::Scene;
use super::token::expired;

/// What a page reads of a credential that the cluster does not take.
const NO_CREDENTIAL: &str =
    "cluster \"alpha\" does not accept execgate's own credential; tell your administrator";

#[tokio::test]
async fn rights_taken_away_end_no_session_and_refuse_new_ones_until_they_are_back() {
    let mut scene = Scene::start().await;
    let mut guests = scene.company().await;
    scene.node.kubectl(&["delete", "clusterrolebinding", "execgate"]);
    // The API server learns of it in a moment.
    scene.until_shut().await;
    for guest in &mut guests {
        guest.is_echoed().await;
    }
    let sentence = "pods \"web-0\" is forbidden: User \"system:serviceaccount:execgate:execgate\" cannot get resource \"pods/exec\" in API group \"\" in the namespace \"default\"";
    let words = format!("cluster \"alpha\" refused (403): {sentence}");
    Kind::Page.fail(&scene.gate).await.says(4403, &words);
    Kind::Terminal.fail(&scene.gate).await.says(403, sentence);
    assert!(field(&scene.line_of_refusal().await, "error").contains("refused with 403"));
    scene.node.apply("docs/execgate-rbac.yaml");
    scene.until_open().await;
    leave(&mut scene, guests).await;
    scene.end().await;
}

#[tokio::test]
async fn a_revoked_token_ends_no_session_and_a_renewed_file_is_taken_up_at_once() {
    let mut scene = Scene::start().await;
    let leash = ["create", "secret", "generic", "leash", "--namespace", "execgate"];
    scene.node.kubectl(&leash);
    let bound = ["--bound-object-kind=Secret", "--bound-object-name=leash"];
    let token = scene.node.token(&bound);
    scene.restart_with(&token).await;
    let mut guests = scene.company().await;
    scene.node.kubectl(&["delete", "secret", "leash", "--namespace", "execgate"]);
    // The API server remembers for some seconds that the token was good.
    scene.until_shut().await;
    is_refused(&mut scene).await;
    for guest in &mut guests {
        guest.is_echoed().await;
    }
    renew(&mut scene).await;
    leave(&mut scene, guests).await;
    scene.end().await;
}

#[tokio::test]
async fn an_expired_token_is_told_and_a_renewed_file_is_taken_up_at_once() {
    let mut scene = Scene::start().await;
    let token = expired(&scene.node);
    scene.restart_with(&token).await;
    is_refused(&mut scene).await;
    renew(&mut scene).await;
    scene.end().await;
}

/// Asserts what is read while the token is bad.
async fn is_refused(scene: &mut Scene) {
    Kind::Page.fail(&scene.gate).await.says(1011, NO_CREDENTIAL);
    Kind::Terminal.fail(&scene.gate).await.says(502, NO_CREDENTIAL);
    for _ in 0..2 {
        let line = scene.line_of_refusal().await;
        assert!(line["level"] == "WARN" && field(&line, "error").contains("it answered 401"), "{line}");
    }
    assert!(!scene.gate.lines.concat().contains("eyJ"), "a token, or its beginning, stands in the log");
}

/// Puts a good token where the gate reads it: its next request succeeds.
async fn renew(scene: &mut Scene) {
    scene.gate.setup.put_token(&scene.node, &scene.node.token(&[]));
    assert!(scene.is_open().await, "the renewed token is not taken up");
}

async fn leave(scene: &mut Scene, guests: Vec<Guest>) {
    let count = guests.len();
    for guest in guests {
        guest.leave().await;
    }
    scene.lines_of_ends(count).await;
}
