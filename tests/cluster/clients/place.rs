//! Where a client goes: a gate with TLS before the real cluster alpha, and a kubeconfig for each user.

use std::path::{Path, PathBuf};

use crate::support::gate::Gate;
use crate::support::node::alpha;
use crate::support::setup::{ALICE, BOB, Setup};

/// A gate, and what its users have.
pub(super) struct Place {
    pub(super) gate: Gate,
    folder: tempfile::TempDir,
}

impl Place {
    pub(super) async fn new() -> Self {
        let gate = Gate::start(Setup::new().node(alpha()).tls()).await;
        let folder = tempfile::tempdir().unwrap();
        let place = Self { gate, folder };
        place.write("gate.crt", &place.gate.setup.ca_pem().expect("TLS is on"));
        place.write("alice.kubeconfig", &place.kubeconfig("alice", ALICE));
        place.write("bob.kubeconfig", &place.kubeconfig("bob", BOB));
        place
    }

    /// What alice has under ~/.kube/config.
    pub(super) fn of_alice(&self) -> PathBuf {
        self.folder().join("alice.kubeconfig")
    }

    /// What bob has.
    pub(super) fn of_bob(&self) -> PathBuf {
        self.folder().join("bob.kubeconfig")
    }

    /// The authority of the gate's certificate.
    pub(super) fn authority(&self) -> PathBuf {
        self.folder().join("gate.crt")
    }

    /// A folder to work in.
    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    fn kubeconfig(&self, user: &str, token: &str) -> String {
        let server = format!("https://{}/clusters/alpha", self.gate.address);
        let authority = self.authority();
        let authority = authority.display();
        format!(
            "apiVersion: v1\nkind: Config\ncurrent-context: alpha\n\
             clusters: [{{name: alpha, cluster: {{server: \"{server}\", certificate-authority: {authority}}}}}]\n\
             users: [{{name: {user}, user: {{token: {token}}}}}]\n\
             contexts: [{{name: alpha, context: {{cluster: alpha, user: {user}}}}}]\n"
        )
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.folder().join(name), text).unwrap();
    }
}
