//! Where a request leads: to the pod that it names, or to one that a resolver finds, of which only those count that the user may open.

use tokio::sync::Semaphore;

use super::connection::Peer;
use super::journal::Finding;
use super::refusal::Refused;
use super::request::{ExecRequest, RequestError};
use super::routes::{Meaning, Place};
use super::{Front, Rooms};
use crate::identity::Principal;
use crate::policy::{Grant, Permission};
use crate::resolve::{self, ResolveError};
use crate::target::{Captures, ClusterName, ContainerName, ExecOptions, ExecTarget};

/// What a resolver is asked.
struct Question<'a> {
    resolver: &'a str,
    captures: &'a Captures,
    cluster: ClusterName,
    options: &'a ExecOptions,
}

/// The grant for what a request means.
pub(super) async fn grant(
    front: &Front,
    asked: &ExecRequest,
    principal: Principal,
    peer: &Peer,
) -> Result<Grant, Refused> {
    let rooms = &front.rooms;
    let meaning = asked.meaning(principal.user()).map_err(RequestError::from)?;
    let Meaning { cluster, place, options } = meaning;
    let default = || rooms.clusters.default_cluster().cloned();
    let cluster = cluster.or_else(default).ok_or(Refused::NoDefaultCluster)?;
    let (target, options) = match &place {
        Place::Pod(namespace, pod) => {
            (ExecTarget { cluster, namespace: namespace.clone(), pod: pod.clone() }, options)
        }
        Place::Resolve { resolver, captures } => {
            let question = Question { resolver, captures, cluster, options: &options };
            question.ask(rooms, &front.finding, &principal, peer).await?
        }
    };
    Ok(rooms.policy.authorize(principal, target, options)?)
}

impl Question<'_> {
    /// The best pod that the user may open, and its container. Whoever may open nothing on a cluster causes no question there.
    async fn ask(
        self,
        rooms: &Rooms,
        finding: &Semaphore,
        principal: &Principal,
        peer: &Peer,
    ) -> Result<(ExecTarget, ExecOptions), Refused> {
        let Self { resolver, captures, cluster, options } = self;
        rooms.policy.enter(principal, Permission::Exec, &cluster)?;
        let cluster = rooms.clusters.get(&cluster).ok_or(Refused::UnknownCluster(cluster))?;
        // The configuration lets no route name a resolver that there is not.
        let resolver = rooms.resolvers.get(resolver).ok_or(Refused::Nowhere)?;
        // Nobody closes it.
        let turn = finding.acquire().await;
        let found = resolver.find(&cluster, principal, captures).await;
        let chosen = found.and_then(|found| choose(rooms, options, principal, found));
        drop(turn);
        let told = Finding { principal, cluster: cluster.name(), resolver: resolver.name(), peer };
        chosen.map_err(|error| told.failed(error))
    }
}

/// The best of those that the user may open: its target, and its container.
fn choose(
    rooms: &Rooms,
    options: &ExecOptions,
    principal: &Principal,
    mut found: resolve::Found,
) -> Result<(ExecTarget, ExecOptions), ResolveError> {
    if let Some(container) = &options.container {
        found.container = Some(container.clone());
    }
    let may_open = |candidate: &resolve::Candidate, container: Option<&ContainerName>| {
        let options = ExecOptions { container: container.cloned(), ..options.clone() };
        rooms.policy.authorize(principal.clone(), found.target(candidate), options).is_ok()
    };
    let (target, container) = resolve::choose(&found, may_open)?;
    Ok((target, ExecOptions { container: Some(container), ..options.clone() }))
}
