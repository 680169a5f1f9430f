//! What is written: a configuration as anybody would write it, users, and the cluster's authority.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use serde_json::json;

use super::Arguments;
use super::target::{Authority, Target};
use crate::cli::token::entry;
use crate::config;

/// Where everything goes.
#[derive(Debug)]
pub(super) struct Files {
    dir: PathBuf,
    config: PathBuf,
    users: PathBuf,
    authority: PathBuf,
}

/// What is to be written.
#[derive(Debug)]
pub(super) struct Plan<'a> {
    pub(super) target: Target,
    pub(super) arguments: &'a Arguments,
    /// The user's.
    pub(super) token: &'a str,
}

impl Files {
    /// The places in `dir`; none may be taken.
    pub(super) fn new(dir: &Path, cluster: &str) -> anyhow::Result<Self> {
        // Shorter to read than ./config.yaml.
        let at = |name: &str| if dir == Path::new(".") { PathBuf::from(name) } else { dir.join(name) };
        let files = Self {
            dir: dir.to_owned(),
            config: at("config.yaml"),
            users: at("users.yaml"),
            authority: at(&format!("{cluster}.ca.crt")),
        };
        for path in [&files.config, &files.users, &files.authority] {
            if path.symlink_metadata().is_ok() {
                bail!(
                    "{} is there already, and nothing is overwritten; name another folder with --dir",
                    path.display()
                );
            }
        }
        Ok(files)
    }

    /// Writes them, and says so line by line. What was written is then read as `serve` would; what can't be used goes again, so that
    /// the next try finds its places free.
    pub(super) fn write(&self, plan: &Plan<'_>) -> anyhow::Result<Vec<String>> {
        let mut made = Vec::new();
        self.written(plan, &mut made).inspect_err(|_| {
            for path in made {
                // What is said is why it was of no use.
                let _ = fs::remove_file(path);
            }
        })
    }

    fn written<'a>(&'a self, plan: &Plan<'_>, made: &mut Vec<&'a Path>) -> anyhow::Result<Vec<String>> {
        // Whatever is not there is missed before anything is written.
        whole(&plan.arguments.token_file)?;
        fs::create_dir_all(&self.dir)
            .with_context(|| format!("cannot make the folder {}", self.dir.display()))?;
        let token_file = self.as_named(&plan.arguments.token_file)?;
        let (authority, mut lines) = self.authority(&plan.target.authority, made)?;
        let Target { name, server, .. } = &plan.target;
        put(&self.config, &plan.config(&authority, &token_file), made)?;
        lines.push(format!(
            "wrote {}: cluster {name} at {server}, and a terminal page",
            self.config.display()
        ));
        put(&self.users, &plan.users(), made)?;
        lines.push(format!("wrote {}: user {}", self.users.display(), plan.arguments.user));
        config::load(&self.config).context("what was written can't be used")?;
        Ok(lines)
    }

    /// The lines that say whom to believe.
    fn authority<'a>(
        &'a self,
        authority: &Authority,
        made: &mut Vec<&'a Path>,
    ) -> anyhow::Result<(String, Vec<String>)> {
        let line = |file: &str| format!("    certificateAuthority: {{file: {}}}\n", json!(file));
        match authority {
            Authority::System => Ok((String::new(), Vec::new())),
            Authority::Insecure => Ok(("    insecureSkipTlsVerify: true\n".to_owned(), Vec::new())),
            Authority::File(file) => Ok((line(&self.as_named(file)?), Vec::new())),
            Authority::Pem(pem) => {
                put(&self.authority, pem, made)?;
                let wrote = format!("wrote {}: the cluster's authority", self.authority.display());
                Ok((line(&self.as_named(&self.authority)?), vec![wrote]))
            }
        }
    }

    /// What to run now.
    pub(super) fn next_steps(&self, listen: SocketAddr) -> String {
        let config = self.config.display();
        format!(
            "  execgate check --config {config} --dial    would the cluster let it work?\n  execgate serve --config {config}           then open http://{listen}/ and log in with the token"
        )
    }

    /// A path as the configuration has to name it: relative to its folder if it is in there. A link stays one, because what it leads
    /// to may change, as a mounted token's does.
    fn as_named(&self, path: &Path) -> anyhow::Result<String> {
        let folder =
            path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
        let (folder, dir) = (whole(folder)?, whole(&self.dir)?);
        let path = folder.join(path.file_name().with_context(|| format!("{} is no file", path.display()))?);
        let named = path.strip_prefix(&dir).unwrap_or(&path);
        named.to_str().map(str::to_owned).with_context(|| format!("{} is no UTF-8", path.display()))
    }
}

impl Plan<'_> {
    fn config(&self, authority: &str, token_file: &str) -> String {
        let (arguments, target) = (self.arguments, &self.target);
        let tls_server_name = target.tls_server_name.as_ref();
        let tls_server_name = tls_server_name.map(|name| format!("    tlsServerName: {}\n", json!(name)));
        let names: Vec<&str> = arguments.namespaces.iter().map(crate::target::Namespace::as_str).collect();
        let namespaces =
            if names.is_empty() { String::new() } else { format!("    namespaces: {}\n", json!(names)) };
        let place = if names.is_empty() { String::new() } else { format!(" in {}", names.join(", ")) };
        CONFIG
            .replace("{LISTEN}", &json!(arguments.listen.to_string()).to_string())
            .replace("{CLUSTER}", target.name.as_str())
            .replace("{SERVER}", &json!(target.server).to_string())
            .replace("{AUTHORITY}", &(authority.to_owned() + &tls_server_name.unwrap_or_default()))
            .replace("{TOKEN}", &json!(token_file).to_string())
            .replace("{RULE}", &json!(format!("{} may do everything{place}", arguments.user)).to_string())
            .replace("{USER}", &json!(arguments.user).to_string())
            .replace("{NAMESPACES}", &namespaces)
    }

    fn users(&self) -> String {
        format!("{USERS}{}\n", entry(&self.arguments.user, &[], self.token))
    }
}

fn whole(path: &Path) -> anyhow::Result<PathBuf> {
    fs::canonicalize(path).with_context(|| format!("cannot find {}", path.display()))
}

fn put<'a>(path: &'a Path, text: &str, made: &mut Vec<&'a Path>) -> anyhow::Result<()> {
    let mut write = || {
        let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
        made.push(path);
        file.write_all(text.as_bytes())
    };
    write().with_context(|| format!("cannot write {}", path.display()))
}

const USERS: &str = "\
# Only the SHA-256 of a token stands here. A new entry: execgate token hash --generate --name bob
users:
";

const CONFIG: &str = "\
# Made by `execgate init`. docs/configuration.md has every key; `execgate check --config FILE` says what a file means.
# Paths are relative to this file.
listen:
  # Plain HTTP, for this machine alone. With tls: {certFile: tls.crt, keyFile: tls.key} it may be for others.
  - address: {LISTEN}

# The terminal page at /.
page: {commands: [sh, bash]}

# /api/v1/... is this cluster's; every cluster is at /clusters/NAME/api/v1/... .
defaultCluster: {CLUSTER}
clusters:
  - name: {CLUSTER}
    server: {SERVER}
{AUTHORITY}    credential: {tokenFile: {TOKEN}}

authentication:
  - usersFile: {path: users.yaml}

# First a deny rule that matches decides, then an allow rule; whatever no rule matches is denied. `execgate can-i` asks.
policy:
  - name: {RULE}
    effect: allow
    subjects: {users: [{USER}]}
    verbs: [exec, attach, read]
{NAMESPACES}";
