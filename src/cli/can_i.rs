//! `execgate can-i`: what the policy says to somebody, and why.

use std::{
    fmt,
    io::{self, Write as _},
    path::PathBuf,
    process::ExitCode,
    str::FromStr,
};

use clap::{Args, ValueEnum};

use super::EXIT_USAGE;
use crate::{
    config::{self, Surroundings},
    identity::{Principal, UsersFile, UsersFileError, UsersFileSettings},
    policy::{self, Decision, Effect, Policy},
    target::{
        ClusterName, Command, ContainerName, ExecOptions, ExecTarget, NameError, Namespace, PodName,
        ReadTarget, Resource, Streams, Verb,
    },
};

/// Ask the policy whether a user may open a session or read a pod, without doing it.
///
/// Prints yes or no, the rule that decides, and, where no rule does, how far the rules about this user reach.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct CanI {
    /// The configuration file
    #[arg(long, value_name = "FILE", env = "EXECGATE_CONFIG")]
    config: PathBuf,
    /// Who asks
    #[arg(long, value_name = "NAME")]
    user: String,
    /// A group that the user is in; may be repeated. Without it, the groups of that user in the users files are taken
    #[arg(long = "group", value_name = "NAME")]
    groups: Vec<String>,
    /// What for
    #[arg(long, value_enum, default_value_t = AskedVerb::Exec)]
    verb: AskedVerb,
    /// In which container; without it, the one that the API server would choose
    #[arg(long, value_name = "NAME", value_parser = |text: &str| ContainerName::parse(text))]
    container: Option<ContainerName>,
    /// The cluster, by its name in the configuration
    #[arg(value_name = "CLUSTER", value_parser = |text: &str| ClusterName::parse(text))]
    cluster: ClusterName,
    /// The namespace and the pod in it
    #[arg(value_name = "NAMESPACE/POD")]
    pod: PodPath,
    /// The command to run, after `--`
    #[arg(last = true, value_name = "COMMAND")]
    command: Vec<String>,
}

const EXAMPLES: &str = "\
Examples:
  execgate can-i --config config.yaml --user alice prod team-a/web-0 -- sh
  execgate can-i --config config.yaml --user jo --group developers --verb attach prod team-a/web-0

Exit codes: 0 yes, 1 no, 64 the question makes no sense or the configuration is wrong.";

/// What is asked for, as it is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum AskedVerb {
    /// Start a command
    Exec,
    /// Join the container's main process
    Attach,
    /// Read the pod, as kubectl does before an exec
    Read,
}

/// `NAMESPACE/POD`.
#[derive(Debug, Clone)]
struct PodPath {
    namespace: Namespace,
    pod: PodName,
}

/// Why a text is no `NAMESPACE/POD`.
#[derive(Debug, thiserror::Error)]
enum PodPathError {
    #[error("write the namespace and the pod with one slash between them, as in default/web-0")]
    NoSlash,
    #[error(transparent)]
    Name(#[from] NameError),
}

impl FromStr for PodPath {
    type Err = PodPathError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (namespace, pod) = text.split_once('/').ok_or(PodPathError::NoSlash)?;
        Ok(Self { namespace: Namespace::parse(namespace)?, pod: PodName::parse(pod)? })
    }
}

/// Why the question can't be asked.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
enum QuestionError {
    #[error("no cluster {asked:?} in the configuration; it has {known}")]
    UnknownCluster { asked: String, known: String },
    #[error("attach runs no command; leave out what follows `--`, or ask with --verb exec")]
    CommandForAttach,
    #[error("read shows a whole pod; leave out --container and what follows `--`, or ask with --verb exec")]
    PartOfARead,
    #[error("users files list {user:?} with different groups; say which with --group")]
    AmbiguousGroups { user: String },
}

/// Exit code of a no.
const NO: u8 = 1;

/// Runs the command. Of the files that the configuration names only the users files are read: the policy is judged alike wherever
/// the clusters' secrets are.
pub(super) fn run(arguments: CanI) -> ExitCode {
    let settings = match config::load_for(&arguments.config, Surroundings::Elsewhere) {
        Ok(settings) => settings,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::from(EXIT_USAGE);
        }
    };
    let users = match arguments.listed(settings.users_files) {
        Ok(users) => users,
        Err(error) => {
            eprintln!("{:#}", anyhow::Error::from(error));
            eprintln!("Put that right, or say with --group which groups the user is in.");
            return ExitCode::from(EXIT_USAGE);
        }
    };
    let clusters: Vec<ClusterName> = settings.clusters.into_iter().map(|cluster| cluster.name).collect();
    arguments.run(settings.policy, &clusters, users)
}

impl CanI {
    /// Everybody in the users files; nobody if they need not be looked at.
    fn listed(&self, files: Vec<UsersFileSettings>) -> Result<Vec<Principal>, UsersFileError> {
        let mut users = Vec::new();
        if self.groups.is_empty() {
            for file in files {
                users.extend(UsersFile::load(file)?.principals());
            }
        }
        Ok(users)
    }

