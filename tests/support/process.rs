//! A gate as a process of its own, for what only a process shows: its memory, its log, its exit code.

use std::net::SocketAddr;
use std::process::Stdio;

use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStderr, Command};

use super::ask::{Door, Serves};
use super::setup::{ALICE, Setup};
use super::wire::PATIENCE;

/// `execgate serve`. Dropping it kills it.
pub(crate) struct Process {
    pub(crate) child: Child,
    pub(crate) setup: Setup,
    address: SocketAddr,
    log: Lines<BufReader<ChildStderr>>,
    /// The log's lines that were read so far.
    pub(crate) lines: Vec<String>,
}

impl Process {
    /// Starts it with a log of JSON lines at `level`, and waits until it listens.
    pub(crate) async fn start(setup: Setup, level: &str) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_execgate"))
            .args(["serve", "--log-format", "json", "--log", level, "--config"])
            .arg(setup.file())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let log = BufReader::new(child.stderr.take().unwrap()).lines();
        let address = ([127, 0, 0, 1], 0).into();
        let mut process = Self { child, setup, address, log, lines: Vec::new() };
        let listening = process.line_with("listening on http").await;
        let (_, address) = listening.split_once("://").unwrap();
        process.address = address.split('"').next().unwrap().parse().unwrap();
        process
    }

    /// The next line of the log that has `text` in it.
    pub(crate) async fn line_with(&mut self, text: &str) -> String {
        loop {
            let line = self.line().await.unwrap_or_else(|| panic!("no {text:?} in {:?}", self.lines));
            if line.contains(text) {
                return line;
            }
        }
    }

    /// The next line of the log; `None` once the process has ended.
    pub(crate) async fn line(&mut self) -> Option<String> {
        let next = tokio::time::timeout(PATIENCE, self.log.next_line());
        let line = next.await.unwrap_or_else(|_| panic!("the log stops after {:?}", self.lines)).unwrap();
        self.lines.extend(line.clone());
        line
    }

    /// Its resident memory in KiB.
    pub(crate) fn resident_kib(&self) -> u64 {
        let id = self.child.id().expect("it runs");
        let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().strip_suffix(" kB").unwrap().parse().unwrap()
    }

    /// SIGTERM.
    pub(crate) fn terminate(&self) {
        let id = i32::try_from(self.child.id().expect("it runs")).unwrap();
        let id = rustix::process::Pid::from_raw(id).unwrap();
        rustix::process::kill_process(id, rustix::process::Signal::TERM).unwrap();
    }
}

impl Serves for Process {
    fn door(&self) -> Door {
        Door { address: self.address, ca: self.setup.ca_pem(), token: ALICE.to_owned() }
    }
}
