//! The `execgate serve` process, configured as in production: users, rules, a cluster on TLS, its log on.

use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::process::{Child, ChildStderr, Command, Stdio};

use anyhow::Context as _;
use execgate::identity::token_hash;
use tempfile::TempDir;

use super::exec_server::Ready;
use super::process::Process;

/// What the load presents.
pub(crate) const TOKEN: &str = "the-token-of-the-user-who-loads";
/// Users in the users file; the one who loads is the last.
const USERS: usize = 50;

/// An execgate process. Dropping it kills it.
pub(crate) struct Gate {
    pub(crate) address: SocketAddr,
    child: Child,
    _files: TempDir,
}

impl Gate {
    /// Starts execgate in front of the exec server, with one worker thread.
    pub(crate) fn start(upstream: &Ready) -> anyhow::Result<Self> {
        let files = tempfile::tempdir().context("cannot make a directory for the configuration")?;
        let write = |name: &str, text: &str| {
            fs::write(files.path().join(name), text).with_context(|| format!("cannot write {name}"))
        };
        write("ca.crt", &upstream.ca_pem)?;
        write("token", &upstream.token)?;
        write("users.yaml", &users())?;
        write("config.yaml", &configuration(upstream.address))?;
        let mut child = Command::new(env!("CARGO_BIN_EXE_execgate"))
            .args(["serve", "--log-format", "json", "--config"])
            .arg(files.path().join("config.yaml"))
            .env("TOKIO_WORKER_THREADS", "1")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .context("cannot start execgate")?;
        let log = BufReader::new(child.stderr.take().expect("it was asked for"));
        let address = match first_address(log) {
            Ok(address) => address,
            Err(error) => {
                // It has said why already.
                let _ = child.kill();
                let _ = child.wait();
                return Err(error);
            }
        };
        Ok(Self { address, child, _files: files })
    }

    /// What `/proc` says of it.
    pub(crate) fn process(&self) -> Process {
        Process::new(self.child.id())
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Reads the log up to the line that names the address, and leaves a thread that reads on, so that execgate never waits for it.
fn first_address(mut log: BufReader<ChildStderr>) -> anyhow::Result<SocketAddr> {
    let mut said = String::new();
    loop {
        let start = said.len();
        if log.read_line(&mut said)? == 0 {
            anyhow::bail!("execgate ended before it listened; it said:\n{said}");
        }
        let Some((_, rest)) = said[start..].split_once("listening on http://") else {
            continue;
        };
        let end = rest.find(['"', '\n', ' ']).unwrap_or(rest.len());
        let address = rest[..end].parse().with_context(|| format!("no address in {rest:?}"))?;
        std::thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
        return Ok(address);
    }
}

fn users() -> String {
    let mut yaml = "users:\n".to_owned();
    for number in 1..=USERS {
        let token = if number == USERS { TOKEN.to_owned() } else { format!("the-token-of-user-{number}") };
        writeln!(
            yaml,
            "  - {{name: user-{number}, groups: [developers], tokenHash: {:?}}}",
            token_hash(&token)
        )
        .expect("a String takes every text");
    }
    yaml
}

fn configuration(upstream: SocketAddr) -> String {
    format!(
        r#"
listen:
  - address: 127.0.0.1:0
defaultCluster: bench
clusters:
  - name: bench
    server: https://{upstream}
    certificateAuthority: {{file: ca.crt}}
    credential: {{tokenFile: token}}
authentication:
  - usersFile: {{path: users.yaml}}
policy:
  - name: nobody enters the vault
    effect: deny
    subjects: {{users: ["*"]}}
    pods: [vault]
  - name: on-call reaches everything
    effect: allow
    subjects: {{groups: [on-call]}}
    namespaces: ["*"]
  - name: developers run the benchmark's commands
    effect: allow
    subjects: {{groups: [developers]}}
    clusters: [bench]
    namespaces: ["team-*", default]
    pods: ["web-*"]
    containers: [app]
    commands: [execgate-echo, "execgate-flood * *", "execgate-sink *"]
sessions: {{max: 1000000}}
"#
    )
}
