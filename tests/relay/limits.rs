//! The limits of a session, and the end of the gate.

use tokio::net::TcpStream;

use crate::support::ask::{Ask, PIPES};
use crate::support::clusters::cluster;
use crate::support::gate::Gate;
use crate::support::process::Process;
use crate::support::session::Transcript;
use crate::support::setup::Setup;

const V4: &str = "v4.channel.k8s.io";
const BASE64: &str = "base64.channel.k8s.io";

/// What pages and programs read of a limit: 1008 and words, or a Failure and 1000.
fn assert_limited(transcript: &Transcript, offer: &str, words: &str) {
    let (code, reason) = transcript.close();
    assert_eq!((code, reason), (if offer == V4 { 1000 } else { 1008 }, words), "{offer}");
    assert!(transcript.statuses.concat().contains(words), "{offer}: {transcript:?}");
    if offer == V4 {
        assert_eq!(transcript.status()["status"], "Failure");
    }
}

#[tokio::test]
async fn a_session_without_data_ends_at_the_idle_timeout() {
    let cluster = cluster().await;
    let gate = Gate::start(Setup::new().cluster(&cluster).sessions("{idleTimeout: 200ms}")).await;
    for offer in [V4, BASE64] {
        let mut session = Ask::exec(&gate, &format!("command=cat&{PIPES}")).offer(offer).open().await;
        session.frame(0x89, b"a ping is no data").await;
        let transcript = session.transcript().await;
        assert_limited(&transcript, offer, "no input or output for 200 ms");
    }
}

#[tokio::test]
async fn a_session_with_data_ends_at_the_longest_duration() {
    let cluster = cluster().await;
    let gate = Gate::start(Setup::new().cluster(&cluster).sessions("{maxDuration: 300ms}")).await;
    for offer in [V4, BASE64] {
        let script = "while :; do echo tick; sleep 0.02; done";
        let transcript = Ask::script(&gate, script).offer(offer).open().await.transcript().await;
        assert!(transcript.text().starts_with("tick\ntick\n"), "{}", transcript.text());
        assert_limited(&transcript, offer, "the session reached its longest duration of 300 ms");
    }
}

#[tokio::test]
async fn a_session_that_outlasts_the_drain_timeout_is_told_1001_and_the_gate_ends() {
    let cluster = cluster().await;
    let setup = Setup::new().cluster(&cluster).sessions("{drainTimeout: 100ms}");
    let mut gate = Gate::start(setup).await;
    let mut sessions = Vec::new();
    for offer in [V4, BASE64] {
        let mut session = Ask::exec(&gate, &format!("command=cat&{PIPES}")).offer(offer).open().await;
        session.type_in("x").await;
        session.until("x").await;
        sessions.push((offer, session));
    }
    gate.signals.drain.cancel();
    while TcpStream::connect(gate.address).await.is_ok() {}
    for (offer, session) in &mut sessions {
        let transcript = session.transcript().await;
        let (code, reason) = transcript.close();
        assert!(code == 1001 && reason.contains("connect again"), "{offer}: {code} {reason}");
    }
    drop(sessions);
    (&mut gate.running).await.unwrap();
}

#[tokio::test]
async fn sigterm_waits_for_a_session_that_ends_in_time_and_the_process_exits_with_0() {
    let cluster = cluster().await;
    let setup = Setup::new().cluster(&cluster).sessions("{drainTimeout: 1m}");
    let mut process = Process::start(setup, "info").await;
    let ask = Ask::exec(&process, &format!("command=cat&{PIPES}"));
    let mut session = ask.offer("v5.channel.k8s.io").open().await;
    process.terminate();
    process.line_with("accepting no more").await;
    session.type_in("still here").await;
    session.until("still here").await;
    session.send(&[255, 0]).await;
    assert_eq!(session.transcript().await.close(), (1000, "exit code 0"));
    drop(session);
    assert!(process.child.wait().await.unwrap().success());
}

#[tokio::test]
async fn a_second_sigterm_ends_the_waiting() {
    let cluster = cluster().await;
    let setup = Setup::new().cluster(&cluster).sessions("{drainTimeout: 1m}");
    let mut process = Process::start(setup, "info").await;
    let mut session = Ask::exec(&process, &format!("command=cat&{PIPES}")).offer(BASE64).open().await;
    process.terminate();
    process.line_with("accepting no more").await;
    process.terminate();
    assert_eq!(session.transcript().await.close().0, 1001);
    drop(session);
    assert!(process.child.wait().await.unwrap().success());
}
