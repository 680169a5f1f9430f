//! The end of a gate, and of a session's place.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::gate::{ALICE, Gate, Reply, Script, UPGRADE, Upstream, head};

const EXEC: &str = "GET /api/v1/namespaces/default/pods/web-0/exec?command=sh&stdin=1&stdout=1&tty=1";

async fn open(gate: &Gate) -> TcpStream {
    let mut tcp = gate.connect().await;
    tcp.write_all(head(&[EXEC, UPGRADE, ALICE]).as_bytes()).await.unwrap();
    assert_eq!(Reply::read(&mut tcp).await.code, 101);
    tcp
}

#[tokio::test]
async fn a_session_that_outlasts_the_drain_timeout_is_told_1001_and_then_the_gate_is_gone() {
    let upstream = Upstream::start(Script::Accept).await;
    let drain_timeout = Duration::from_millis(100);
    let mut gate = Gate::before_address(upstream.address, |settings| {
        settings.sessions.drain_timeout = drain_timeout;
    })
    .await;
    let mut session = open(&gate).await;
    let idle = gate.connect().await;
    gate.signals.drain.cancel();
    let mut frames = Vec::new();
    session.read_to_end(&mut frames).await.unwrap();
    let close = frames.windows(2).position(|pair| pair == 1001_u16.to_be_bytes()).expect("1001");
    assert_eq!(frames[close - 2], 0x88);
    drop(session);
    (&mut gate.running).await.unwrap();
    assert!(TcpStream::connect(gate.address).await.is_err());
    drop(idle);
}

#[tokio::test]
async fn a_gate_without_sessions_ends_at_once() {
    let mut gate = Gate::alone().await;
    gate.signals.drain.cancel();
    (&mut gate.running).await.unwrap();
}

#[tokio::test]
async fn the_place_of_a_session_is_free_again_once_it_is_over() {
    let upstream = Upstream::start(Script::Accept).await;
    let gate = Gate::before_address(upstream.address, |settings| settings.sessions.max = 1).await;
    let session = open(&gate).await;
    assert_eq!(gate.ask(&[EXEC, UPGRADE, ALICE]).await.code, 503);
    drop(session);
    let freed = async { while gate.ask(&[EXEC, UPGRADE, ALICE]).await.code == 503 {} };
    tokio::time::timeout(Duration::from_secs(20), freed).await.expect("the place stays taken");
}
