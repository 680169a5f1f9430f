//! The files that the demo runs on: a configuration as anybody would write it, and what it names.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::Write as _;
use std::net::SocketAddr;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use secrecy::ExposeSecret as _;

use super::COOKIE;
use super::people::Person;
use crate::demo::DemoCluster;

/// Where the files are.
pub(super) struct Folder {
    path: PathBuf,
    lifetime: Lifetime,
}

/// Whether they outlive the demo.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Lifetime {
    Kept,
    UntilTheEnd,
}

/// Who may read a file.
#[derive(Clone, Copy)]
enum Readers {
    /// It holds a secret.
    Owner,
    Everybody,
}

impl Folder {
    /// A folder of the user's, made if it is not there. The demo reads its users from it for as long as it runs, so nobody else may
    /// be able to put other files in their place.
    pub(super) fn kept(path: &Path) -> anyhow::Result<Self> {
        make(path)?;
        refuse_shared(path)?;
        let path = fs::canonicalize(path).with_context(|| format!("cannot find {}", path.display()))?;
        Ok(Self { path, lifetime: Lifetime::Kept })
    }

    /// A folder that goes away with the demo.
    pub(super) fn temporary() -> anyhow::Result<Self> {
        let path = std::env::temp_dir().join(format!("execgate-demo-{:016x}", rand::random::<u64>()));
        make(&path)?;
        Ok(Self { path, lifetime: Lifetime::UntilTheEnd })
    }

    /// The configuration.
    pub(super) fn config(&self) -> PathBuf {
        self.path.join("config.yaml")
    }

    /// For the user: where to look.
    pub(super) fn describe(&self) -> String {
        let config = self.config();
        match self.lifetime {
            Lifetime::Kept => format!("{}, with alice.token and bob.token beside it.", config.display()),
            Lifetime::UntilTheEnd => format!("{}; --write DIR keeps such a folder.", config.display()),
        }
    }

    /// Writes everything.
    pub(super) fn write(
        &self,
        listen: SocketAddr,
        clusters: &[DemoCluster],
        people: &[Person],
    ) -> anyhow::Result<()> {
        for cluster in clusters {
            let name = cluster.name();
            self.put(&format!("{name}.ca.crt"), cluster.ca_pem(), Readers::Everybody)?;
            let token = cluster.token();
            self.put(&format!("{name}.token"), &line(token.expose_secret()), Readers::Owner)?;
        }
        for person in people {
            self.put(&format!("{}.token", person.name()), &line(person.token()), Readers::Owner)?;
        }
        let entries: String = people.iter().map(Person::entry).collect();
        self.put("users.yaml", &format!("{USERS_HEAD}{entries}"), Readers::Everybody)?;
        self.put("config.yaml", &config(listen, clusters), Readers::Everybody)
    }

    /// Writes a new file in the place of an old one, so that no wider permission of the old one survives.
    fn put(&self, name: &str, text: &str, readers: Readers) -> anyhow::Result<()> {
        let path = self.path.join(name);
        let mode = match readers {
            Readers::Owner => 0o600,
            Readers::Everybody => 0o644,
        };
        let write = || {
            if path.symlink_metadata().is_ok() {
                fs::remove_file(&path)?;
            }
            let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(&path)?;
            file.write_all(text.as_bytes())
        };
        write().with_context(|| format!("cannot write {}", path.display()))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if self.lifetime == Lifetime::UntilTheEnd {
            // The worst that can happen is a folder left in the temporary directory.
            let _ = fs::remove_dir_all(&self.path);
        }
    }
}

/// Only its owner may look in: there are tokens.
fn make(path: &Path) -> anyhow::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true).mode(0o700);
    builder.create(path).with_context(|| format!("cannot make the folder {}", path.display()))
}

/// With the sticky bit, as on /tmp, everybody replaces only what is their own.
fn refuse_shared(path: &Path) -> anyhow::Result<()> {
    const OTHERS_WRITE: u32 = 0o002;
    const STICKY: u32 = 0o1000;
    let metadata = fs::metadata(path).with_context(|| format!("cannot look at {}", path.display()))?;
    if metadata.mode() & (OTHERS_WRITE | STICKY) == OTHERS_WRITE {
        let path = path.display();
        bail!(
            "{path} can be written by every user of this machine, who could then make themselves users of the demo; chmod o-w {path}, or name another folder"
        );
    }
    Ok(())
}

fn line(text: &str) -> String {
    format!("{text}\n")
}

fn config(listen: SocketAddr, clusters: &[DemoCluster]) -> String {
    let clusters: String = clusters.iter().map(cluster).collect();
    CONFIG
        .replace("{LISTEN}", &listen.to_string())
        .replace("{COOKIE}", COOKIE)
        .replace("{CLUSTERS}", &clusters)
}

fn cluster(cluster: &DemoCluster) -> String {
    let (name, server) = (cluster.name(), cluster.server_url());
    format!(
        "  - name: {name}\n    server: {server}\n    certificateAuthority: {{file: {name}.ca.crt}}\n    credential: {{tokenFile: {name}.token}}\n"
    )
}

const USERS_HEAD: &str = "\
# The demo's users. Only the SHA-256 of a token stands here; the tokens are in alice.token and bob.token.
# A new entry: execgate token hash --generate --name carol
users:
";

const CONFIG: &str = "\
# What `execgate demo` runs on. To serve from it, while the demo's clusters are up:
#   execgate serve --config config.yaml
# after changing `listen`, because the demo's own proxy is on this address. Paths are relative to this file.
listen:
  - address: {LISTEN}

# The terminal page at /. A login sets this cookie, because a page can't send an Authorization header with a WebSocket.
page: {commands: [sh, bash, top]}
tokenCookie: {COOKIE}

# /api/v1/... is this cluster's; every cluster is at /clusters/NAME/api/v1/... .
defaultCluster: alpha
clusters:
{CLUSTERS}
authentication:
  - usersFile: {path: users.yaml}

# First a deny rule that matches decides, then an allow rule; whatever no rule matches is denied.
policy:
  - name: admins may do everything
    effect: allow
    subjects: {groups: [admins]}
    verbs: [exec, attach, read]
  - name: the vault is not for bob
    effect: deny
    subjects: {users: [bob]}
    verbs: [exec, attach, read]
    pods: [vault]
  - name: bob works on alpha
    effect: allow
    subjects: {users: [bob]}
    verbs: [exec, attach, read]
    clusters: [alpha]
";
