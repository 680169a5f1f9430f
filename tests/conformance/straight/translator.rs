//! Behind a translator in the API server, which answers 101 before it asks the node, the node's refusals come on channel 3.

use serde_json::json;

use super::{V4, V5, assert_text};
use crate::subject::{Cluster, lost_translating_cluster, translating_cluster};
use crate::support::ask::{Ask, PIPES, escape};

/// The message of a refusal behind the 101.
async fn late(cluster: &Cluster, pod: &str, asked: &str) -> String {
    let transcript = Ask::pod(cluster, pod, asked).offer(V5).open().await.transcript().await;
    assert_eq!(transcript.close(), (1000, ""));
    assert!(transcript.stdout.is_empty() && transcript.stderr.is_empty(), "{transcript:?}");
    let status = transcript.status();
    let message = status["message"].as_str().unwrap();
    let cause = message.strip_prefix("Internal error occurred: ").unwrap();
    let expected = json!({
        "metadata": {},
        "status": "Failure",
        "message": message,
        "reason": "InternalError",
        "details": {"causes": [{"message": cause}]},
        "code": 500,
    });
    assert_eq!(status, expected);
    cause.to_owned()
}

#[tokio::test]
async fn what_the_node_answers_comes_on_channel_3() {
    let cluster = translating_cluster().await;
    for (pod, asked, words) in [
        ("migrate", format!("exec?command=true&{PIPES}"), "container not found (\"app\")"),
        ("pending", format!("exec?command=true&{PIPES}"), "container not found (\"app\")"),
        ("migrate", format!("attach?{PIPES}"), "container app not found in pod migrate_default"),
        ("vault", "exec?command=true".to_owned(), "you must specify at least 1 of stdin, stdout, stderr"),
        (
            "vault",
            "exec?command=true&tty=1&stderr=1".to_owned(),
            "you must specify at least 1 of stdin, stdout, stderr",
        ),
        (
            "console",
            "attach?stdout=1&stderr=1".to_owned(),
            "rpc error: code = InvalidArgument desc = tty and stderr cannot both be true",
        ),
    ] {
        assert_eq!(
            late(&cluster, pod, &asked).await,
            format!("unable to upgrade connection: {words}"),
            "{asked}"
        );
        // On v4 they come before the 101.
        let answer = Ask::pod(&cluster, pod, &asked).offer(V4).refused().await;
        assert_text(&answer, if words.starts_with("you") { 400 } else { 500 }, words);
    }
}

#[tokio::test]
async fn a_node_that_does_not_answer_is_told_with_its_address_and_the_argv() {
    let cluster = lost_translating_cluster().await;
    for (pod, asked, path) in [
        (
            "web-0",
            format!("exec?container=app&command=sh&command=-c&command={}&{PIPES}", escape("a b&é<\"~")),
            "/exec/default/web-0/app?command=sh&command=-c&command=a+b%26%C3%A9%3C%22~&error=1&input=1&output=1",
        ),
        (
            "console",
            "attach?stdin=1&stdout=1&tty=1".to_owned(),
            "/attach/default/console/app?input=1&output=1&tty=1",
        ),
        ("vault", "exec?command=true".to_owned(), "/exec/default/vault/app?command=true"),
    ] {
        let message = late(&cluster, pod, &asked).await;
        let rest = message.strip_prefix("error sending request: Post \"https://127.0.0.1:").expect(&message);
        let (port, rest) = rest.split_once('/').expect(&message);
        assert_eq!(
            rest,
            format!("{}\": dial tcp 127.0.0.1:{port}: connect: connection refused", &path[1..]),
            "{message}"
        );
        let answer = Ask::pod(&cluster, pod, &asked).offer(V4).refused().await;
        assert!(answer.message().starts_with("error dialing backend: dial tcp 127.0.0.1:"), "{answer:?}");
    }
}

#[tokio::test]
async fn the_api_servers_own_refusals_come_before_the_101_all_the_same() {
    let cluster = translating_cluster().await;
    for (pod, code) in [("nosuch", 404), ("stranded", 404), ("unscheduled", 400), ("web-0", 400)] {
        let ask = Ask::pod(&cluster, pod, &format!("exec?command=true&{PIPES}")).offer(V5);
        assert_eq!(ask.refused().await.code(), code, "{pod}");
    }
    let ask = Ask::pod(&cluster, "vault", &format!("exec?command=true&{PIPES}")).offer(V5);
    let answer = ask.without("Sec-WebSocket-Key").refused().await;
    assert_eq!((answer.code(), answer.body.as_str()), (400, "mismatch challenge/response"));
}
