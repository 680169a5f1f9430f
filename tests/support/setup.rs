//! A gate's configuration as anybody would write it: YAML, and the files that it names, in a folder of its own.

use std::fmt::Write as _;
use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;

use execgate::config::{self, Settings};
use execgate::identity::token_hash;
use tempfile::TempDir;

use super::ca::{Ca, Life};

/// What alice presents. She may do everything.
pub(crate) const ALICE: &str = "alice-token";
/// What bob presents. He reaches alpha alone, and not the pod vault.
pub(crate) const BOB: &str = "bob-token";

/// What a gate is started from.
pub(crate) struct Setup {
    folder: TempDir,
    clusters: String,
    first: Option<String>,
    sessions: String,
    rules: String,
    more: String,
    tls: Option<Ca>,
}

impl Setup {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self {
            folder,
            clusters: String::new(),
            first: None,
            sessions: "{}".to_owned(),
            rules: RULES.to_owned(),
            more: String::new(),
            tls: None,
        }
    }

    /// An API server on plain HTTP that takes any token.
    pub(crate) fn plain(self, name: &str, address: SocketAddr) -> Self {
        self.plain_with(name, address, "")
    }

    /// The same with more lines of configuration, such as `connectTimeout: 1s`.
    pub(crate) fn plain_with(mut self, name: &str, address: SocketAddr, more: &str) -> Self {
        self.write(&format!("{name}.token"), "the-cluster-token");
        let entry = entry(name, &format!("http://{address}"));
        self.add(name, &entry, more);
        self
    }

    /// What stands under `sessions`, in braces: `{max: 1}`.
    pub(crate) fn sessions(self, sessions: &str) -> Self {
        Self { sessions: sessions.to_owned(), ..self }
    }

    /// What stands under `policy`, instead of alice's and bob's usual rules.
    pub(crate) fn rules(self, rules: &str) -> Self {
        Self { rules: rules.to_owned(), ..self }
    }

    /// More lines of the configuration, such as `allowedOrigins: [...]`.
    pub(crate) fn with(self, more: &str) -> Self {
        Self { more: format!("{more}\n"), ..self }
    }

    /// TLS on the gate's own port.
    pub(crate) fn tls(self) -> Self {
        let ca = Ca::new("the gate's authority", Life::Current);
        let leaf = ca.leaf("127.0.0.1", Life::Current);
        self.write("gate.crt", &leaf.certificate);
        self.write("gate.key", &leaf.key.serialize_pem());
        Self { tls: Some(ca), ..self }
    }

    /// The authority of the gate's certificate, if it has one.
    pub(crate) fn ca_pem(&self) -> Option<String> {
        self.tls.as_ref().map(Ca::pem)
    }

    /// Writes everything and says where the configuration is.
    pub(crate) fn file(&self) -> PathBuf {
        let user = |name: &str, token: &str| {
            format!("  - {{name: {name}, groups: [people], tokenHash: \"{}\"}}\n", token_hash(token))
        };
        self.write("users.yaml", &format!("users:\n{}{}", user("alice", ALICE), user("bob", BOB)));
        let tls = self.tls.as_ref().map_or("", |_| ", tls: {certFile: gate.crt, keyFile: gate.key}");
        let (default, clusters, sessions) =
            (self.first.as_deref().expect("a cluster"), &self.clusters, &self.sessions);
        let listen = format!("listen: [{{address: \"127.0.0.1:0\"{tls}}}]\ntokenCookie: gate\n");
        let (rules, more) = (&self.rules, &self.more);
        let text = format!(
            "{listen}{more}defaultCluster: {default}\nclusters:\n{clusters}{PEOPLE}policy:\n{rules}sessions: {sessions}\n"
        );
        self.write("config.yaml", &text)
    }

    /// What the file says.
    pub(crate) fn settings(&self) -> Settings {
        config::load(&self.file()).unwrap_or_else(|error| panic!("{error}"))
    }

    /// Adds an entry to `clusters`; the first one is the default cluster.
    pub(super) fn add(&mut self, name: &str, entry: &str, more: &str) {
        self.first.get_or_insert_with(|| name.to_owned());
        self.clusters.push_str(entry);
        if !more.is_empty() {
            writeln!(self.clusters, "    {more}").unwrap();
        }
    }

    pub(super) fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::write(&path, text).unwrap();
        path
    }
}

/// The keys that every cluster has.
pub(super) fn entry(name: &str, server: &str) -> String {
    format!("  - name: {name}\n    server: {server}\n    credential: {{tokenFile: {name}.token}}\n")
}

const PEOPLE: &str = "\
authentication:
  - usersFile: {path: users.yaml}
";

const RULES: &str = "  - name: bob keeps out of the vault
    effect: deny
    subjects: {users: [bob]}
    verbs: [exec, attach]
    pods: [vault]
  - name: bob reaches alpha
    effect: allow
    subjects: {users: [bob]}
    verbs: [exec, attach]
    clusters: [alpha]
  - name: alice reaches everything
    effect: allow
    subjects: {users: [alice]}
    verbs: [exec, attach]
";
