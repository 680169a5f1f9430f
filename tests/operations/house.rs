//! What an operator has on disk: a folder with a configuration, users, tokens and certificates.

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use execgate::identity::token_hash;
use rcgen::{BasicConstraints, CertificateParams, DistinguishedName, DnType, IsCa, Issuer, KeyPair};
use tempfile::TempDir;

use super::process::Execgate;

/// The users' tokens.
pub(crate) const ALICE: &str = "alice-0123456789";
pub(crate) const BOB: &str = "bob-0123456789";

/// A folder that goes away with the test.
pub(crate) struct House {
    folder: TempDir,
}

/// An authority that signs servers' certificates.
pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
}

/// A certificate and its key, PEM.
pub(crate) struct Certificate {
    pub(crate) chain: String,
    pub(crate) key: String,
}

/// From which year to which: the first of January of each.
type Years = (i32, i32);
pub(crate) const NOW: Years = (2020, 2120);
pub(crate) const PAST: Years = (2020, 2021);

impl House {
    /// Alice, who may do everything, and bob, who may nothing in pod vault, before one cluster "prod" on `server`, plain HTTP.
    pub(crate) fn before(server: &str) -> Self {
        let house = Self { folder: tempfile::tempdir().unwrap() };
        house.put("users.yaml", &users(&[("alice", ALICE), ("bob", BOB)]));
        house.put("prod.token", "the-cluster-token\n");
        house.put("config.yaml", &CONFIG.replace("SERVER", server));
        house
    }

    /// The same before a server that nobody reaches.
    pub(crate) fn alone() -> Self {
        Self::before("http://127.0.0.1:1")
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file as editors and Kubernetes do: it is whole or not there.
    pub(crate) fn put(&self, name: &str, text: &str) -> PathBuf {
        let (path, draft) = (self.path(name), self.path("draft"));
        fs::write(&draft, text).unwrap();
        fs::rename(&draft, &path).unwrap();
        path
    }

    /// Changes the configuration; `from` must stand in it once.
    pub(crate) fn change(&self, from: &str, to: &str) {
        let text = fs::read_to_string(self.path("config.yaml")).unwrap();
        assert_eq!(text.matches(from).count(), 1, "{from:?} in\n{text}");
        self.put("config.yaml", &text.replace(from, to));
    }

    /// Serves from it.
    pub(crate) fn serve(&self) -> (Execgate, SocketAddr) {
        let mut gate = Execgate::serve(&self.path("config.yaml"));
        let address = gate.address();
        (gate, address)
    }

    /// What `serve` says when it can't start, with the folder's name left out, and its exit code.
    pub(crate) fn refusal(&self) -> (i32, String) {
        let ended = Execgate::serve(&self.path("config.yaml")).end();
        assert_eq!(ended.stdout, "");
        (ended.code.unwrap(), self.without_folder(&ended.stderr))
    }

    /// What `check` says of it, and its exit code.
    pub(crate) fn checked(&self) -> (i32, String) {
        let ended = Execgate::run(&["check", "--config", self.path("config.yaml").to_str().unwrap()]);
        (ended.code.unwrap(), self.without_folder(&ended.stderr))
    }

    pub(crate) fn without_folder(&self, text: &str) -> String {
        text.replace(&format!("{}/", self.folder.path().display()), "")
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }
}

impl Authority {
    pub(crate) fn new(years: Years) -> Self {
        Self::named("the authority", years)
    }

    pub(crate) fn named(name: &str, years: Years) -> Self {
        let mut params = params(name, years);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let pem = params.self_signed(&key).unwrap().pem();
        Self { issuer: Issuer::new(params, key), pem }
    }

    pub(crate) fn pem(&self) -> &str {
        &self.pem
    }

    /// A certificate for `name`.
    pub(crate) fn certify(&self, name: &str, years: Years) -> Certificate {
        let key = KeyPair::generate().unwrap();
        let mut params = params("a server", years);
        params.subject_alt_names = CertificateParams::new([name.to_owned()]).unwrap().subject_alt_names;
        let chain = params.signed_by(&key, &self.issuer).unwrap().pem();
        Certificate { chain, key: key.serialize_pem() }
    }
}

/// A users file.
pub(crate) fn users(tokens: &[(&str, &str)]) -> String {
    let entry = |(name, token): &(&str, &str)| {
        format!("  - {{name: {name}, tokenHash: \"{}\"}}\n", token_hash(token))
    };
    format!("users:\n{}", tokens.iter().map(entry).collect::<String>())
}

fn params(name: &str, (from, to): Years) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    params.not_before = rcgen::date_time_ymd(from, 1, 1);
    params.not_after = rcgen::date_time_ymd(to, 1, 1);
    params
}

const CONFIG: &str = "\
listen:
  - address: 127.0.0.1:0
defaultCluster: prod
clusters:
  - name: prod
    server: SERVER
    credential: {tokenFile: prod.token}
authentication:
  - usersFile: {path: users.yaml}
policy:
  - name: alice reaches everything
    effect: allow
    subjects: {users: [alice]}
    verbs: [exec, attach]
  - name: bob keeps out of the vault
    effect: deny
    subjects: {users: [bob]}
    verbs: [exec, attach]
    pods: [vault]
  - name: bob reaches the rest
    effect: allow
    subjects: {users: [bob]}
    verbs: [exec, attach]
";
