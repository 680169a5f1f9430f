//! Where a request leads: to the pod that it names, or to one that a resolver finds, of which only those count that the user may open.

use super::journal::Finding;
use super::refusal::Refused;
use super::request::ExecRequest;
use super::routes::Place;
use super::{Rooms, connection::Peer};
use crate::identity::Principal;
use crate::policy::{Grant, Permission};
use crate::resolve::{self, ResolveError};
use crate::target::{Captures, ClusterName, ExecOptions, ExecTarget};

/// The grant for what a request means. Whoever may open nothing on a cluster causes no question there.
pub(super) async fn grant(
    rooms: &Rooms,
    asked: &ExecRequest,
    principal: Principal,
    cluster: ClusterName,
    peer: &Peer,
) -> Result<Grant, Refused> {
    let (resolver, captures) = match &asked.place {
        Place::Pod(namespace, pod) => {
            let target = ExecTarget { cluster, namespace: namespace.clone(), pod: pod.clone() };
            return Ok(rooms.policy.authorize(principal, target, asked.options.clone())?);
        }
        Place::Resolve { resolver, captures } => (resolver, captures),
    };
    rooms.policy.enter(&principal, Permission::Exec, &cluster)?;
    let cluster = rooms.clusters.get(&cluster).ok_or(Refused::UnknownCluster(cluster))?;
    // The configuration lets no route name a resolver that there is not.
    let resolver = rooms.resolvers.get(resolver).ok_or(Refused::Nowhere)?;
    let mut captures = captures.clone();
    captures.set(Captures::USER, principal.user());
    let finding = Finding { principal: &principal, cluster: cluster.name(), resolver: resolver.name(), peer };
    let found = resolver.find(&cluster, &principal, &captures).await;
    let chosen = found.and_then(|found| choose(rooms, asked, &principal, found));
    let (target, options) = chosen.map_err(|error| finding.failed(error))?;
    Ok(rooms.policy.authorize(principal, target, options)?)
}

/// The best of those that the user may open: its target, and its container.
fn choose(
    rooms: &Rooms,
    asked: &ExecRequest,
    principal: &Principal,
    mut found: resolve::Found,
) -> Result<(ExecTarget, ExecOptions), ResolveError> {
    if let Some(container) = &asked.options.container {
        found.container = Some(container.clone());
    }
    let may_open = |candidate: &&resolve::Candidate| {
        let container = candidate.container_meant(found.container.as_ref()).cloned();
        let options = ExecOptions { container, ..asked.options.clone() };
        rooms.policy.authorize(principal.clone(), found.target(candidate), options).is_ok()
    };
    let allowed = found.candidates().iter().filter(may_open).collect();
    let (target, container) = resolve::choose(&found, allowed)?;
    Ok((target, ExecOptions { container: Some(container), ..asked.options.clone() }))
}
