//! Where a client goes: a gate with TLS before the real cluster alpha, and a kubeconfig for each user.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::program::Program;
use crate::support::gate::Gate;
use crate::support::node::alpha;
use crate::support::setup::{ALICE, BOB, Setup};

/// alice may do everything. bob may count, in every pod but the vault.
pub(super) const RULES: &str = "  - {name: alice does everything, effect: allow, subjects: {users: [alice]}, verbs: [exec, attach, read]}
  - {name: bob reads, effect: allow, subjects: {users: [bob]}, verbs: [read]}
  - {name: bob counts, effect: allow, subjects: {users: [bob]}, commands: [\"wc **\"]}
  - {name: bob keeps out of the vault, effect: deny, subjects: {users: [bob]}, verbs: [exec, attach, read], pods: [vault]}
";

/// A gate, and what its users have.
pub(super) struct Place {
    pub(super) gate: Gate,
    folder: tempfile::TempDir,
}

/// Who uses a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum User {
    Alice,
    Bob,
}

impl Place {
    pub(super) async fn new() -> Self {
        let gate = Gate::start(Setup::new().node(alpha()).tls().rules(RULES)).await;
        let place = Self { gate, folder: tempfile::tempdir().unwrap() };
        place.write("gate.crt", &place.gate.setup.ca_pem().expect("TLS is on"));
        for user in [User::Alice, User::Bob] {
            place.write(&format!("{}.kubeconfig", user.name()), &place.kubeconfig(user));
        }
        place
    }

    /// The program as `user` starts it, at home in [`Self::folder`].
    pub(super) fn with(&self, user: User, program: Program) -> Program {
        let kubeconfig = self.folder().join(format!("{}.kubeconfig", user.name()));
        program.variable("KUBECONFIG", kubeconfig).variable("HOME", self.folder())
    }

    /// The authority of the gate's certificate.
    pub(super) fn authority(&self) -> PathBuf {
        self.folder().join("gate.crt")
    }

    /// A folder to work in.
    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// What `execgate kubeconfig` writes, the token in it: not every client reads a token's file.
    fn kubeconfig(&self, user: User) -> String {
        let mut command = Command::new(env!("CARGO_BIN_EXE_execgate"))
            .args(["kubeconfig", "--user", user.name(), "--token-file", "-", "--config"])
            .arg(self.gate.setup.file())
            .args(["--server", &format!("https://{}", self.gate.address)])
            .arg("--certificate-authority")
            .arg(self.authority())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        command.stdin.take().expect("piped").write_all(user.token().as_bytes()).unwrap();
        let output = command.wait_with_output().unwrap();
        assert!(output.status.success(), "its words are above");
        String::from_utf8(output.stdout).unwrap()
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.folder().join(name), text).unwrap();
    }
}

impl User {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Alice => "alice",
            Self::Bob => "bob",
        }
    }

    pub(super) fn token(self) -> &'static str {
        match self {
            Self::Alice => ALICE,
            Self::Bob => BOB,
        }
    }
}
