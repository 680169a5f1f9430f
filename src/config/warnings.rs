//! What a configuration may say but probably should not.

use std::{fmt, net::SocketAddr, path::PathBuf};

use jiff::Timestamp;

use super::{Settings, validity, validity::Lapse};
use crate::{
    cluster::Trust,
    front::FrontendSettings,
    policy::{CommandPattern, Effect, Pattern, Permission, Rule},
    resolve::Find,
    target::ClusterName,
};

/// Something that is allowed and doubtful.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Warning {
    /// Users' tokens and terminals cross a network in the clear.
    PlainListener(SocketAddr),
    /// The cluster's credential and terminals cross a network in the clear.
    PlainCluster(ClusterName),
    /// Anybody can pose as the cluster.
    AnyCertificate(ClusterName),
    /// Who asks for what, and the secret of a target resolver, cross a network in the clear.
    PlainResolver(String),
    /// Anybody can pose as the page's server.
    AnyPage,
    /// A certificate that is out of date.
    Certificate {
        /// The file, or the place in the configuration.
        place: PathBuf,
        /// Since or until when.
        lapse: Lapse,
    },
    /// A client that types while its output waits may lose the end of it.
    NothingReadAhead,
    /// No rule allows anything.
    NothingAllowed,
    /// A pattern that no name can match.
    DeadPattern {
        /// The rule's name.
        rule: String,
        /// The list that holds the pattern.
        list: &'static str,
        /// The pattern.
        pattern: String,
    },
    /// Whatever this rule allows, another one denies.
    Overruled {
        /// The rule's name.
        rule: String,
        /// The deny rule's name.
        by: String,
    },
    /// A deny rule about exec alone, beside a rule that allows attach or read.
    StaysOpen {
        /// The deny rule's name.
        rule: String,
        /// The allow rule's name.
        by: String,
        /// What it allows.
        permission: Permission,
    },
    /// A deny rule that seems to keep only some containers or commands from being read, and keeps whole pods.
    ReadOfParts {
        /// The deny rule's name.
        rule: String,
        /// What does not limit a read.
        list: &'static str,
    },
}

/// All warnings about `settings`.
pub fn warnings(settings: &Settings) -> Vec<Warning> {
    let mut warnings = Vec::new();
    for listener in &settings.front.listeners {
        if listener.tls.is_none() && !listener.address.ip().is_loopback() {
            warnings.push(Warning::PlainListener(listener.address));
        }
    }
    for cluster in &settings.clusters {
        if cluster.trust == Trust::Insecure {
            warnings.push(Warning::AnyCertificate(cluster.name.clone()));
        }
        if !cluster.server.is_tls() {
            warnings.push(Warning::PlainCluster(cluster.name.clone()));
        }
    }
    for resolver in &settings.resolvers {
        if let Find::Http(service) = &resolver.find
            && !service.url.is_tls()
            && !service.url.is_loopback()
        {
            warnings.push(Warning::PlainResolver(resolver.name.clone()));
        }
    }
    if let Some(FrontendSettings::Server(server)) = &settings.front.frontend
        && server.trust == Trust::Insecure
    {
        warnings.push(Warning::AnyPage);
    }
    warnings.extend(validity::lapsed(settings, Timestamp::now()));
    if settings.relay.read_ahead == 0 {
        warnings.push(Warning::NothingReadAhead);
    }
    let rules = &settings.policy.rules;
    if !rules.iter().any(|rule| rule.effect == Effect::Allow) {
        warnings.push(Warning::NothingAllowed);
    }
    for rule in rules {
        warnings.extend(dead_patterns(rule));
        warnings.extend(overruled(rule, rules));
        warnings.extend(stays_open(rule, rules));
        warnings.extend(read_of_parts(rule));
    }
    warnings
}

/// Patterns with a character that no name of Kubernetes has, and programs that are refused whatever the rule says.
fn dead_patterns(rule: &Rule) -> Vec<Warning> {
    let label = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-*?".contains(c);
    let subdomain = |c: char| label(c) || c == '.';
    let names = |list: &'static str, patterns: &[Pattern], allowed: &dyn Fn(char) -> bool| {
        let texts = patterns.iter().map(ToString::to_string);
        texts.filter(|text| !text.chars().all(allowed)).map(|text| (list, text)).collect::<Vec<_>>()
    };
    let program_is_dead = |command: &CommandPattern| {
        let text = command.to_string();
        text.split(' ').next().unwrap_or_default().split('/').any(|part| part == "..")
    };
    let commands = rule.commands.iter().filter(|command| program_is_dead(command));
    let dead = [
        names("namespaces", &rule.namespaces, &label),
        names("pods", &rule.pods, &subdomain),
        names("containers", &rule.containers, &label),
        commands.map(|command| ("commands", command.to_string())).collect(),
    ];
    let warning = |(list, pattern)| Warning::DeadPattern { rule: rule.name.clone(), list, pattern };
    dead.into_iter().flatten().map(warning).collect()
}

fn overruled(rule: &Rule, rules: &[Rule]) -> Option<Warning> {
    if rule.effect == Effect::Deny {
        return None;
    }
    let by = rules.iter().find(|other| other.effect == Effect::Deny && covers_rule(other, rule))?;
    Some(Warning::Overruled { rule: rule.name.clone(), by: by.name.clone() })
}

