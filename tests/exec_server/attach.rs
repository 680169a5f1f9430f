//! A main process that has ended starts again, as a kubelet restarts it.

use crate::support::ask::Ask;
use crate::support::clusters::cluster;

#[tokio::test]
async fn a_shell_is_attached_with_its_terminal_and_starts_again_after_it_has_ended() {
    let cluster = cluster().await;
    for size in ["31 101", "32 102"] {
        let (rows, columns) = size.split_once(' ').unwrap();
        let ask = Ask::pod(&cluster, "web-0", "attach?container=app&stdin=1&stdout=1&tty=1");
        let mut session = ask.offer("v4.channel.k8s.io").open().await;
        session.until("$ ").await;
        let resize = format!("\x04{{\"Width\":{columns},\"Height\":{rows}}}");
        session.send(resize.as_bytes()).await;
        session.send(b"\0stty size\n").await;
        assert!(session.until("$ ").await.contains(size));
        session.send(b"\0exit 3\n").await;
        let transcript = session.transcript().await;
        assert_eq!(transcript.statuses, [r#"{"status":"Success"}"#]);
    }
}

#[tokio::test]
async fn a_container_without_a_terminal_echoes_and_one_without_input_counts() {
    let cluster = cluster().await;
    let attach = |pod, asked| Ask::pod(&cluster, pod, asked).offer("v4.channel.k8s.io").open();
    let mut echo = attach("web-0", "attach?container=sidecar&stdin=1&stdout=1&stderr=1").await;
    echo.send(b"\0one\n").await;
    assert_eq!(echo.until("\n").await, "one\n");
    let mut counter = attach("vault", "attach?stdin=1&stdout=1").await;
    assert_eq!(counter.until("tick 1\n").await, "tick 1\n");
}
