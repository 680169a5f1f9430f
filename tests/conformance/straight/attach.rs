//! attach joins the container's main process and leaves it running. Others may be attached too: what they type is heard by all.

use super::{V4, V5, name};
use crate::subject::cluster;
use crate::support::ask::{Ask, Serves};
use crate::support::session::Session;
use crate::support::wire::PATIENCE;

/// An attached session, which has said that it is connected.
pub(crate) async fn attach(server: &impl Serves, pod: &str, streams: &str, offer: &str) -> Session {
    let mut session = Ask::pod(server, pod, &format!("attach?{streams}")).offer(offer).open().await;
    assert_eq!(session.heard().await, (1, vec![]), "{offer}");
    session
}

/// Reads until stdout holds `text`, whatever comes before and after it.
pub(crate) async fn until_heard(session: &mut Session, text: &str) {
    let mut seen = String::new();
    while !seen.contains(text) {
        let (channel, data) = session.heard().await;
        assert_eq!(channel, 1, "{seen}");
        seen.push_str(&String::from_utf8_lossy(&data));
    }
}

/// Gives the terminal a size, and asks it for its size until it has that: the two take different ways, and others may be at it.
pub(crate) async fn until_resized(session: &mut Session, width: u16) {
    let asking = async {
        loop {
            let mark = name();
            session.resize(width, 31).await;
            session.type_in(format!("echo $(stty size) {mark} | tr t T\n")).await;
            let mut seen = String::new();
            while !seen.contains(&mark.replace('t', "T")) {
                seen.push_str(&String::from_utf8_lossy(&session.heard().await.1));
            }
            if seen.contains(&format!("31 {width} Told")) {
                return;
            }
        }
    };
    tokio::time::timeout(PATIENCE, asking).await.unwrap_or_else(|_| panic!("it never gets 31 {width}"));
}

#[tokio::test]
async fn clients_share_a_main_process_that_outlives_them() {
    let cluster = cluster().await;
    let streams = "stdin=1&stdout=1&stderr=1";
    let mut first = attach(&cluster, "pipe", streams, V4).await;
    let word = name();
    first.type_in(format!("{word}\n")).await;
    until_heard(&mut first, &word).await;
    let mut second = attach(&cluster, "pipe", streams, V5).await;
    let word = name();
    second.type_in(format!("{word}\n")).await;
    until_heard(&mut second, &word).await;
    until_heard(&mut first, &word).await;
    first.frame(0x88, &[3, 0xe8]).await;
    first.rest().await;
    let word = name();
    second.type_in(format!("{word}\n")).await;
    until_heard(&mut second, &word).await;
}

#[tokio::test]
async fn the_end_of_v5_input_detaches_with_success_and_leaves_the_process_running() {
    let cluster = cluster().await;
    for streams in ["stdin=1&stdout=1&stderr=1", "stdin=1&stdout=1"] {
        let mut session = attach(&cluster, "pipe", streams, V5).await;
        let word = name();
        session.type_in(format!("{word}\n")).await;
        until_heard(&mut session, &word).await;
        session.send(&[255, 0]).await;
        let transcript = session.transcript().await;
        assert_eq!(transcript.statuses, [r#"{"metadata":{},"status":"Success"}"#]);
        assert_eq!(transcript.close(), (1000, ""));
    }
}

#[tokio::test]
async fn without_input_a_session_with_a_process_that_has_some_ends_at_once_unless_a_translator_is_between() {
    let cluster = cluster().await;
    for (pod, streams) in [("pipe", "stdout=1&stderr=1"), ("console", "stdout=1&tty=1")] {
        let transcript = attach(&cluster, pod, streams, V4).await.transcript().await;
        assert_eq!(transcript.statuses, [r#"{"status":"Success"}"#], "{pod}");
    }
    let mut watching = attach(&cluster, "pipe", "stdout=1&stderr=1", V5).await;
    let mut typing = attach(&cluster, "pipe", "stdin=1&stdout=1&stderr=1", V4).await;
    let word = name();
    typing.type_in(format!("{word}\n")).await;
    until_heard(&mut watching, &word).await;
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
        until_resized(&mut session, width).await;
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
