//! Tries one cluster: reaches it and asks it about execgate.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::findings::{Done, Everybody, Excess, Extent, Findings, Impersonation};
use super::wants::{Duty, Places, Wanted, Wants};
use super::words::date;
use crate::cluster::{Access, AskError, Cluster, SendError};
use crate::identity::Principal;
use crate::target::{ClusterName, Namespace};

/// Why a cluster could not be judged.
#[derive(Debug, thiserror::Error)]
pub(super) enum TrialError {
    #[error(transparent)]
    Ask(#[from] AskError),
    #[error(
        "the API server of cluster {cluster} did not answer every question within {limit:?}; check that it works, or raise connectTimeout"
    )]
    Slow { cluster: ClusterName, limit: Duration },
    #[error(
        "cluster {cluster} does not accept execgate's credential, {credential}: the token ended on {ended}; put a new one there, as of kubectl -n execgate create token execgate --duration=24h"
    )]
    Ended { cluster: ClusterName, credential: String, ended: String },
}

/// What is asked of one cluster.
pub(super) struct Trial {
    pub(super) cluster: Arc<Cluster>,
    pub(super) wants: Wants,
    /// Who may be impersonated, if anybody is to be.
    pub(super) people: Vec<Principal>,
}

/// Questions at once: enough to hide a long way, few enough to be no burden.
const AT_ONCE: usize = 8;
/// All questions together may take so many connect timeouts.
const PATIENCE: u32 = 3;

impl Trial {
    /// Asks everything.
    pub(super) async fn run(&self) -> Result<Findings, TrialError> {
        let limit = self.cluster.settings().connect_timeout * PATIENCE;
        let findings = timeout(limit, self.findings()).await;
        let slow = || TrialError::Slow { cluster: self.cluster.name().clone(), limit };
        match findings.map_err(|_| slow())? {
            Err(AskError::Send(SendError::CredentialRefused { cluster, credential, answer })) => {
                Err(match self.end_of_token().await {
                    Some(ended) => TrialError::Ended { cluster, credential, ended },
                    None => {
                        AskError::from(SendError::CredentialRefused { cluster, credential, answer }).into()
                    }
                })
            }
            findings => Ok(findings?),
        }
    }

    /// When the token ended, by its own word.
    async fn end_of_token(&self) -> Option<String> {
        let end = self.cluster.claims().await?.expires?;
        (end < Timestamp::now()).then(|| date(end).to_string())
    }

    async fn findings(&self) -> Result<Findings, AskError> {
        // Alone and first: what can be wrong with the way is wrong once.
        let version = self.cluster.version().await?;
        let identity = self.cluster.identity().await?;
        let impersonates = self.cluster.impersonate();
        Ok(Findings {
            version,
            identity,
            claims: self.cluster.claims().await,
            duties: if impersonates { Vec::new() } else { self.duties().await? },
            excess: self.excess().await?,
            impersonation: if impersonates { Some(self.impersonation().await?) } else { None },
        })
    }

    async fn duties(&self) -> Result<Vec<Done>, AskError> {
        let duties = &self.wants.duties;
        let everywhere = self.missing(duties.iter().map(|wanted| wanted.duty.accesses()).collect()).await?;
        let mut found = Vec::with_capacity(duties.len());
        for (Wanted { duty, need, places }, missing) in duties.iter().zip(everywhere) {
            let extent = match places {
                _ if missing.is_empty() => Extent::Everywhere,
                Places::Named(names) if duty.is_namespaced() => self.in_namespaces(*duty, names).await?,
                Places::Named(_) | Places::Every | Places::Matching(_) => Extent::Lacking(missing),
            };
            found.push(Done { duty: *duty, need: *need, extent });
        }
        Ok(found)
    }

    async fn in_namespaces(&self, duty: Duty, names: &[Namespace]) -> Result<Extent, AskError> {
        let accesses = duty.accesses();
        let in_each = |name: &Namespace| accesses.iter().map(|access| access.in_namespace(name)).collect();
        let missing = self.missing(names.iter().map(in_each).collect()).await?;
        Ok(Extent::In(names.iter().cloned().zip(missing).collect()))
    }

    /// What execgate never does, of the things that a thief of its credential would like most.
    async fn excess(&self) -> Result<Vec<Excess>, AskError> {
        let all = Excess::ALL.into_iter().filter(|excess| {
            // Where users are impersonated, that is judged apart.
            !(self.cluster.impersonate() && *excess == Excess::Impersonate)
        });
        let all: Vec<Excess> = all.collect();
        let missing = self.missing(all.iter().map(|excess| vec![excess.access()]).collect()).await?;
        let held = all.into_iter().zip(missing).filter(|(_, missing)| missing.is_empty());
        let held: Vec<Excess> = held.map(|(excess, _)| excess).collect();
        Ok(if held.contains(&Excess::Everything) { vec![Excess::Everything] } else { held })
    }

    async fn impersonation(&self) -> Result<Impersonation, AskError> {
        let [users, groups] = ["users", "groups"].map(|kind| Access::new("impersonate", kind));
        let everybody = self.missing(vec![vec![users.clone()], vec![groups.clone()]]).await?;
        let (any_user, any_group) = (everybody[0].is_empty(), everybody[1].is_empty());
        let mut people: Vec<Access> = Vec::new();
        if !any_user {
            people.extend(distinct(self.people.iter().map(Principal::user)).map(|name| users.named(name)));
        }
        if !any_group {
            let names = self.people.iter().flat_map(Principal::groups).map(String::as_str);
            people.extend(distinct(names).map(|name| groups.named(name)));
        }
        let missing = self.missing(people.into_iter().map(|access| vec![access]).collect()).await?;
        Ok(Impersonation {
            everybody: if any_user || any_group { Everybody::May } else { Everybody::MayNot },
            missing: missing.into_iter().flatten().collect(),
        })
    }

    /// Of each list of rights, those that the credential does not have.
    async fn missing(&self, lists: Vec<Vec<Access>>) -> Result<Vec<Vec<Access>>, AskError> {
        let slots = Arc::new(Semaphore::new(AT_ONCE));
        let mut questions = JoinSet::new();
        for (list, accesses) in lists.iter().enumerate() {
            for (place, access) in accesses.iter().cloned().enumerate() {
                let (cluster, slots) = (Arc::clone(&self.cluster), Arc::clone(&slots));
                questions.spawn(async move {
                    let _slot = slots.acquire().await;
                    (list, place, cluster.allows(&access).await)
                });
            }
        }
        let mut allowed: Vec<Vec<bool>> = lists.iter().map(|list| vec![false; list.len()]).collect();
        while let Some(answered) = questions.join_next().await {
            let (list, place, answer) = answered.expect("no question panics");
            allowed[list][place] = answer?;
        }
        let lacking = |(list, allowed): (Vec<Access>, Vec<bool>)| {
            let pairs = list.into_iter().zip(allowed);
            pairs.filter(|(_, allowed)| !allowed).map(|(access, _)| access).collect()
        };
        Ok(lists.into_iter().zip(allowed).map(lacking).collect())
    }
}

/// Each name once.
fn distinct<'a>(names: impl Iterator<Item = &'a str>) -> impl Iterator<Item = &'a str> {
    let mut names: Vec<&str> = names.collect();
    names.sort_unstable();
    names.dedup();
    names.into_iter()
}
