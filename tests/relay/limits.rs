//! The end of a gate that is a process.

use crate::support::ask::{Ask, PIPES};
use crate::support::clusters::cluster;
use crate::support::process::Process;
use crate::support::setup::Setup;

const BASE64: &str = "base64.channel.k8s.io";

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
