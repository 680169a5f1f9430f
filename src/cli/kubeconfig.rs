//! `execgate kubeconfig`: what a user's kubectl needs to come through execgate.

mod door;
mod file;
mod token;

use std::{path::PathBuf, process::ExitCode};

use anyhow::Context as _;

use self::{door::Door, file::Kubeconfig, token::Token};
use super::{EXIT_USAGE, print};
use crate::{
    config::{self, Settings, Surroundings},
    identity::{Principal, UsersFile},
    policy::{Permission, Policy},
    target::ClusterName,
};

/// Print a kubeconfig with which a user's kubectl reaches their pods through execgate.
///
/// It has a context for each cluster on which the policy lets the user open a session. execgate knows tokens by their hashes only, so
/// the token has to come from the user: name the file that holds it, and kubectl will read it from there; or give it on stdin, and it
/// is written into the kubeconfig. kubectl sends tokens over TLS alone, so a listener with TLS, or what ends TLS in front, is needed.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// The configuration file
    #[arg(long, value_name = "FILE", env = "EXECGATE_CONFIG")]
    config: PathBuf,
    /// Whose kubectl, by the name in the users file
    #[arg(long, value_name = "NAME")]
    user: String,
    /// Where execgate is, as the user reaches it; without it, the first listener with TLS
    #[arg(long, value_name = "URL")]
    server: Option<String>,
    /// Whom kubectl has to trust, PEM; without it, what the listener's own certificate file ends with, if that signed itself
    #[arg(long, value_name = "FILE")]
    certificate_authority: Option<PathBuf>,
    /// The file with the user's token, as the user's kubectl finds it; - reads the token from stdin and writes it into the kubeconfig
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  execgate kubeconfig --config config.yaml --user jo --token-file ~/.execgate/token > jo.kubeconfig
  execgate kubeconfig --config config.yaml --user jo --token-file - < jo.token > jo.kubeconfig
  execgate kubeconfig --config config.yaml --user jo --server https://execgate.example.com > jo.kubeconfig
  kubectl --kubeconfig jo.kubeconfig --context prod exec -it web-0 -- sh

kubectl reads a pod before it opens a session there: the user needs read among the verbs of a rule.

Exit codes: 0 printed, 1 it cannot be made, 64 the configuration is wrong.";

/// Why there is no kubeconfig to print.
#[derive(Debug, thiserror::Error)]
enum KubeconfigError {
    #[error("no users file lists {user:?}; known are {known}")]
    UnknownUser { user: String, known: String },
    #[error("users files list {user:?} with different groups; remove one of the entries")]
    AmbiguousGroups { user: String },
    #[error("no rule lets {user:?} open a session on any cluster; ask execgate can-i why")]
    NothingAllowed { user: String },
}

/// Runs the command. Of the files that the configuration names only the users files and a listener's certificate are read.
pub(super) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let settings = match config::load_for(&arguments.config, Surroundings::Elsewhere) {
        Ok(settings) => settings,
        Err(error) => {
            eprintln!("{error}");
            return Ok(ExitCode::from(EXIT_USAGE));
        }
    };
    let users_files = settings.users_files.iter().cloned().map(UsersFile::load);
    let users_files = users_files.collect::<Result<Vec<_>, _>>().context("a users file cannot be used")?;
    let principals: Vec<Principal> = users_files.iter().flat_map(|file| file.principals()).collect();
    let principal = principal(&arguments.user, &principals)?;
    let door =
        Door::find(&settings.front, arguments.server.as_deref(), arguments.certificate_authority.as_deref())?;
    let token = match &arguments.token_file {
        Some(path) => Some(Token::read(path, &users_files, &arguments.user)?),
        None => None,
    };
    let kubeconfig = kubeconfig(settings, &principal, &door, token)?;
    for note in door.note.iter().chain(&kubeconfig.notes) {
        eprintln!("note: {note}");
    }
    print(&kubeconfig.file.to_yaml()?)?;
    Ok(ExitCode::SUCCESS)
}

fn principal(user: &str, listed: &[Principal]) -> Result<Principal, KubeconfigError> {
    let known: Vec<&str> = listed.iter().map(Principal::user).collect();
    let mut found = listed.iter().filter(|principal| principal.user() == user);
    let Some(first) = found.next() else {
        let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
        return Err(KubeconfigError::UnknownUser { user: user.to_owned(), known });
    };
    if found.any(|other| other != first) {
        return Err(KubeconfigError::AmbiguousGroups { user: user.to_owned() });
    }
    Ok(first.clone())
}

/// The file, and what its reader should know besides.
struct Made {
    file: Kubeconfig,
    notes: Vec<String>,
}

fn kubeconfig(
    settings: Settings,
    principal: &Principal,
    door: &Door,
    token: Option<Token>,
) -> Result<Made, KubeconfigError> {
    let user = principal.user();
    let policy = Policy::new(settings.policy);
    let reaches = |cluster: &&ClusterName| {
        [Permission::Exec, Permission::Attach]
            .into_iter()
            .any(|permission| policy.reaches(principal, permission, cluster))
    };
    let names: Vec<&ClusterName> =
        settings.clusters.iter().map(|cluster| &cluster.name).filter(reaches).collect();
    let Some(first) = names.first() else {
        return Err(KubeconfigError::NothingAllowed { user: user.to_owned() });
    };
    let default = settings.default_cluster.as_ref().filter(|default| names.contains(default));
    let current = default.unwrap_or(first);
    let unread = names.iter().filter(|name| !policy.reaches(principal, Permission::Read, name));
    let mut notes: Vec<String> = unread.map(|name| without_read(user, name)).collect();
    notes.extend(token.is_none().then(|| token::instructions(user)));
    let clusters = names.iter().map(|name| (*name, policy.sole_namespace(principal, name)));
    Ok(Made { file: Kubeconfig::new(user, door, token, clusters, current), notes })
}

fn without_read(user: &str, cluster: &ClusterName) -> String {
    format!(
        "no rule lets {user:?} read on cluster {cluster}, and kubectl reads a pod before it opens a session there; add read to the verbs of a rule"
    )
}
