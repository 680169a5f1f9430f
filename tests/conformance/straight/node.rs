//! What the node refuses before the 101, on v5 as on the others since the kubelet speaks it: plain text, and the connection ends.

use super::{V4, V5, assert_status, assert_text};
use crate::subject::{cluster, lost_cluster};
use crate::support::ask::{Ask, PIPES};

const NONE: &str = "you must specify at least 1 of stdin, stdout, stderr";

#[tokio::test]
async fn all_streams_false_is_400() {
    let cluster = cluster().await;
    for (pod, asked) in [
        ("vault", "exec?command=true"),
        ("vault", "exec?command=true&stdin=0&stdout=false&stderr=FALSE"),
        // A terminal has no stderr of its own.
        ("vault", "exec?command=true&tty=1&stderr=1"),
        ("vault", "exec?command=true&tty=1"),
        ("console", "attach?tty=1"),
        ("migrate", "exec?command=true"),
    ] {
        for offer in [V4, V5] {
            assert_text(&Ask::pod(&cluster, pod, asked).offer(offer).refused().await, 400, NONE);
        }
    }
}

#[tokio::test]
async fn a_container_that_does_not_run_is_500_in_words_that_depend_on_the_verb() {
    let cluster = cluster().await;
    for pod in ["migrate", "pending"] {
        for offer in [V4, V5] {
            let exec = Ask::pod(&cluster, pod, &format!("exec?command=true&{PIPES}")).offer(offer);
            assert_text(&exec.refused().await, 500, "container not found (\"app\")");
            let attach = Ask::pod(&cluster, pod, &format!("attach?{PIPES}")).offer(offer);
            let words = format!("container app not found in pod {pod}_default");
            assert_text(&attach.refused().await, 500, &words);
        }
    }
}

#[tokio::test]
async fn stderr_without_tty_on_a_container_that_has_one_is_500() {
    let cluster = cluster().await;
    for offer in [V4, V5] {
        let answer = Ask::pod(&cluster, "console", "attach?stdout=1&stderr=1").offer(offer).refused().await;
        let words = "rpc error: code = InvalidArgument desc = tty and stderr cannot both be true";
        assert_text(&answer, 500, words);
    }
}

#[tokio::test]
async fn a_bad_handshake_gets_the_words_of_golang_x_net_without_a_length() {
    let cluster = cluster().await;
    for offer in [V4, V5] {
        let ask = || Ask::pod(&cluster, "vault", &format!("exec?command=true&{PIPES}")).offer(offer);
        for (ask, code, body) in [
            (ask().without("Sec-WebSocket-Key"), 400, "mismatch challenge/response"),
            (ask().changed("Sec-WebSocket-Key", ""), 400, "mismatch challenge/response"),
            (ask().changed("Sec-WebSocket-Version", "8"), 400, "missing or bad WebSocket Version"),
            (ask().without("Sec-WebSocket-Version"), 400, "missing or bad WebSocket Version"),
            (ask().by("POST").header("Content-Length", "0"), 405, "bad method"),
        ] {
            let answer = ask.refused().await;
            assert_eq!((answer.code(), answer.body.as_str()), (code, body));
            assert_eq!((answer.header("content-length"), answer.header("content-type")), (None, None));
            let version = answer.header("sec-websocket-version");
            assert_eq!(version, body.contains("Version").then_some("13"), "{answer:?}");
        }
    }
}

#[tokio::test]
async fn the_key_is_not_looked_at_closely_nor_the_case_of_the_words() {
    let cluster = cluster().await;
    let ask = || Ask::exec(&cluster, &format!("command=true&{PIPES}")).offer(V4);
    for ask in [
        ask().changed("Sec-WebSocket-Key", "short"),
        ask().changed("Upgrade", "WebSocket"),
        ask().changed("Connection", "keep-alive, upgrade"),
        ask().header("Origin", "https://evil.example"),
    ] {
        assert_eq!(ask.open().await.transcript().await.statuses, [r#"{"status":"Success"}"#]);
    }
}

#[tokio::test]
async fn only_unknown_names_are_refused_with_an_empty_403_that_has_no_length() {
    let cluster = cluster().await;
    for lines in [
        &["chat"][..],
        &["chat, v3.channel.k8s.io"],
        &["v2.channel.k8s.io"],
        &["V4.channel.k8s.io"],
        // Only the first line counts.
        &["chat", V4],
        &["chat", V5],
    ] {
        let ask = Ask::exec(&cluster, &format!("command=true&{PIPES}"));
        let answer = lines.iter().fold(ask, |ask, line| ask.offer(line)).refused().await;
        assert_eq!((answer.code(), answer.body.as_str()), (403, ""), "{lines:?}");
        assert_eq!((answer.header("content-length"), answer.header("content-type")), (None, None));
    }
}

#[tokio::test]
async fn a_node_that_does_not_answer_is_500_without_a_reason_and_names_its_address() {
    let cluster = lost_cluster().await;
    for offer in [V4, V5] {
        for (pod, asked) in [
            ("web-0", "exec?container=app&command=true&stdout=1"),
            ("console", "attach?stdin=1&stdout=1&tty=1"),
            // Nobody is there to say so.
            ("migrate", "exec?command=true&stdout=1"),
            ("web-0", "exec?container=app&command=true"),
        ] {
            let answer = Ask::pod(&cluster, pod, asked).offer(offer).refused().await;
            let message = answer.message();
            assert_status(&answer, 500, None, &message);
            let (words, end) = message.split_once("127.0.0.1:").expect(&message);
            assert_eq!(words, "error dialing backend: dial tcp ");
            assert!(end.ends_with(": connect: connection refused"), "{message}");
        }
        let plain = Ask::pod(&cluster, "vault", "exec?command=true").offer(offer).without("Connection");
        assert_eq!(plain.refused().await.message(), "Upgrade request required");
    }
}
