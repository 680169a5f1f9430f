//! attach joins the container's main process and leaves it running.

use crate::support::ask::Ask;
use crate::support::clusters::cluster;
use execgate::demo::DemoCluster;

fn attach(cluster: &DemoCluster, pod: &str, query: &str) -> Ask {
    let target = format!("/api/v1/namespaces/default/pods/{pod}/attach?{query}");
    Ask::new(cluster, "GET", target).upgrade().offer("v4.channel.k8s.io")
}

#[tokio::test]
async fn two_clients_share_a_main_process_that_outlives_both() {
    let cluster = cluster().await;
    let query = "container=sidecar&stdin=1&stdout=1&stderr=1";
    let mut first = attach(&cluster, "web-0", query).open().await;
    assert_eq!(first.payload().await, [1]);
    first.send(b"\0one\n").await;
    assert_eq!(first.until("\n").await, "one\n");
    let mut second = attach(&cluster, "web-0", query).open().await;
    second.send(b"\0two\n").await;
    assert_eq!(second.until("\n").await, "two\n");
    assert_eq!(first.until("\n").await, "two\n");
    first.frame(0x88, &[3, 0xe8]).await;
    first.rest().await;
    second.send(b"\0three\n").await;
    assert_eq!(second.until("\n").await, "three\n");
}

#[tokio::test]
async fn a_shell_is_attached_with_its_terminal_and_starts_again_after_it_has_ended() {
    let cluster = cluster().await;
    for size in ["31 101", "32 102"] {
        let (rows, columns) = size.split_once(' ').unwrap();
        let mut session = attach(&cluster, "web-0", "container=app&stdin=1&stdout=1&tty=1").open().await;
        session.until("$ ").await;
        let resize = format!("\x04{{\"Width\":{columns},\"Height\":{rows}}}");
        session.send(resize.as_bytes()).await;
        session.send(b"\0stty size\n").await;
        assert!(session.until("$ ").await.contains(size));
        session.send(b"\0exit 3\n").await;
        let transcript = session.transcript().await;
        assert_eq!(transcript.statuses, [r#"{"metadata":{},"status":"Success"}"#]);
    }
}

#[tokio::test]
async fn stderr_without_tty_on_a_terminal_is_500() {
    let cluster = cluster().await;
    let answer = attach(&cluster, "web-0", "container=app&stdout=1&stderr=1").refused().await;
    assert_eq!(answer.code(), 500);
    assert!(answer.body.contains("tty and stderr cannot both be true"));
}

#[tokio::test]
async fn a_container_without_stdin_never_reads_it() {
    let cluster = cluster().await;
    let mut session = attach(&cluster, "vault", "stdin=1&stdout=1").open().await;
    assert_eq!(session.payload().await, [1]);
    session.send(b"\0x").await;
    session.frame(0x89, b"never").await;
    assert_eq!(session.until("tick 1\n").await, "tick 1\n");
}