    /// Asks `policy`, and prints what it says. `users` are those that the users files list.
    fn run(
        self,
        policy: policy::Settings,
        clusters: &[ClusterName],
        users: impl IntoIterator<Item = Principal>,
    ) -> ExitCode {
        match self.question(clusters, users) {
            Ok(question) => {
                let policy = Policy::new(policy);
                let answer = question.ask(&policy);
                // Who closes the pipe early has read enough; the exit code says the rest.
                let _ = io::stdout().write_all(answer.to_string().as_bytes());
                answer.exit_code()
            }
            Err(error) => {
                eprintln!("execgate can-i: {error}");
                ExitCode::from(EXIT_USAGE)
            }
        }
    }

    fn question(
        self,
        clusters: &[ClusterName],
        users: impl IntoIterator<Item = Principal>,
    ) -> Result<Question, QuestionError> {
        if !clusters.contains(&self.cluster) {
            let known: Vec<&str> = clusters.iter().map(ClusterName::as_str).collect();
            return Err(QuestionError::UnknownCluster {
                asked: self.cluster.to_string(),
                known: known.join(", "),
            });
        }
        let wish = wish(self.verb, self.cluster, self.pod, self.container, self.command)?;
        let (principal, source) = principal(self.user, self.groups, users)?;
        Ok(Question { principal, source, wish })
    }
}

fn wish(
    verb: AskedVerb,
    cluster: ClusterName,
    PodPath { namespace, pod }: PodPath,
    container: Option<ContainerName>,
    command: Vec<String>,
) -> Result<Wish, QuestionError> {
    let verb = match verb {
        AskedVerb::Read if container.is_some() || !command.is_empty() => {
            return Err(QuestionError::PartOfARead);
        }
        AskedVerb::Read => {
            return Ok(Wish::Read(ReadTarget { cluster, resource: Resource::Pod(namespace, pod) }));
        }
        AskedVerb::Attach if !command.is_empty() => return Err(QuestionError::CommandForAttach),
        AskedVerb::Attach => Verb::Attach,
        AskedVerb::Exec => Verb::Exec,
    };
    let options =
        ExecOptions { verb, container, command: Command::new(command), streams: Streams::default() };
    Ok(Wish::Session(ExecTarget { cluster, namespace, pod }, options))
}

/// Whom to judge, and how their groups are known.
fn principal(
    user: String,
    groups: Vec<String>,
    users: impl IntoIterator<Item = Principal>,
) -> Result<(Principal, GroupsSource), QuestionError> {
    if !groups.is_empty() {
        return Ok((Principal::for_explaining(user, groups), GroupsSource::Given));
    }
    let mut listed = users.into_iter().filter(|listed| listed.user() == user);
    let Some(first) = listed.next() else {
        return Ok((Principal::for_explaining(user, groups), GroupsSource::Unlisted));
    };
    if listed.any(|other| other != first) {
        return Err(QuestionError::AmbiguousGroups { user });
    }
    Ok((first, GroupsSource::UsersFile))
}

/// How the groups of the one who asks are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum GroupsSource {
    /// By `--group`.
    Given,
    /// From a users file.
    UsersFile,
    /// Not at all: no users file lists the user, and no group was given.
    Unlisted,
}

/// All that is asked.
#[derive(Debug)]
struct Question {
    principal: Principal,
    source: GroupsSource,
    wish: Wish,
}

/// What for.
#[derive(Debug)]
enum Wish {
    Session(ExecTarget, ExecOptions),
    Read(ReadTarget),
}

impl Question {
    fn ask<'a>(&'a self, policy: &'a Policy) -> Answer<'a> {
        let decision = match &self.wish {
            Wish::Session(target, options) => policy.explain(&self.principal, target, options),
            Wish::Read(target) => policy.explain_read(&self.principal, target),
        };
        Answer { question: self, decision }
    }
}

/// What is printed.
struct Answer<'a> {
    question: &'a Question,
    decision: Decision<'a>,
}

impl Answer<'_> {
    fn exit_code(&self) -> ExitCode {
        match self.decision.effect() {
            Effect::Allow => ExitCode::SUCCESS,
            Effect::Deny => ExitCode::from(NO),
        }
    }
}

impl fmt::Display for Answer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let answer = match self.decision.effect() {
            Effect::Allow => "yes",
            Effect::Deny => "no",
        };
        writeln!(f, "{answer}\n{}", self.decision)?;
        let near_misses = self.decision.near_misses();
        if self.decision.rule().is_none() && near_misses.is_empty() {
            writeln!(f, "  no allow rule is about this user or these groups")?;
        }
        for near_miss in near_misses {
            writeln!(f, "  {near_miss}")?;
        }
        writeln!(f, "{}", Groups(self.question))
    }
}

/// The sentence about the user's groups.
struct Groups<'a>(&'a Question);

impl fmt::Display for Groups<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let principal = &self.0.principal;
        let groups = match principal.groups() {
            [] => "no groups".to_owned(),
            groups => format!("groups {}", groups.join(", ")),
        };
        let source = match self.0.source {
            GroupsSource::Given => "as given",
            GroupsSource::UsersFile => "from the users file",
            GroupsSource::Unlisted => "no users file lists this user; name groups with --group",
        };
        write!(f, "judged with {groups} ({source})")
    }
}

#[cfg(test)]
mod tests;
