//! A cluster to be broken, and a gate of its own before it that has to stay whole.

use std::fs;
use std::sync::Mutex;
use std::time::Duration;

use serde_json::Value;

use super::guest::{Guest, Kind, has_shell};
use crate::support::ask::Ask;
use crate::support::node::Node;
use crate::support::process::Process;
use crate::support::setup::Setup;
use crate::support::wire::PATIENCE;

/// An API server remembers for half a minute that a token was good, and takes as long to come back.
const RECOVERY: Duration = Duration::from_mins(2);

/// Nodes that a test has broken and left whole again, for the next test.
static WHOLE: Mutex<Vec<Node>> = Mutex::new(Vec::new());

/// kubectl reads the pod before it execs.
const RULES: &str =
    "  - {name: alice, effect: allow, subjects: {users: [alice]}, verbs: [exec, attach, read]}\n";

pub(super) struct Scene {
    pub(super) node: Node,
    pub(super) gate: Process,
    /// The gate's open descriptors while it has no session.
    calm: usize,
}

impl Scene {
    pub(super) async fn start() -> Self {
        Self::with("{}").await
    }

    /// With `sessions` in the gate's configuration.
    pub(super) async fn with(sessions: &str) -> Self {
        let whole = WHOLE.lock().expect("nobody panics with it").pop();
        let node = whole.unwrap_or_else(|| Node::start("alpha"));
        let gate = Process::start(setup(&node).sessions(sessions), "info").await;
        let mut scene = Self { node, gate, calm: 0 };
        // The first session of a process opens what it keeps.
        scene.until_open().await;
        scene.calm = scene.descriptors();
        scene
    }

    /// Another gate in the place of this one, with another token for the cluster.
    pub(super) async fn restart_with(&mut self, token: &str) {
        let setup = setup(&self.node);
        setup.put_token(&self.node, token);
        self.gate = Process::start(setup, "info").await;
    }

    /// A guest of each kind.
    pub(super) async fn company(&self) -> Vec<Guest> {
        let mut guests = Vec::new();
        for kind in Kind::ALL {
            guests.push(kind.come(&self.gate).await);
        }
        guests
    }

    /// Tries until a command runs. Each attempt waits for its line in the log: a pipe that nobody reads would stop the gate.
    pub(super) async fn until_open(&mut self) {
        let opening = async { while !self.is_open().await {} };
        tokio::time::timeout(RECOVERY, opening).await.expect("no command runs any more");
    }

    /// Tries until no command runs any more.
    pub(super) async fn until_shut(&mut self) {
        let shutting = async { while self.is_open().await {} };
        tokio::time::timeout(RECOVERY, shutting).await.expect("commands go on running");
    }

    /// Whether a command runs now.
    pub(super) async fn is_open(&mut self) -> bool {
        let ask = Ask::exec(&self.gate, "command=true&stdout=1").offer("v4.channel.k8s.io");
        let Ok(mut session) = ask.try_open(&[]).await else {
            self.line_of_refusal().await;
            return false;
        };
        let transcript = session.transcript().await;
        drop(session);
        self.gate.line_with("session closed").await;
        transcript.close() == (1000, "exit code 0")
    }

    /// The next line about a session that did not begin.
    pub(super) async fn line_of_refusal(&mut self) -> Value {
        loop {
            let line = self.gate.line_with("\"error\":").await;
            let line: Value = serde_json::from_str(&line).expect("JSON");
            if line["message"] == "the pod was not reached" || line["message"] == "the API server refused" {
                return line;
            }
        }
    }

    /// The next lines about sessions that ended.
    pub(super) async fn lines_of_ends(&mut self, count: usize) -> Vec<Value> {
        let mut lines = Vec::new();
        for _ in 0..count {
            let line = self.gate.line_with("session closed").await;
            lines.push(serde_json::from_str(&line).expect("JSON"));
        }
        lines
    }

    /// Asserts that the gate has let go of every socket.
    pub(super) async fn is_calm(&self) {
        let is_calm = comes_true(PATIENCE, || self.descriptors() == self.calm).await;
        assert!(is_calm, "the gate keeps {} descriptors open, of {} at first", self.descriptors(), self.calm);
    }

    /// Ends the gate, which must have no session left, and hands the node to the next test.
    pub(super) async fn end(mut self) {
        self.until_open().await;
        self.is_calm().await;
        self.gate.terminate();
        let line = self.gate.line_with("accepting no more").await;
        let line: Value = serde_json::from_str(&line).expect("JSON");
        assert_eq!(line["sessions"], 0, "{line}");
        assert!(self.gate.child.wait().await.expect("it was started here").success());
        WHOLE.lock().expect("nobody panics with it").push(self.node);
    }

    /// The gate's resident memory in KiB once it has let go of every socket.
    pub(super) async fn memory_kib(&self) -> u64 {
        self.is_calm().await;
        self.gate.resident_kib()
    }

    fn descriptors(&self) -> usize {
        let id = self.gate.child.id().expect("it runs");
        fs::read_dir(format!("/proc/{id}/fd")).expect("it runs").count()
    }
}

fn setup(node: &Node) -> Setup {
    Setup::new().node(node).rules(RULES).tls()
}

/// Waits for what /proc shows, which tells no events: asked again and again, for `patience`. True if it came to be so.
async fn comes_true(patience: Duration, is_so: impl Fn() -> bool) -> bool {
    let asking = async {
        while !is_so() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(patience, asking).await.is_ok()
}

/// The marks of these guests' shells.
pub(super) fn marks(guests: &[Guest]) -> Vec<String> {
    guests.iter().map(|guest| guest.mark.clone()).collect()
}

/// Asserts that no shell with these marks stays. A runtime that has slept has first to see who is gone, and to do it all beside what else
/// the machine does.
pub(crate) async fn are_gone(marks: &[String]) {
    let left = left_after_patience(marks).await;
    assert!(left.is_empty(), "of the shells {marks:?} these are left over: {left:?}");
}

/// Which of the shells with these marks stay.
pub(super) async fn left_after_patience(marks: &[String]) -> Vec<&String> {
    let left = || marks.iter().filter(|mark| has_shell(mark)).collect::<Vec<_>>();
    comes_true(PATIENCE, || left().is_empty()).await;
    left()
}
