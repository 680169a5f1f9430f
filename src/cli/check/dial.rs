//! `execgate check --dial`: tries each cluster, and says what execgate's credential may do there.

mod findings;
mod grant;
mod trial;
mod wants;
mod words;

use std::sync::Arc;

use anyhow::Context as _;
use jiff::Timestamp;
use tokio::task::JoinHandle;

use self::findings::Findings;
use self::trial::{Trial, TrialError};
use self::wants::{Finding, Wants};
use self::words::Told;
use crate::cluster::Cluster;
use crate::config::Settings;
use crate::front::{RoutePlace, RouteSettings};
use crate::identity::{Principal, UsersFile};
use crate::target::{ClusterName, Namespace};

/// Whether every cluster would work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// All of them.
    Works,
    /// At least one does not.
    Fails,
}

/// Tries all clusters at once and tells of each in the configuration's order. `namespaces` are those to ask about, if not the
/// policy's.
pub(super) fn run(settings: &Settings, namespaces: &[Namespace]) -> anyhow::Result<Verdict> {
    let runtime = tokio::runtime::Runtime::new().context("cannot start the runtime")?;
    runtime.block_on(tell_all(settings, namespaces))
}

async fn tell_all(settings: &Settings, namespaces: &[Namespace]) -> anyhow::Result<Verdict> {
    let people = people(settings)?;
    let mut trials = Vec::new();
    for cluster in &settings.clusters {
        let trial = Trial {
            wants: Wants::of(
                &cluster.name,
                &settings.policy.rules,
                namespaces,
                finding(settings, &cluster.name),
            ),
            cluster: Arc::new(Cluster::new(cluster.clone())?),
            people: people.clone(),
        };
        trials.push(tokio::spawn(async move {
            let findings = trial.run().await;
            (trial, findings)
        }));
    }
    println!("\nClusters, tried now");
    let (all, mut failed) = (trials.len(), 0);
    for trial in trials {
        failed += usize::from(tell(trial).await == Verdict::Fails);
    }
    if failed == 0 {
        println!("\n{}", if all == 1 { "The cluster would work." } else { "Every cluster would work." });
        return Ok(Verdict::Works);
    }
    println!("\n{failed} of {all} would not work.");
    Ok(Verdict::Fails)
}

/// Whether a route with a resolver may lead to that cluster.
fn finding(settings: &Settings, cluster: &ClusterName) -> Finding {
    let leads_there = |route: &RouteSettings| match &route.cluster {
        None => settings.default_cluster.as_ref() == Some(cluster),
        Some(name) => name.captures().next().is_some() || name.to_string() == cluster.as_str(),
    };
    let resolves = |route: &RouteSettings| matches!(route.place, RoutePlace::Resolver(_));
    if settings.front.routes.iter().any(|route| resolves(route) && leads_there(route)) {
        Finding::ByResolvers
    } else {
        Finding::ByName
    }
}

async fn tell(trial: JoinHandle<(Trial, Result<Findings, TrialError>)>) -> Verdict {
    let (trial, findings) = trial.await.expect("a trial does not panic");
    let name = trial.cluster.name();
    let (verdict, told) = match findings {
        Ok(findings) => {
            let verdict = if findings.would_work() { Verdict::Works } else { Verdict::Fails };
            (verdict, Told::of(&trial, &findings, Timestamp::now()))
        }
        Err(error) => {
            // It names the cluster itself.
            (Verdict::Fails, Told::failure(format!("{:#}", anyhow::Error::from(error))))
        }
    };
    let works = match verdict {
        Verdict::Works => "would work",
        Verdict::Fails => "would not work",
    };
    println!("  {name}: {works}");
    for fact in told.facts {
        println!("    {fact}");
    }
    for problem in told.problems {
        eprintln!("{problem}");
    }
    for warning in told.warnings {
        eprintln!("warning: {warning}");
    }
    verdict
}

/// Everybody whom the users files list.
fn people(settings: &Settings) -> anyhow::Result<Vec<Principal>> {
    let mut people = Vec::new();
    for file in &settings.users_files {
        people.extend(UsersFile::load(file.clone())?.principals());
    }
    Ok(people)
}
