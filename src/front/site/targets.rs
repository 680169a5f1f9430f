//! What there is to choose from: the clusters at once, and the pods of one when they are asked for, so that a cluster that does not
//! answer holds up nobody but those who want it.

use std::sync::Arc;

use http::{HeaderValue, header};
use serde::Serialize;

use super::Site;
use super::roster::{Roster, Sources};
use crate::front::connection::Peer;
use crate::front::content::Content;
use crate::front::refusal::Refused;
use crate::front::{Answer, Front};
use crate::identity::Principal;
use crate::policy::Permission;
use crate::target::ClusterName;

/// `GET /targets`: who asks, and where they may go.
#[derive(Serialize)]
struct Targets<'a> {
    user: &'a str,
    groups: &'a [String],
    clusters: Vec<Named<'a>>,
    commands: &'a [String],
}

#[derive(Serialize)]
struct Named<'a> {
    name: &'a str,
}

/// `GET /targets/CLUSTER`: what is to be opened there.
#[derive(Serialize)]
struct Pods<'a> {
    name: &'a str,
    #[serde(flatten)]
    roster: Roster,
}

impl Site {
    /// The clusters on which there is something that `principal` may open.
    pub(super) fn targets(&self, front: &Front, principal: &Principal) -> Answer {
        let clusters = front.rooms.clusters.iter().map(|cluster| cluster.name());
        let reached = clusters.filter(|name| may_enter(front, principal, name));
        let targets = Targets {
            user: principal.user(),
            groups: principal.groups(),
            clusters: reached.map(|name| Named { name: name.as_str() }).collect(),
            commands: &self.page.commands,
        };
        json(&targets)
    }
}

/// The pods of `cluster` that `principal` may open.
pub(super) async fn of_cluster(
    front: &Front,
    principal: Principal,
    cluster: &str,
    peer: &Peer,
) -> Result<Answer, Refused> {
    let unknown = |name| Refused::UnknownCluster(name);
    let name = ClusterName::parse(cluster).map_err(|_| Refused::Nowhere)?;
    // To whom it is closed, a cluster is as good as not there.
    if !may_enter(front, &principal, &name) {
        return Err(unknown(name));
    }
    let cluster = front.rooms.clusters.get(&name).ok_or_else(|| unknown(name.clone()))?;
    let (policy, seal, peer) = (front.rooms.policy.clone(), Arc::clone(&front.seal), peer.clone());
    let roster = Sources { policy, cluster, seal, principal, peer }.roster().await?;
    Ok(json(&Pods { name: name.as_str(), roster }))
}

fn may_enter(front: &Front, principal: &Principal, cluster: &ClusterName) -> bool {
    let reaches = |permission| front.rooms.policy.reaches(principal, permission, cluster);
    reaches(Permission::Exec) || reaches(Permission::Attach)
}

fn json(document: &impl Serialize) -> Answer {
    let json = serde_json::to_vec(document).expect("only text and lists");
    let mut answer = Answer::new(Content::from(json));
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}
