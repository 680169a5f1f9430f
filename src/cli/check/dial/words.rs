//! What is told of one cluster: facts for stdout, problems and warnings for stderr.

use jiff::{SignedDuration, Timestamp};

use super::findings::{Done, Everybody, Excess, Findings, Lack};
use super::grant;
use super::trial::Trial;
use super::wants::{Need, Places};
use crate::cluster::{self, Access, CredentialSettings, Trust};

/// All of it, a line each.
#[derive(Debug, Default)]
pub(super) struct Told {
    pub(super) facts: Vec<String>,
    pub(super) problems: Vec<String>,
    pub(super) warnings: Vec<String>,
}

impl Told {
    /// What follows from `findings`, which are those of `trial`.
    pub(super) fn of(trial: &Trial, findings: &Findings, now: Timestamp) -> Self {
        let mut told = Self::default();
        let settings = trial.cluster.settings();
        told.facts.push(whereabouts(settings, findings));
        told.facts.extend(identity(findings, now));
        told.duties(trial, findings);
        told.impersonation(findings);
        told.warnings.extend(excess(findings));
        told.warnings.extend(token_that_ends(settings, findings));
        for line in told.problems.iter_mut().chain(&mut told.warnings) {
            *line = format!("cluster {}: {line}", settings.name);
        }
        told
    }

    /// Nothing but why the cluster could not be judged.
    pub(super) fn failure(problem: String) -> Self {
        Self { problems: vec![problem], ..Self::default() }
    }

    fn duties(&mut self, trial: &Trial, findings: &Findings) {
        self.facts.extend(held(&findings.duties));
        let mut namespaces = Vec::new();
        for done in &findings.duties {
            for lack in done.lacks() {
                self.lack(findings, done, &lack);
                namespaces.extend(lack.namespace.filter(|_| done.need == Need::Needed));
            }
        }
        namespaces.sort();
        namespaces.dedup();
        // Once, behind the last of what it mends.
        let last = if self.problems.is_empty() { &mut self.warnings } else { &mut self.problems };
        if let Some(last) = last.last_mut() {
            let grant = grant::advice(findings.identity.as_ref(), &namespaces);
            *last = format!("{last}; {grant}{}", elsewhere(&trial.wants.places));
        }
    }

    fn lack(&mut self, findings: &Findings, done: &Done, lack: &Lack<'_>) {
        let duty = done.duty.words();
        let place = match lack.namespace {
            Some(name) => format!("in namespace {name}"),
            None if done.duty.is_namespaced() => "in every namespace".to_owned(),
            None => "at all".to_owned(),
        };
        let felt = findings.felt(lack.missing);
        if done.need == Need::Welcome {
            self.facts
                .push(format!("execgate may not {duty} {place}; nothing in the configuration needs it"));
        } else if felt.is_empty() {
            let missing = rights(lack.missing);
            self.warnings.push(format!(
                "execgate may {duty} {place}, but lacks {missing}, for which Kubernetes 1.35 and later ask too"
            ));
        } else {
            self.problems.push(format!("execgate may not {duty} {place}: it lacks {}", rights(felt)));
        }
    }

    fn impersonation(&mut self, findings: &Findings) {
        let Some(impersonation) = &findings.impersonation else { return };
        let names = impersonation.missing.iter().map(|access| {
            let kind = access.resource.trim_end_matches('s');
            format!("{kind} {:?}", access.name.as_deref().unwrap_or_default())
        });
        let names: Vec<String> = names.collect();
        if names.is_empty() {
            self.facts.push(
                "execgate may impersonate every user and group of the users files; what they may do there is for this cluster to say"
                    .to_owned(),
            );
        } else {
            self.problems.push(format!(
                "execgate may not impersonate {}; name them under resourceNames in what `execgate rbac --impersonation` prints, and apply it",
                join(&names)
            ));
        }
        if impersonation.everybody == Everybody::May {
            self.warnings.push(
                "execgate may impersonate anybody, and so whoever steals its credential may do everything; name your users and groups under resourceNames, as `execgate rbac --impersonation` shows"
                    .to_owned(),
            );
        }
    }
}

