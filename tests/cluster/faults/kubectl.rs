//! The real kubectl, with a shell open when something fails.

use std::process::Stdio;

use tempfile::NamedTempFile;
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
    _authority: NamedTempFile,
}

impl Kubectl {
    /// Starts it without waiting for anything. The gate must speak TLS: in clear kubectl sends no token.
    pub(super) fn start(gate: &impl Serves) -> Self {
        let door = gate.door();
        let authority = NamedTempFile::new().expect("a temporary directory");
        std::fs::write(authority.path(), door.ca.expect("TLS")).expect("the same");
        let mut process = Command::new(node::kubectl())
            .env("KUBECONFIG", "/dev/null")
            .args(["--server", &format!("https://{}", door.address), "--token", &door.token])
            .arg("--certificate-authority")
            .arg(authority.path())
            .args(["exec", "-i", "web-0", "-c", "app", "--", "sh"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("kubectl was built");
        let input = process.stdin.take().expect("piped");
        let output = BufReader::new(process.stdout.take().expect("piped")).lines();
        Self { process, input, output, _authority: authority }
    }

    /// The same, with its first word answered by the shell.
    pub(super) async fn come(gate: &impl Serves) -> Self {
        let mut kubectl = Self::start(gate);
        kubectl.input.write_all(b"echo here\n").await.expect("it reads");
        let line = timeout(PATIENCE, kubectl.output.next_line()).await.expect("the shell answers");
        if line.expect("UTF-8").as_deref() == Some("here") {
            return kubectl;
        }
        panic!("kubectl does not get in: {:?}", kubectl.last_words().await);
    }

    /// Its exit code and what it says on standard error.
    pub(super) async fn last_words(self) -> (Option<i32>, String) {
        let Self { mut process, input, output: _output, _authority } = self;
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
