//! The `execgate serve` process, configured as in production: users, rules, a cluster, its log on.

use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use execgate::identity::token_hash;
use serde::{Deserialize, Serialize};
use tempfile::TempDir;

use super::certificate::Certificate;
use super::door::Door;
use super::process::Process;

/// What the load presents.
pub(crate) const TOKEN: &str = "the-token-of-the-user-who-loads";
/// The program, as it is shipped.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_execgate");
/// Users in the users file; the one who loads is the last.
const USERS: usize = 50;

/// The API server that it stands before, and what opens it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Upstream {
    pub(crate) address: SocketAddr,
    /// Its authority's certificate; without one it speaks plain HTTP.
    pub(crate) ca_pem: Option<String>,
    pub(crate) token: String,
}

/// How many worker threads it runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Workers {
    Exactly(usize),
    /// One for each core, as it comes.
    AsShipped,
}

/// An execgate process. Dropping it kills it.
pub(crate) struct Gate {
    /// Without TLS, as behind an ingress.
    pub(crate) plain: Door,
    /// With TLS of its own.
    pub(crate) secure: Door,
    /// From its start to the line that says that it listens.
    pub(crate) started_in: Duration,
    child: Child,
    _files: TempDir,
}

impl Gate {
    /// Starts execgate in front of an API server.
    pub(crate) fn start(upstream: &Upstream, workers: Workers) -> anyhow::Result<Self> {
        Self::with_routes(upstream, workers, "")
    }

    /// The same, with `routes` and whatever else a configuration may end with.
    pub(crate) fn with_routes(upstream: &Upstream, workers: Workers, routes: &str) -> anyhow::Result<Self> {
        let files = tempfile::tempdir().context("cannot make a directory for the configuration")?;
        let certificate = Certificate::of_loopback()?;
        for (name, text) in [
            ("ca.crt", upstream.ca_pem.as_deref().unwrap_or_default()),
            ("token", &upstream.token),
            ("gate.crt", &certificate.pem),
            ("gate.key", &certificate.key_pem),
            ("users.yaml", &users()),
            ("config.yaml", &(configuration(upstream) + routes)),
        ] {
            fs::write(files.path().join(name), text).with_context(|| format!("cannot write {name}"))?;
        }
        let start = Instant::now();
        let mut child = command(files.path(), workers).spawn().context("cannot start execgate")?;
        let log = BufReader::new(child.stderr.take().expect("it was asked for"));
        match addresses(log) {
            Ok([plain, secure]) => {
                let started_in = start.elapsed();
                let plain = Door::plain(plain, TOKEN);
                let secure = Door::secure(secure, &certificate.pem, TOKEN)?;
                Ok(Self { plain, secure, started_in, child, _files: files })
            }
            Err(error) => {
                // It has said why already.
                let _ = child.kill();
                let _ = child.wait();
                Err(error)
            }
        }
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

fn command(files: &Path, workers: Workers) -> Command {
    let mut command = Command::new(PROGRAM);
    command
        .args(["serve", "--log-format", "json", "--config"])
        .arg(files.join("config.yaml"))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    if let Workers::Exactly(count) = workers {
        command.env("TOKIO_WORKER_THREADS", count.to_string());
    }
    command
}

/// Reads the log up to the lines that name the addresses, and leaves a thread that reads on, so that execgate never waits for it.
fn addresses(mut log: BufReader<ChildStderr>) -> anyhow::Result<[SocketAddr; 2]> {
    let mut said = String::new();
    let mut find = |scheme: &str| {
        loop {
            let start = said.len();
            if log.read_line(&mut said)? == 0 {
                anyhow::bail!("execgate ended before it listened; it said:\n{said}");
            }
            if let Some((_, rest)) = said[start..].split_once(&format!("listening on {scheme}://")) {
                let end = rest.find(['"', '\n', ' ']).unwrap_or(rest.len());
                return rest[..end].parse().with_context(|| format!("no address in {rest:?}"));
            }
        }
    };
    let found = [find("http")?, find("https")?];
    std::thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
    Ok(found)
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

fn configuration(upstream: &Upstream) -> String {
    let Upstream { address, ca_pem, .. } = upstream;
    let (scheme, authority) = match ca_pem {
        Some(_) => ("https", "certificateAuthority: {file: ca.crt}"),
        None => ("http", ""),
    };
    format!(
        r#"
listen:
  - address: 127.0.0.1:0
  - address: "127.0.0.1:0"
    tls: {{certFile: gate.crt, keyFile: gate.key}}
defaultCluster: bench
clusters:
  - name: bench
    server: {scheme}://{address}
    {authority}
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
    commands: [execgate-echo, "execgate-flood **", "execgate-drip * * *", "execgate-sink *", cat, "sh -c *"]
sessions: {{max: 1000000}}
"#
    )
}
