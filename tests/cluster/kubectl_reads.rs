//! kubectl with the kubeconfig that execgate prints: what it reads and then opens, before the demo's servers and a real cluster.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use execgate::demo::DemoCluster;
use tempfile::TempDir;
use tokio::io::AsyncReadExt as _;
use tokio::io::AsyncWriteExt as _;
use tokio::time::timeout;

use crate::support::ask::Serves as _;
use crate::support::clusters::cluster_over_tls;
use crate::support::gate::Gate;
use crate::support::node::{alpha, kubectl};
use crate::support::setup::{BOB, Setup};
use crate::support::wire::PATIENCE;

/// Bob may do everything in the default namespace but enter the vault.
const RULES: &str = "  - {name: bob, effect: allow, subjects: {users: [bob]}, verbs: [exec, attach, read], namespaces: [default]}
  - {name: not the vault, effect: deny, subjects: {users: [bob]}, verbs: [exec, attach, read], pods: [vault]}
";

/// A gate over TLS, and bob's kubeconfig for it.
struct Desk {
    gate: Gate,
    folder: TempDir,
    _cluster: Option<DemoCluster>,
}

/// What a command said.
#[derive(Debug)]
struct Said {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

impl Desk {
    async fn before_the_demo() -> Self {
        let cluster = cluster_over_tls("alpha").await;
        let setup = Setup::new().cluster(&cluster);
        Self { _cluster: Some(cluster), ..Self::before(setup).await }
    }

    async fn before_a_real_cluster() -> Self {
        Self::before(Setup::new().node(alpha())).await
    }

    async fn before(setup: Setup) -> Self {
        let gate = Gate::start(setup.rules(RULES).tls()).await;
        let folder = tempfile::tempdir().unwrap();
        let authority = folder.path().join("ca.crt");
        std::fs::write(&authority, gate.door().ca.expect("TLS")).unwrap();
        let desk = Self { folder, _cluster: None, gate };
        let config = desk.gate.setup.file();
        let server = format!("https://{}", desk.gate.address);
        let mut execgate = Command::new(env!("CARGO_BIN_EXE_execgate"));
        execgate.arg("kubeconfig").arg("--config").arg(config).args(["--user", "bob", "--token-file", "-"]);
        execgate.args(["--server", &server]).arg("--certificate-authority").arg(authority);
        let made = said(execgate, BOB).await;
        assert_eq!(made.code, Some(0), "{}", made.stderr);
        std::fs::write(desk.kubeconfig(), made.stdout).unwrap();
        desk
    }

    fn kubeconfig(&self) -> PathBuf {
        self.folder.path().join("kubeconfig")
    }

    fn kubectl(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(kubectl());
        // Discovery is kept below the home folder.
        command.env("HOME", self.folder.path()).arg("--kubeconfig").arg(self.kubeconfig()).args(arguments);
        command
    }

    async fn run(&self, arguments: &[&str]) -> Said {
        said(self.kubectl(arguments), "").await
    }
}

/// Runs a command to its end, off the threads that serve it.
async fn said(mut command: Command, stdin: &str) -> Said {
    let stdin = stdin.to_owned();
    let run = tokio::task::spawn_blocking(move || {
        let pipes = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = pipes.spawn().unwrap();
        child.stdin.take().unwrap().write_all(stdin.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Said { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
    });
    timeout(PATIENCE, run).await.expect("the command ends").unwrap()
}

fn names(said: &Said) -> Vec<&str> {
    assert_eq!(said.code, Some(0), "{}", said.stderr);
    said.stdout.lines().filter_map(|line| line.split_whitespace().next()).collect()
}

/// Those that the user may open, however many of them kubectl asks for at a time.
async fn finds_pods(desk: &Desk) {
    for paging in ["--chunk-size=500", "--chunk-size=1"] {
        let pods = desk.run(&["get", "pods", "--no-headers", paging]).await;
        let pods = names(&pods);
        assert!(pods.contains(&"web-0") && pods.contains(&"migrate") && !pods.contains(&"vault"), "{pods:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pods_are_found_and_opened_on_the_demos_servers() {
    let desk = Desk::before_the_demo().await;
    finds_pods(&desk).await;
    assert_eq!(names(&desk.run(&["get", "namespaces", "--no-headers"]).await), ["default"]);
    opens_sessions(&desk).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pods_are_found_and_opened_on_a_real_cluster() {
    let desk = Desk::before_a_real_cluster().await;
    finds_pods(&desk).await;
    assert_eq!(names(&desk.run(&["get", "namespaces", "--no-headers"]).await), ["default"]);
    let version = desk.run(&["version"]).await;
    assert!(version.stdout.contains("Server Version: v1.36"), "{version:?}");
    opens_sessions(&desk).await;
}

async fn opens_sessions(desk: &Desk) {
    let ran = desk.run(&["exec", "web-0", "--", "sh", "-c", "echo $0; echo >&2 apart; exit 7"]).await;
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(7), "sh\n"));
    assert!(ran.stderr.contains("apart\n") && ran.stderr.contains("exit code 7"), "{}", ran.stderr);
    let echoed =
        said(desk.kubectl(&["exec", "-i", "web-0", "-c", "app", "--", "cat"]), "through and back").await;
    assert_eq!((echoed.code, echoed.stdout.as_str()), (Some(0), "through and back"));
    for refused in [&["exec", "vault", "--", "id"][..], &["get", "pod", "vault"]] {
        let said = desk.run(refused).await;
        assert_eq!(said.code, Some(1));
        assert!(
            said.stderr.contains("(Forbidden): user \"bob\" may not read pod \"vault\""),
            "{}",
            said.stderr
        );
    }
    let watched = desk.run(&["get", "pods", "--watch"]).await;
    assert!(watched.code == Some(1) && watched.stderr.contains("watching is not served here"), "{watched:?}");
    let removed = desk.run(&["delete", "pod", "web-0"]).await;
    assert!(removed.code == Some(1) && removed.stderr.contains("writes nothing"), "{removed:?}");
    on_a_terminal(desk).await;
}

/// The size of the terminal that kubectl stands on reaches the shell, and its exit code comes back.
async fn on_a_terminal(desk: &Desk) {
    let (mut terminal, shell) = pty_process::open().unwrap();
    terminal.resize(pty_process::Size::new(33, 101)).unwrap();
    // A command may look before its terminal's first size is there.
    let script = "until stty size | grep '33 101'; do sleep 0.02; done; read x; exit $x";
    let arguments = ["exec", "-it", "web-0", "-c", "app", "--", "sh", "-c", script];
    let command = pty_process::Command::new(kubectl())
        .env("HOME", desk.folder.path())
        .arg("--kubeconfig")
        .arg(desk.kubeconfig())
        .args(arguments);
    let mut child = command.spawn(shell).unwrap();
    let mut seen = String::new();
    while !seen.contains("33 101") {
        let mut some = [0; 1024];
        let count = timeout(PATIENCE, terminal.read(&mut some)).await.expect("the shell speaks").unwrap();
        seen.push_str(&String::from_utf8_lossy(&some[..count]));
    }
    terminal.write_all(b"9\n").await.unwrap();
    let status = timeout(PATIENCE, child.wait()).await.expect("kubectl ends").unwrap();
    assert_eq!(status.code(), Some(9), "{seen}");
}
