//! Where commands run, and the commands that are no processes.

use execgate::demo::{DemoCluster, DemoSettings};

use crate::support::ask::{Ask, PIPES, TTY};
use crate::support::clusters::{cluster, cluster_with};

#[tokio::test]
async fn each_container_has_a_directory_and_an_environment_of_its_own() {
    let settings = DemoSettings { name: "alpha".to_owned(), ..DemoSettings::default() };
    let cluster = cluster_with(settings).await;
    let script =
        "echo mine > file; [ \"$PWD\" = \"$HOME\" ] && echo \"$TERM $HOSTNAME [$PS1] [$CARGO_PKG_NAME]\"";
    let mut session = Ask::script(&cluster, script).offer("v4.channel.k8s.io").open().await;
    assert_eq!(session.until("\n").await, "xterm-256color web-0 [alpha/web-0/app $ ] []\n");
    let target = format!("/api/v1/namespaces/default/pods/vault/exec?command=ls&{PIPES}");
    let mut vault = Ask::new(&cluster, "GET", target).upgrade().offer("v4.channel.k8s.io").open().await;
    assert_eq!(vault.transcript().await.stdout, b"");
}

#[tokio::test]
async fn a_shell_on_a_terminal_works_over_tls() {
    let cluster = DemoCluster::start(DemoSettings::default()).await.unwrap();
    assert!(cluster.server_url().starts_with("https://127.0.0.1:"));
    let mut session =
        Ask::exec(&cluster, &format!("command=sh&{TTY}")).offer("v4.channel.k8s.io").open().await;
    session.until("$ ").await;
    session.send(b"\0tty >/dev/null && exit 5\n").await;
    let transcript = session.transcript().await;
    assert!(transcript.statuses[0].contains("exit code 5"));
    assert_eq!(transcript.closes.len(), 1);
}

#[tokio::test]
async fn a_flood_sends_its_bytes_in_frames_of_its_size() {
    let cluster = cluster().await;
    let query = format!("command=execgate-flood&command=1000&command=1000500&{PIPES}");
    let mut session = Ask::exec(&cluster, &query).offer("v4.channel.k8s.io").open().await;
    assert_eq!(session.payload().await, [1]);
    for _ in 0..1000 {
        assert_eq!(session.payload().await.len(), 1001);
    }
    let transcript = session.transcript().await;
    assert_eq!(transcript.stdout.len(), 500);
    assert_eq!(transcript.statuses.len(), 1);
}

#[tokio::test]
async fn a_drip_sends_its_bytes_too() {
    let cluster = cluster().await;
    let query = format!("command=execgate-drip&command=1000&command=1000000&command=5500&{PIPES}");
    let mut session = Ask::exec(&cluster, &query).offer("v4.channel.k8s.io").open().await;
    let transcript = session.transcript().await;
    assert_eq!(transcript.stdout.len(), 5500);
    assert_eq!(transcript.statuses.len(), 1);
}

#[tokio::test]
async fn an_echo_and_a_sink_end_with_their_input() {
    let cluster = cluster().await;
    for (command, back) in [("execgate-echo", &b"abc"[..]), ("execgate-sink", b""), ("cat", b"abc")] {
        let mut session = Ask::exec(&cluster, &format!("command={command}&{PIPES}"))
            .offer("v5.channel.k8s.io")
            .open()
            .await;
        session.send(b"\0abc").await;
        session.send(&[255, 0]).await;
        let transcript = session.transcript().await;
        assert_eq!(transcript.stdout, back, "{command}");
        assert_eq!(transcript.statuses.len(), 1);
    }
}

#[tokio::test]
async fn a_process_can_send_much_and_every_byte_arrives_before_the_status() {
    let cluster = cluster().await;
    let mut session =
        Ask::script(&cluster, "head -c 8000000 /dev/zero").offer("v4.channel.k8s.io").open().await;
    let transcript = session.transcript().await;
    assert_eq!(transcript.stdout.len(), 8_000_000);
    assert_eq!(transcript.statuses.len(), 1);
}