/// A rule that names no verb is about exec; who writes `deny` without verbs rarely means to leave the others. One that names exec
/// and attach leaves read on purpose.
fn stays_open(rule: &Rule, rules: &[Rule]) -> Vec<Warning> {
    let exec_alone = rule.verbs == [Permission::Exec];
    let leaves = |permission: &Permission| match permission {
        Permission::Exec => false,
        Permission::Attach => !rule.verbs.contains(permission),
        Permission::Read => exec_alone,
    };
    let by = |permission| {
        let allows = |other: &&Rule| other.effect == Effect::Allow && other.verbs.contains(&permission);
        let by = rules.iter().find(allows)?.name.clone();
        Some(Warning::StaysOpen { rule: rule.name.clone(), by, permission })
    };
    let denies = rule.effect == Effect::Deny && rule.commands.is_empty();
    let left = [Permission::Attach, Permission::Read].into_iter().filter(|_| denies).filter(leaves);
    left.filter_map(by).collect()
}

fn read_of_parts(rule: &Rule) -> Option<Warning> {
    let list = match rule {
        Rule { containers, .. } if !containers.is_empty() => "containers",
        Rule { commands, .. } if !commands.is_empty() => "commands",
        _ => return None,
    };
    let denies_read = rule.effect == Effect::Deny && rule.verbs.contains(&Permission::Read);
    denies_read.then(|| Warning::ReadOfParts { rule: rule.name.clone(), list })
}

/// Whether all that `narrow` matches is plainly matched by `wide` too.
fn covers_rule(wide: &Rule, narrow: &Rule) -> bool {
    let anything = Pattern::new("*");
    let everybody = wide.subjects.users.contains(&anything);
    let subjects = narrow.subjects.users.iter().all(|user| wide.subjects.users.contains(user))
        && narrow.subjects.groups.iter().all(|group| wide.subjects.groups.contains(group));
    (everybody || subjects)
        && narrow.verbs.iter().all(|verb| wide.verbs.contains(verb))
        && covers(&wide.clusters, &narrow.clusters, &anything)
        && covers(&wide.namespaces, &narrow.namespaces, &anything)
        && covers(&wide.pods, &narrow.pods, &anything)
        && covers(&wide.containers, &narrow.containers, &anything)
        && covers(&wide.commands, &narrow.commands, &CommandPattern::new(["**"]))
}

/// An empty list matches anything.
fn covers<P: PartialEq>(wide: &[P], narrow: &[P], anything: &P) -> bool {
    let each = || !narrow.is_empty() && narrow.iter().all(|pattern| wide.contains(pattern));
    wide.is_empty() || wide.contains(anything) || each()
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PlainListener(address) => write!(
                f,
                "{address} is reachable from the network and has no TLS: tokens and terminals can be read on the way; give it `tls`, \
                 or listen on 127.0.0.1 behind something that ends TLS"
            ),
            Self::PlainCluster(name) => write!(
                f,
                "cluster {name} is reached without TLS: its credential and terminals can be read on the way; write https://"
            ),
            Self::PlainResolver(name) => write!(
                f,
                "target resolver {name} asks its service without TLS: the secret can be read and the answer changed on the way; write \
                 https://"
            ),
            Self::AnyCertificate(name) => write!(
                f,
                "cluster {name} is believed whatever certificate it shows (insecureSkipTlsVerify): whoever stands between can take \
                 over sessions; name its certificateAuthority"
            ),
            Self::AnyPage => f.write_str(
                "the page's server is believed whatever certificate it shows (frontend.server.insecureSkipTlsVerify): whoever stands \
                 between can put another page in front of your users' terminals; name its certificateAuthority",
            ),
            Self::Certificate { place, lapse } => {
                let (words, date) = match lapse {
                    Lapse::Expired(date) => ("expired on", date),
                    Lapse::NotYetValid(date) => ("is not valid before", date),
                };
                let date = date.strftime("%Y-%m-%d %H:%M UTC");
                write!(
                    f,
                    "{}: the certificate {words} {date}: connections with it will fail; renew it, or set this machine's clock",
                    place.display()
                )
            }
            Self::NothingReadAhead => f.write_str(
                "sessions.readAhead is 0: a client that types while its output waits may lose the end of it and the exit code; \
                 leave the key out, or give it some memory",
            ),
            Self::NothingAllowed => {
                f.write_str("no rule allows anything: everybody is denied; add a rule with effect allow")
            }
            Self::DeadPattern { rule, list, pattern } => {
                write!(f, "rule {rule:?} can't match through {pattern:?} in {list}: {}", reason(list))
            }
            Self::StaysOpen { rule, by, permission } => write!(
                f,
                "rule {rule:?} does not deny {permission}, and rule {by:?} allows it; add {permission} to the verbs that it denies"
            ),
            Self::ReadOfParts { rule, list } => write!(
                f,
                "rule {rule:?} denies reading the pods that it is about as a whole, because {list} do not limit read; give read a \
                 rule of its own, or take it out"
            ),
            Self::Overruled { rule, by } => {
                write!(f, "rule {rule:?} can never decide: rule {by:?} denies all that it allows")
            }
        }
    }
}

fn reason(list: &str) -> &'static str {
    match list {
        "commands" => "a program's path with .. is never matched",
        "pods" => "names have only lower-case letters, digits, - and .",
        _ => "names have only lower-case letters, digits and -",
    }
}
