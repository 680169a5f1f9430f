//! What v5 adds, and what its translator breaks.

use crate::support::ask::{Ask, PIPES};
use crate::support::clusters::cluster;
use crate::support::session::Session;
use execgate::demo::DemoCluster;

const CLOSE: [u8; 4] = [0x88, 2, 3, 0xe8];

async fn cat(cluster: &DemoCluster, offer: &str) -> Session {
    let ask = Ask::exec(cluster, &format!("command=cat&{PIPES}")).offer(offer);
    let mut session = ask.open().await;
    assert_eq!(session.payload().await, [1]);
    session
}

#[tokio::test]
async fn half_close_ends_the_input_and_what_comes_after_it_is_dropped() {
    let cluster = cluster().await;
    let mut session = cat(&cluster, "v5.channel.k8s.io").await;
    session.send(b"\0a").await;
    for close in [[255, 1], [255, 3], [255, 4], [255, 0], [255, 0]] {
        session.send(&close).await;
    }
    session.send(b"\0b").await;
    let transcript = session.transcript().await;
    assert_eq!(transcript.stdout, b"a");
    assert_eq!(transcript.statuses, [r#"{"metadata":{},"status":"Success"}"#]);
}

#[tokio::test]
async fn a_malformed_close_signal_ends_the_session_without_a_status() {
    let cluster = cluster().await;
    for signal in [&[255][..], &[255, 0, 0], &[255, 5], &[255, 255]] {
        let mut session = cat(&cluster, "v5.channel.k8s.io").await;
        session.send(signal).await;
        assert_eq!(session.rest().await, CLOSE, "{signal:?}");
    }
}

#[tokio::test]
async fn on_v4_the_close_signal_is_no_channel() {
    let cluster = cluster().await;
    let mut session = cat(&cluster, "v4.channel.k8s.io").await;
    session.send(&[255, 0]).await;
    session.send(b"\0still\n").await;
    assert_eq!(session.until("\n").await, "still\n");
}

#[tokio::test]
async fn without_a_tty_the_second_size_blocks_the_input() {
    let cluster = cluster().await;
    let script = "read x; echo got $x; sleep 0.3; echo end";
    let ask = || Ask::script(&cluster, script);
    let size = b"\x04{\"Width\":80,\"Height\":24}";
    let mut session = ask().offer("v5.channel.k8s.io").open().await;
    session.send(size).await;
    session.send(b"\0one\n").await;
    session.send(size).await;
    session.frame(0x89, b"never").await;
    let transcript = session.transcript().await;
    assert_eq!((transcript.stdout, transcript.pongs), (b"got one\nend\n".to_vec(), vec![]));
    let mut session = ask().offer("v4.channel.k8s.io").open().await;
    session.send(size).await;
    session.send(size).await;
    session.send(b"\0two\n").await;
    assert_eq!(session.transcript().await.stdout, b"got two\nend\n");
}

#[tokio::test]
async fn a_command_that_does_not_exist_is_wrapped_twice() {
    let cluster = cluster().await;
    let ask = |offer| Ask::exec(&cluster, &format!("command=no-such&{PIPES}")).offer(offer);
    let message = |status: &str| {
        let status: serde_json::Value = serde_json::from_str(status).unwrap();
        assert_eq!(status["code"], 500);
        status["message"].as_str().unwrap().to_owned()
    };
    let plain = ask("v4.channel.k8s.io").open().await.transcript().await;
    let once = message(&plain.statuses[0]);
    assert!(once.starts_with("Internal error occurred: error executing command in container: "));
    assert!(once.contains("\"no-such\": executable file not found in $PATH"));
    let translated = ask("v5.channel.k8s.io").open().await.transcript().await;
    assert_eq!(message(&translated.statuses[0]), format!("Internal error occurred: {once}"));
}
