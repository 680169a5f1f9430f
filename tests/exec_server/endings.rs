//! How sessions end: codes, order, what is drained and what survives.

use std::time::Duration;

use execgate::demo::DemoSettings;

use crate::support::ask::{Ask, PIPES, TTY};
use crate::support::clusters::{cluster, cluster_with};
use crate::support::slow_reader::{Clock, Speech, burst, read_slowly};

#[tokio::test]
async fn exit_codes_and_signals_are_told_with_the_argv_and_close_comes_last() {
    let cluster = cluster().await;
    for (script, code) in [("exit 7", 7), ("kill -9 $$", 137), ("exit 255", 255)] {
        let mut session = Ask::script(&cluster, script).offer("v4.channel.k8s.io").open().await;
        let transcript = session.transcript().await;
        let status: serde_json::Value = serde_json::from_str(&transcript.statuses[0]).unwrap();
        assert_eq!(
            status["message"],
            format!(
                "command terminated with non-zero exit code: error executing command [sh -c {script}], exit code {code}"
            )
        );
        assert_eq!(status["details"]["causes"][0]["message"], code.to_string());
        assert!(status.get("code").is_none());
        assert_eq!((transcript.closes, transcript.last), (vec![vec![3, 0xe8]], 0x88));
    }
}

#[tokio::test]
async fn before_v4_only_a_failure_is_told_as_text() {
    let cluster = cluster().await;
    let mut session = Ask::script(&cluster, "exit 3").offer("channel.k8s.io").open().await;
    assert_eq!(
        session.transcript().await.statuses,
        ["command terminated with non-zero exit code: error executing command [sh -c exit 3], exit code 3"]
    );
}

#[tokio::test]
async fn stdout_and_stderr_are_two_channels_and_with_a_tty_one() {
    let cluster = cluster().await;
    let script = "echo out; echo err >&2";
    let mut session = Ask::script(&cluster, script).offer("v4.channel.k8s.io").open().await;
    let transcript = session.transcript().await;
    assert_eq!((transcript.stdout, transcript.stderr), (b"out\n".to_vec(), b"err\n".to_vec()));
    let query = "command=sh&command=-c&command=echo+out;+echo+err+%3e%262";
    let mut session =
        Ask::exec(&cluster, &format!("{query}&stderr=1&{TTY}")).offer("v4.channel.k8s.io").open().await;
    assert_eq!(session.transcript().await.stdout, b"out\r\nerr\r\n");
}

#[tokio::test]
async fn what_was_not_asked_for_is_not_sent_and_the_first_frame_moves() {
    let cluster = cluster().await;
    let run = "command=sh&command=-c&command=echo+out;+echo+err+%3e%262;+cat";
    for (query, first) in [("stderr=1", 2), ("stdin=1", 3), ("stdout=1&stderr=0", 1)] {
        let mut session =
            Ask::exec(&cluster, &format!("{run}&{query}")).offer("v5.channel.k8s.io").open().await;
        assert_eq!(session.payload().await, [first]);
        session.send(b"\0dropped unless stdin").await;
        session.send(&[255, 0]).await;
        let transcript = session.transcript().await;
        assert_eq!(transcript.stdout, if first == 1 { &b"out\n"[..] } else { b"" });
        assert_eq!(transcript.stderr, if first == 2 { &b"err\n"[..] } else { b"" });
    }
}

#[tokio::test]
async fn a_background_child_that_holds_the_output_keeps_the_session_open() {
    let cluster = cluster().await;
    let script = "(while [ ! -e done ]; do sleep 0.02; done; echo child) & exit 0";
    let mut session = Ask::script(&cluster, script).offer("v4.channel.k8s.io").open().await;
    assert_eq!(session.payload().await, [1]);
    let mut other = Ask::script(&cluster, "touch done").offer("v4.channel.k8s.io").open().await;
    other.transcript().await;
    let transcript = session.transcript().await;
    assert_eq!(transcript.stdout, b"child\n");
    assert_eq!(transcript.statuses, [r#"{"metadata":{},"status":"Success"}"#]);
}

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

/// As real servers do (kubernetes issue 124571); what a client does against it is tests/relay/slow_readers.rs.
#[tokio::test]
async fn input_that_stands_unread_when_the_server_closes_costs_a_slow_reader_the_end_of_its_output() {
    let cluster = cluster().await;
    for speech in [Speech::Pings, Speech::Sizes, Speech::Keys] {
        let mut session =
            Ask::on_terminal(&cluster, &burst(4_000_000)).offer("v4.channel.k8s.io").open_narrowly().await;
        let cat =
            Ask::exec(&cluster, &format!("command=cat&{PIPES}")).offer("v4.channel.k8s.io").open().await;
        let reading = read_slowly(&mut session, speech, &mut Clock::Echo(Box::new(cat))).await;
        assert!(reading.is_cut_and_told(4_000_000) && reading.close.is_none(), "{speech:?}: {reading:?}");
    }
    let mut session =
        Ask::on_terminal(&cluster, &burst(4_000_000)).offer("v4.channel.k8s.io").open_narrowly().await;
    let reading = read_slowly(&mut session, Speech::Nothing, &mut Clock::Wall).await;
    assert!(reading.is_whole(4_000_000), "{reading:?}");
}
