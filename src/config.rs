//! The YAML file, turned into the settings of every room below. No room imports this one.

mod check;
mod decode;
mod file;
mod key;
mod node;
mod problem;
mod reference;
mod schema;
mod size;
mod suggest;
mod time;
mod validity;
mod warnings;

use std::path::Path;

pub use problem::{ConfigError, Problem};
pub use reference::reference;
pub use schema::json_schema;
pub use validity::Lapse;
pub use warnings::{Warning, warnings};

use crate::{cluster, front, identity, policy, relay, resolve, session, target::ClusterName};

/// Everything that the file says, as the rooms take it.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where to listen, and for whom.
    pub front: front::Settings,
    /// The clusters; at least one, names all different.
    pub clusters: Vec<cluster::Settings>,
    /// The cluster of paths that name none; one of the above.
    pub default_cluster: Option<ClusterName>,
    /// The files of users, in the order in which they are asked; at least one.
    pub users_files: Vec<identity::UsersFileSettings>,
    /// Who may do what.
    pub policy: policy::Settings,
    /// How many sessions.
    pub sessions: session::Settings,
    /// How long each, and in how much memory.
    pub relay: relay::Settings,
    /// How pods are found that no path names; names all different.
    pub resolvers: Vec<resolve::ResolverSettings>,
}

/// Whether the files and environment variables that the configuration names are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Surroundings {
    /// They must be there and must make sense: what running needs.
    Required,
    /// They are not looked at: the configuration is meant for another machine.
    Elsewhere,
}

/// Reads the configuration at `path` for running here.
pub fn load(path: &Path) -> Result<Settings, ConfigError> {
    load_for(path, Surroundings::Required)
}

/// Reads the configuration at `path`.
pub fn load_for(path: &Path, surroundings: Surroundings) -> Result<Settings, ConfigError> {
    let text = std::fs::read_to_string(path)
        .map_err(|source| ConfigError::Unreadable { path: path.to_owned(), source })?;
    let invalid = |findings| ConfigError::invalid(path, findings);
    let root = node::parse(&text).map_err(|finding| invalid(vec![finding]))?;
    let file = decode::decode(&root).map_err(invalid)?;
    let folder = path.parent().unwrap_or_else(|| Path::new(""));
    check::settings(&file, &root, folder, surroundings).map_err(invalid)
}
