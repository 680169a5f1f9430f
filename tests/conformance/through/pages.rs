//! A page, which can't read an HTTP answer, is told every refusal in its terminal and by a close code; and never of nodes or addresses.

use super::{Front, gate, gate_before};
use crate::straight::{BASE64, Rights, V4, V4_BASE64};
use crate::subject::{cluster_as, lost_cluster, lost_translating_cluster, translating_cluster};
use crate::support::ask::{Ask, PIPES, TTY};
use crate::support::setup::BOB;

/// The words in the terminal, and the close code and reason.
async fn told(ask: Ask, offer: &str) -> (String, u16, String) {
    let transcript = ask.by_page().offer(offer).open().await.transcript().await;
    let words = [transcript.text(), String::from_utf8(transcript.stderr.clone()).unwrap()].concat();
    let (code, reason) = transcript.close();
    if offer.starts_with("v4") {
        assert_eq!(transcript.status()["status"], "Failure", "{transcript:?}");
    } else {
        assert!(transcript.statuses.is_empty(), "{transcript:?}");
    }
    assert!(words.starts_with("execgate: ") && words.ends_with("\r\n"), "{words}");
    (words, code, reason.to_owned())
}

async fn assert_told(gate: &Front, pod: &str, asked: &str, code: u16, part: &str) {
    for offer in [BASE64, V4_BASE64, V4] {
        let (words, closed, reason) = told(Ask::pod(gate, pod, asked), offer).await;
        assert_eq!(closed, code, "{pod} {asked}: {words}");
        assert!(words.contains(part), "{pod} {asked}: {words}");
        assert!(!reason.is_empty() && reason.len() <= 123, "{reason}");
        for secret in ["node-", "127.0.0.1", "rpc error", "10250"] {
            assert!(!words.contains(secret) && !reason.contains(secret), "{words}");
        }
    }
}

#[tokio::test]
async fn what_the_cluster_refuses_is_told_with_its_code_and_reason() {
    let gate = gate().await;
    for streams in [PIPES, TTY, "stdout=1&tty=1"] {
        let exec = |query: &str| format!("exec?command=true&{query}{streams}");
        assert_told(&gate, "nosuch", &exec(""), 4404, "pods \"nosuch\" not found").await;
        assert_told(&gate, "web-0", &exec("container=x&"), 4400, "container x is not valid").await;
        assert_told(&gate, "web-0", &exec(""), 4400, "choose one of: [app sidecar]").await;
        assert_told(&gate, "unscheduled", &exec(""), 4400, "does not have a host assigned").await;
        assert_told(&gate, "stranded", &exec(""), 4404, "has lost the node of this pod").await;
        assert_told(&gate, "migrate", &exec(""), 1011, "check that the container is running").await;
        assert_told(&gate, "pending", &exec(""), 1011, "check that the container is running").await;
    }
}

#[tokio::test]
async fn where_the_api_server_translates_v5_what_comes_behind_the_101_is_told_by_the_same_code() {
    let gate = gate_before(translating_cluster().await, |setup| setup).await;
    for streams in [PIPES, TTY] {
        let asked = format!("exec?command=true&{streams}");
        assert_told(&gate, "migrate", &asked, 1011, "check that the container is running").await;
        assert_told(&gate, "stranded", &asked, 4404, "has lost the node of this pod").await;
    }
    let ask = || Ask::pod(&gate, "migrate", "exec?command=true&stdout=1&tty=1").by_page();
    let transcript = ask().offer(BASE64).open().await.transcript().await;
    let (code, reason) = transcript.close();
    assert_eq!((code, transcript.statuses.concat().as_str()), (1011, reason));
    assert!(reason.contains("check that the container is running"), "{reason}");
    // Who reads a Status reads it at 1000.
    let transcript = ask().offer(V4_BASE64).open().await.transcript().await;
    assert_eq!((transcript.close().0, &transcript.status()["status"]), (1000, &"Failure".into()));
    assert!(transcript.close().1.contains("check that the container is running"), "{transcript:?}");
}

#[tokio::test]
async fn a_node_that_does_not_answer_is_told_without_its_address() {
    for cluster in [lost_cluster().await, lost_translating_cluster().await] {
        let gate = gate_before(cluster, |setup| setup).await;
        for streams in [PIPES, TTY, "stdout=1&tty=1"] {
            let asked = format!("exec?container=app&command=true&{streams}");
            assert_told(&gate, "web-0", &asked, 1011, "cluster \"alpha\" cannot reach the pod's node").await;
        }
    }
}

#[tokio::test]
async fn what_rbac_refuses_execgates_account_is_told_as_forbidden() {
    for rights in [Rights::Nothing, Rights::Get] {
        let (cluster, _) = cluster_as(rights).await;
        let gate = gate_before(cluster, |setup| setup).await;
        let asked = format!("exec?container=app&command=true&{TTY}");
        assert_told(&gate, "web-0", &asked, 4403, "pods \"web-0\" is forbidden").await;
    }
}

#[tokio::test]
async fn a_user_who_may_not_is_told_so_before_the_cluster_is_asked() {
    let gate = gate().await;
    let ask = |token| Ask::pod(&gate, "vault", &format!("exec?command=true&{TTY}")).bearing(token);
    let (words, code, _) = told(ask(BOB), BASE64).await;
    assert_eq!(code, 4403);
    assert!(words.contains("user \"bob\" may not exec in pod \"vault\""), "{words}");
    let (words, code, _) = told(ask("wrong"), BASE64).await;
    assert_eq!(code, 4401, "{words}");
}
