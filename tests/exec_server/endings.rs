//! What outlives a session, and what ends one that is idle.

use std::time::Duration;

use execgate::demo::DemoSettings;

use crate::support::ask::{Ask, PIPES};
use crate::support::clusters::{cluster, cluster_with};
use crate::support::slow_reader::{Clock, Speech, read_slowly};

#[tokio::test]
async fn a_client_that_leaves_kills_nothing_and_stopping_the_cluster_does() {
    let cluster = cluster().await;
    let script = "echo $$; cat; echo survived > left; while :; do sleep 0.05; done";
    let mut session = Ask::script(&cluster, script).offer("v4.channel.k8s.io").open().await;
    let pid = session.until("\n").await.trim().to_owned();
    session.frame(0x88, &[3, 0xe8]).await;
    session.rest().await;
    let mut other = Ask::script(&cluster, "while [ ! -e left ]; do sleep 0.02; done; cat left; pwd")
        .offer("v4.channel.k8s.io")
        .open()
        .await;
    let stdout = String::from_utf8(other.transcript().await.stdout).unwrap();
    let (survived, directory) = stdout.split_once('\n').unwrap();
    assert_eq!(survived, "survived");
    let alive = || std::path::Path::new("/proc").join(&pid).join("stat").exists();
    assert!(!cfg!(target_os = "linux") || alive());
    cluster.shutdown().await;
    assert!(!std::path::Path::new(directory.trim()).exists());
    // A zombie may be left for the runtime to reap.
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    assert!(stat.is_empty() || stat.contains(") Z "), "{stat}");
}

#[tokio::test]
async fn only_data_pushes_the_idle_deadline_and_its_end_has_no_close_frame() {
    let settings = DemoSettings { idle_timeout: Duration::from_millis(200), ..DemoSettings::default() };
    let cluster = cluster_with(settings).await;
    let mut session =
        Ask::exec(&cluster, &format!("command=cat&{PIPES}")).offer("v4.channel.k8s.io").open().await;
    session.frame(0x89, b"").await;
    assert_eq!(session.rest().await, [0x82, 1, 1, 0x8a, 0]);
}

const ZEROS: usize = 4_000_000;

/// As real servers do (kubernetes issue 124571); what a client does against it is `tests/relay/slow_readers.rs`.
#[tokio::test]
async fn input_that_stands_unread_when_the_server_closes_costs_a_slow_reader_the_end_of_its_output() {
    let cluster = cluster().await;
    for speech in Speech::ALL {
        let mut session = speech.ask(&cluster, ZEROS).offer("v4.channel.k8s.io").open_narrowly().await;
        let cat =
            Ask::exec(&cluster, &format!("command=cat&{PIPES}")).offer("v4.channel.k8s.io").open().await;
        let reading = read_slowly(&mut session, speech, &mut Clock::Echo(Box::new(cat))).await;
        assert!(reading.is_cut_and_told(ZEROS) && reading.close.is_none(), "{speech:?}: {reading:?}");
    }
    let silent = Speech::Nothing;
    let mut session = silent.ask(&cluster, ZEROS).offer("v4.channel.k8s.io").open_narrowly().await;
    let reading = read_slowly(&mut session, silent, &mut Clock::Wall).await;
    assert!(reading.is_whole(ZEROS), "{reading:?}");
}
