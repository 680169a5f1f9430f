//! What the types of `file.rs` can't say: that names exist, patterns match, files can be read. Finds all that is wrong, not only the
//! first.

mod clusters;
mod dialects;
mod files;
mod front;
mod frontend;
mod leaving;
mod policy;
mod resolvers;
mod routes;
mod sessions;

use std::{
    fmt::Display,
    path::{Path, PathBuf},
};

use super::{
    Settings, Surroundings,
    file::{Authenticator, CommandWords, File},
    key::KeyPath,
    node::Node,
    problem::Finding,
    suggest,
};
use crate::{identity::UsersFileSettings, target::ClusterName};

/// Turns the file into settings. `root` knows the places, relative paths start at `folder`.
pub(super) fn settings(
    file: &File,
    root: &Node,
    folder: &Path,
    surroundings: Surroundings,
) -> Result<Settings, Vec<Finding>> {
    let mut check = Check { root, folder, surroundings, findings: Vec::new() };
    let settings = check.file(file);
    if check.findings.is_empty() { Ok(settings) } else { Err(check.findings) }
}

/// Collects what is wrong. Whatever could not be made into a setting is listed, and then nothing of what was made is used.
struct Check<'a> {
    root: &'a Node,
    folder: &'a Path,
    surroundings: Surroundings,
    findings: Vec<Finding>,
}

impl Check<'_> {
    fn file(&mut self, file: &File) -> Settings {
        let (sessions, relay) = self.sessions(&file.sessions);
        let resolvers = self.resolvers(&file.target_resolvers);
        Settings {
            front: self.front(file, &resolvers),
            clusters: self.clusters(&file.clusters),
            default_cluster: self.default_cluster(file),
            users_files: self.users_files(&file.authentication),
            policy: self.policy(file),
            sessions,
            relay,
            resolvers,
        }
    }

    fn default_cluster(&mut self, file: &File) -> Option<ClusterName> {
        let wanted = file.default_cluster.as_deref()?;
        let names: Vec<&str> = file.clusters.iter().map(|cluster| cluster.name.as_str()).collect();
        let key = KeyPath::root().field("defaultCluster");
        if !names.contains(&wanted) {
            let advice = suggest::advice(wanted, "the clusters are", &names);
            self.refuse(&key, format!("no cluster is named {wanted:?}{advice}"));
            return None;
        }
        ClusterName::parse(wanted).ok()
    }

    fn users_files(&mut self, authentication: &[Authenticator]) -> Vec<UsersFileSettings> {
        let key = KeyPath::root().field("authentication");
        if authentication.is_empty() {
            self.refuse(
                &key,
                "must have an entry, such as {usersFile: {path: users.yaml}}: else nobody can be let in",
            );
        }
        let mut settings = Vec::new();
        for (index, Authenticator::UsersFile(users)) in authentication.iter().enumerate() {
            let key = key.index(index).field("usersFile").field("path");
            let path = self.readable(&key, &users.path);
            settings.push(UsersFileSettings { path });
        }
        settings
    }

    /// A command's words.
    fn argv<'w>(&mut self, key: &KeyPath, command: &'w CommandWords) -> Vec<&'w str> {
        match command {
            CommandWords::Text(text) => {
                if text.contains(['"', '\'', '\\']) {
                    self.refuse(key, "is split at spaces, quotes mean nothing here; write the words as a list, such as [sh, -c, \"ls -l\"]");
                }
                text.split_whitespace().collect()
            }
            CommandWords::List(words) => words.iter().map(String::as_str).collect(),
        }
    }

    fn refuse(&mut self, key: &KeyPath, text: impl Display) {
        self.findings.push(Finding {
            place: self.root.place_of(key),
            key: key.clone(),
            text: text.to_string(),
        });
    }

    /// The value, or its error in the list.
    fn keep<T, E: Display>(&mut self, key: &KeyPath, result: Result<T, E>) -> Option<T> {
        result.map_err(|error| self.refuse(key, error)).ok()
    }

    /// Where a path of the configuration leads.
    fn resolve(&self, path: &Path) -> PathBuf {
        self.folder.join(path)
    }
}