fn whereabouts(settings: &cluster::Settings, findings: &Findings) -> String {
    let version = findings.version.as_ref().map_or("an API server", |version| version.git_version.as_str());
    let certificate = match settings.trust {
        _ if !settings.server.is_tls() => "there is no TLS",
        Trust::Insecure => "its certificate was not looked at",
        Trust::SystemRoots | Trust::File(_) | Trust::Inline(_) => "its certificate is right",
    };
    format!("{} answers, Kubernetes {version}; {certificate}", settings.server)
}

fn identity(findings: &Findings, now: Timestamp) -> Option<String> {
    let claims = findings.claims.as_ref();
    let name = findings.identity.as_ref().map(|identity| identity.username.as_str());
    let name = name.or(claims?.subject.as_deref())?;
    let until = match claims.map(|claims| claims.expires) {
        Some(Some(end)) => format!(", with a token that ends on {} ({})", date(end), distance(end, now)),
        Some(None) => ", with a token that does not end".to_owned(),
        None => String::new(),
    };
    Some(format!("execgate is {name} there{until}"))
}

/// What can be done and where: one line for each "where".
fn held(duties: &[Done]) -> Vec<String> {
    let mut places: Vec<(String, Vec<&str>)> = Vec::new();
    for done in duties {
        let Some(place) = done.place() else { continue };
        match places.iter_mut().find(|(other, _)| *other == place) {
            Some((_, duties)) => duties.push(done.duty.words()),
            None => places.push((place, vec![done.duty.words()])),
        }
    }
    let line = |(place, duties): &(String, Vec<&str>)| {
        format!("execgate may {} {place}", join(duties)).trim_end().to_owned()
    };
    places.iter().map(line).collect()
}

fn elsewhere(places: &Places) -> String {
    match places {
        Places::Named(_) => String::new(),
        Places::Every => {
            "; if it is meant for some namespaces only, name them in the rules, or here with --namespace"
                .to_owned()
        }
        Places::Matching(patterns) => format!(
            "; if it has the right in each namespace of {} apart, say with --namespace which to ask about",
            join(patterns)
        ),
    }
}

fn excess(findings: &Findings) -> Option<String> {
    let words: Vec<&str> = findings.excess.iter().map(|excess: &Excess| excess.words()).collect();
    (!words.is_empty()).then(|| {
        format!(
            "execgate's credential may also {}, which execgate never does, but whoever steals it could; use an account that has no more than `execgate rbac` gives",
            join(&words)
        )
    })
}

/// Nobody renews what stands in an environment variable.
fn token_that_ends(settings: &cluster::Settings, findings: &Findings) -> Option<String> {
    let CredentialSettings::TokenEnv(variable) = &settings.credential else { return None };
    let end = findings.claims.as_ref()?.expires?;
    Some(format!(
        "the token in the environment variable {variable} ends on {}, and execgate reads it only at start; a tokenFile can be renewed while execgate runs",
        date(end)
    ))
}

/// "get and create on pods/exec".
fn rights<'a>(accesses: impl IntoIterator<Item = &'a Access>) -> String {
    let accesses: Vec<&Access> = accesses.into_iter().collect();
    let verbs: Vec<&str> = accesses.iter().map(|access| access.verb).collect();
    let resource = accesses.first().map_or("", |access| access.resource);
    format!("{} on {resource}", join(&verbs))
}

/// `a`, `a and b`, `a, b and c`.
pub(super) fn join(words: &[impl AsRef<str>]) -> String {
    match words {
        [] => String::new(),
        [only] => only.as_ref().to_owned(),
        [before @ .., last] => {
            let before: Vec<&str> = before.iter().map(AsRef::as_ref).collect();
            format!("{} and {}", before.join(", "), last.as_ref())
        }
    }
}

pub(super) fn date(moment: Timestamp) -> impl std::fmt::Display {
    moment.strftime("%Y-%m-%d %H:%M UTC")
}

/// Roughly how far off.
fn distance(end: Timestamp, now: Timestamp) -> String {
    let left = end.duration_since(now);
    let words = |count: i64, unit: &str| {
        let plural = if count == 1 { "" } else { "s" };
        format!("in {count} {unit}{plural}")
    };
    match (left.as_hours(), left.as_mins()) {
        _ if left <= SignedDuration::ZERO => "which is past".to_owned(),
        (48.., _) => words(left.as_hours() / 24, "day"),
        (2.., _) => words(left.as_hours(), "hour"),
        (_, minutes) => words(minutes, "minute"),
    }
}
