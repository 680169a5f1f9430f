//! The real kubectl, with a shell open when something fails.

use std::process::Stdio;

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::time::timeout;

use crate::support::ask::Serves;
use crate::support::node;
use crate::support::wire::PATIENCE;

/// `kubectl exec -i web-0 -- sh`.
pub(super) struct Kubectl {
    process: Child,
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
}

impl Kubectl {
    /// Starts it without waiting for anything.
    pub(super) fn start(gate: &impl Serves) -> Self {
        let door = gate.door();
        let mut process = Command::new(node::kubectl())
            .env("KUBECONFIG", "/dev/null")
            .args(["--server", &format!("http://{}", door.address), "--token", &door.token])
            .args(["exec", "-i", "web-0", "-c", "app", "--", "sh"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("kubectl was built");
        let input = process.stdin.take().expect("piped");
        let output = BufReader::new(process.stdout.take().expect("piped")).lines();
        Self { process, input, output }
    }

    /// The same, with its first word answered by the shell.
    pub(super) async fn come(gate: &impl Serves) -> Self {
        let mut kubectl = Self::start(gate);
        kubectl.input.write_all(b"echo here\n").await.expect("it reads");
        let line = timeout(PATIENCE, kubectl.output.next_line()).await.expect("the shell answers");
        assert_eq!(line.expect("UTF-8").as_deref(), Some("here"));
        kubectl
    }

    /// Its exit code and what it says on standard error.
    pub(super) async fn last_words(self) -> (Option<i32>, String) {
        let Self { mut process, input, output: _output } = self;
        let mut errors = process.stderr.take().expect("piped");
        let mut words = String::new();
        let told = async {
            errors.read_to_string(&mut words).await.expect("UTF-8");
            process.wait().await.expect("it was started here").code()
        };
        let code = timeout(PATIENCE, told).await.expect("kubectl goes on and on");
        drop(input);
        (code, words)
    }
}
