//! attach joins the container's main process and leaves it running.

use super::{V4, V5};
use crate::subject::{Cluster, cluster};
use crate::support::ask::Ask;
use crate::support::session::Session;

async fn attach(cluster: &Cluster, pod: &str, streams: &str, offer: &str) -> Session {
    let mut session = Ask::pod(cluster, pod, &format!("attach?{streams}")).offer(offer).open().await;
    assert_eq!(session.heard().await, (1, vec![]));
    session
}

/// Reads until stdout holds `text`: a shell says what it likes before and after it.
async fn until_heard(session: &mut Session, text: &str) {
    let mut seen = String::new();
    while !seen.contains(text) {
        let (channel, data) = session.heard().await;
        assert_eq!(channel, 1, "{seen}");
        seen.push_str(&String::from_utf8_lossy(&data));
    }
}

#[tokio::test]
async fn clients_share_a_main_process_that_outlives_them() {
    let cluster = cluster().await;
    let streams = "stdin=1&stdout=1&stderr=1";
    let mut first = attach(&cluster, "pipe", streams, V4).await;
    first.type_in("one\n").await;
    assert_eq!(first.until("\n").await, "one\n");
    let mut second = attach(&cluster, "pipe", streams, V5).await;
    second.type_in("two\n").await;
    assert_eq!(second.until("\n").await, "two\n");
    assert_eq!(first.until("\n").await, "two\n");
    first.frame(0x88, &[3, 0xe8]).await;
    first.rest().await;
    second.type_in("three\n").await;
    assert_eq!(second.until("\n").await, "three\n");
    // The end of the input is a client that detaches: the session succeeds and the process lives on.
    second.send(&[255, 0]).await;
    let transcript = second.transcript().await;
    assert_eq!(
        (transcript.statuses.as_slice(), transcript.close()),
        (&[r#"{"metadata":{},"status":"Success"}"#.to_owned()][..], (1000, ""))
    );
    let mut third = attach(&cluster, "pipe", streams, V4).await;
    third.type_in("four\n").await;
    assert_eq!(third.until("\n").await, "four\n");
    // An input that was not asked for has ended already, but on a translator's leg it was never there.
    let watching = attach(&cluster, "pipe", "stdout=1&stderr=1", V4).await.transcript().await;
    assert_eq!(watching.statuses, [r#"{"status":"Success"}"#]);
    let mut watching = attach(&cluster, "pipe", "stdout=1&stderr=1", V5).await;
    third.type_in("five\n").await;
    assert_eq!(watching.until("\n").await, "five\n");
}

#[tokio::test]
async fn a_terminal_is_attached_with_its_size_whether_a_tty_is_asked_for_or_not() {
    let cluster = cluster().await;
    for (streams, offer, width) in [
        ("stdin=1&stdout=1&tty=1", V4, 101),
        ("stdin=1&stdout=1&tty=1", V5, 102),
        ("stdin=1&stdout=1", V4, 103),
    ] {
        let mut session = attach(&cluster, "console", streams, offer).await;
        session.resize(width, 31).await;
        session.type_in("stty size\n").await;
        until_heard(&mut session, &format!("31 {width}\r\n")).await;
    }
}

#[tokio::test]
async fn a_container_without_stdin_never_reads_it() {
    let cluster = cluster().await;
    let mut session = attach(&cluster, "vault", "stdin=1&stdout=1", V4).await;
    session.type_in("x").await;
    session.frame(0x89, b"never").await;
    // Somebody else is answered twice meanwhile.
    let mut other = attach(&cluster, "vault", "stdout=1", V4).await;
    for word in [b"one", b"two"] {
        other.frame(0x89, word).await;
        while other.next().await.unwrap().first != 0x8a {}
    }
    session.shut_down().await;
    assert!(!session.rest().await.windows(5).any(|bytes| bytes == b"never"));
}
