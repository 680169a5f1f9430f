//! A program is told what the cluster refuses as the cluster told it, by HTTP and before anything has started; and so is its POST.

use super::{Front, gate, gate_before};
use crate::straight::{Rights, V4, V5};
use crate::subject::{cluster_as, lost_cluster, lost_translating_cluster, translating_cluster};
use crate::support::ask::{Answer, Ask, PIPES, TTY};

const BOTH: &str = "v5.channel.k8s.io, v4.channel.k8s.io";

/// The GET's answer, and the same for the POST with which kubectl follows a refusal.
async fn refused(gate: &Front, pod: &str, asked: &str, offer: &str) -> Answer {
    let ask = Ask::pod(gate, pod, asked).offer(offer);
    let answer = ask.clone().refused().await;
    let post = ask.without("Upgrade").without("Connection").by("POST").header("Content-Length", "0");
    let posted = post.refused().await;
    assert_eq!((posted.code(), &posted.body), (answer.code(), &answer.body), "{pod} {asked}");
    answer
}

#[tokio::test]
async fn what_the_api_server_refuses_is_passed_on_as_it_came() {
    let gate = gate().await;
    for (pod, query, code, message) in [
        ("nosuch", "", 404, "pods \"nosuch\" not found"),
        ("web-0", "container=x&", 400, "container x is not valid for pod web-0"),
        ("web-0", "", 400, "a container name must be specified for pod web-0, choose one of: [app sidecar]"),
        ("unscheduled", "", 400, "pod unscheduled does not have a host assigned"),
        ("stranded", "", 404, "pods \"node-9\" not found"),
    ] {
        for verb in ["exec?command=true&", "attach?"] {
            for (offer, streams) in [(V4, PIPES), (V5, PIPES), (BOTH, TTY), (BOTH, "stdout=1&tty=1")] {
                let answer = refused(&gate, pod, &format!("{verb}{query}{streams}"), offer).await;
                assert_eq!((answer.code(), answer.message().as_str()), (code, message));
                assert_eq!(answer.json()["code"], code);
                assert_eq!(answer.header("content-type"), Some("application/json"));
            }
        }
    }
}

const STOPPED: &str = "container not found (\"app\")";
const NO_STREAMS: &str = "you must specify at least 1 of stdin, stdout, stderr";

#[tokio::test]
async fn what_the_node_refuses_is_passed_on_as_it_came() {
    let gate = gate().await;
    for pod in ["migrate", "pending"] {
        for (offer, streams) in
            [(V4, PIPES), (V5, PIPES), (BOTH, PIPES), (BOTH, TTY), (BOTH, "stdout=1&tty=1")]
        {
            let answer = refused(&gate, pod, &format!("exec?command=true&{streams}"), offer).await;
            assert_eq!((answer.code(), answer.body.as_str()), (500, STOPPED));
            assert_eq!(answer.header("content-type"), Some("text/plain; charset=utf-8"));
        }
    }
    let answer = refused(&gate, "vault", "exec?command=true", V4).await;
    assert_eq!((answer.code(), answer.body.as_str()), (400, NO_STREAMS));
}

#[tokio::test]
async fn where_the_api_server_translates_v5_what_the_node_refuses_may_come_behind_the_101() {
    let gate = gate_before(translating_cluster().await, |setup| setup).await;
    for (offer, streams) in [(V4, PIPES), (BOTH, TTY), (V4, "stdin=1")] {
        let answer = refused(&gate, "migrate", &format!("exec?command=true&{streams}"), offer).await;
        assert_eq!((answer.code(), answer.body.as_str()), (500, STOPPED));
    }
    for (offer, streams) in [(V5, PIPES), (BOTH, PIPES), (V4, "stdout=1&tty=1")] {
        let ask = Ask::pod(&gate, "migrate", &format!("exec?command=true&{streams}")).offer(offer);
        let status = ask.open().await.transcript().await.status();
        assert_eq!((&status["status"], &status["reason"]), (&"Failure".into(), &"InternalError".into()));
        assert!(status["message"].as_str().unwrap().ends_with(STOPPED), "{status}");
    }
}

#[tokio::test]
async fn a_node_that_does_not_answer_is_told_before_the_101_wherever_v5_is_translated() {
    for cluster in [lost_cluster().await, lost_translating_cluster().await] {
        let gate = gate_before(cluster, |setup| setup).await;
        for (offer, streams) in [(V4, PIPES), (BOTH, PIPES), (BOTH, TTY)] {
            let answer =
                refused(&gate, "web-0", &format!("exec?container=app&command=true&{streams}"), offer).await;
            assert_eq!(answer.code(), 500, "{answer:?}");
            assert!(answer.message().starts_with("error dialing backend: "), "{answer:?}");
        }
    }
}

#[tokio::test]
async fn what_rbac_refuses_execgates_account_is_passed_on() {
    for rights in [Rights::Nothing, Rights::Get] {
        let (cluster, _) = cluster_as(rights).await;
        let gate = gate_before(cluster, |setup| setup).await;
        for offer in [V4, BOTH] {
            let answer = refused(&gate, "nosuch", &format!("exec?command=true&{PIPES}"), offer).await;
            assert_eq!(answer.code(), 403);
            assert!(answer.message().starts_with("pods \"nosuch\" is forbidden: "), "{answer:?}");
        }
    }
}

#[tokio::test]
async fn a_token_that_the_cluster_does_not_take_is_no_401_for_the_user() {
    let cluster = crate::subject::cluster().await;
    let gate = gate_before(cluster, |setup| {
        setup.overwrite_token("alpha", "wrong");
        setup
    })
    .await;
    let answer = refused(&gate, "web-0", &format!("exec?container=app&command=true&{PIPES}"), V4).await;
    assert_eq!((answer.code(), answer.header("www-authenticate")), (502, None));
    assert!(answer.message().contains("execgate's own credential"), "{answer:?}");
}
