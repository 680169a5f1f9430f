//! The pods of a cluster that somebody may open, as the cluster lists them and the policy shows them.

mod listing;

use std::sync::Arc;

use serde::Serialize;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout_at};

use self::listing::{Listed, NamespaceItem, PodItem};
use crate::cluster::{Cluster, Fault, Stage};
use crate::front::connection::Peer;
use crate::front::journal::Listing;
use crate::identity::Principal;
use crate::policy::{Denial, Inside, Policy, ReadGrant};
use crate::target::{ClusterName, ContainerName, Namespace, PodName, ReadTarget, Resource};
use crate::upstream::{ReadBodyError, ReadError, Seal};

/// The pods that run.
#[derive(Debug, Default, Serialize)]
pub(super) struct Roster {
    pods: Vec<Pod>,
    /// Whether there are more than a page is told.
    more: bool,
    /// Why some namespaces are missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
}

/// One of them.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
struct Pod {
    namespace: String,
    name: String,
    containers: Vec<String>,
}

/// Why there is no roster.
#[derive(Debug, thiserror::Error)]
pub(in crate::front) enum RosterError {
    #[error(transparent)]
    Denied(#[from] Denial),
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error("cluster {cluster} broke off in the middle of a list")]
    Body { cluster: ClusterName, source: ReadBodyError },
    #[error("cluster {cluster} sent something else than a list")]
    Json { cluster: ClusterName, source: serde_json::Error },
}

/// What a roster is made from.
#[derive(Clone)]
pub(super) struct Sources {
    pub(super) policy: Policy,
    pub(super) cluster: Arc<Cluster>,
    pub(super) seal: Arc<Seal>,
    pub(super) principal: Principal,
    pub(super) peer: Peer,
}

/// More than anybody finds a pod among by looking; a link or `kubectl` opens the others.
const MOST_PODS: usize = 2000;
/// Lists that are read at once.
const AT_ONCE: usize = 8;

impl Sources {
    /// Makes it, within the cluster's connect timeout: what has come by then is told. The log has one line of it, however many
    /// lists it takes.
    pub(super) async fn roster(self) -> Result<Roster, RosterError> {
        let deadline = Instant::now() + self.cluster.settings().connect_timeout;
        let roster = self.listed(deadline).await;
        match &roster {
            Ok(roster) => self.listing().done(roster.pods.len()),
            Err(error) => self.listing().failed(error),
        }
        roster
    }

    fn listing(&self) -> Listing<'_> {
        Listing { principal: &self.principal, cluster: self.cluster.name(), peer: &self.peer }
    }

    fn too_late(&self) -> RosterError {
        ReadError::from(self.cluster.too_late(Stage::Answering)).into()
    }

    async fn listed(&self, deadline: Instant) -> Result<Roster, RosterError> {
        let judge = self.grant(Resource::Namespaces)?;
        let namespaces = timeout_at(deadline, self.namespaces(&judge)).await;
        let namespaces = namespaces.map_err(|_| self.too_late())??;
        let slots = Arc::new(Semaphore::new(AT_ONCE));
        let mut lists = JoinSet::new();
        let (mut roster, mut failure) = (Roster { more: namespaces.is_cut, ..Roster::default() }, None);
        for namespace in namespaces.items {
            let (sources, slots) = (self.clone(), Arc::clone(&slots));
            lists.spawn(async move {
                let _slot = slots.acquire().await;
                sources.pods(namespace).await
            });
        }
        while roster.pods.len() <= MOST_PODS {
            match timeout_at(deadline, lists.join_next()).await {
                Ok(None) => break,
                Ok(Some(listed)) => match listed.expect("no list panics") {
                    Ok(pods) => roster.take(pods, &judge),
                    Err(error) => failure = Some(error),
                },
                Err(_) => {
                    failure = Some(self.too_late());
                    break;
                }
            }
        }
        match failure {
            Some(error) if roster.pods.is_empty() => return Err(error),
            Some(error) => {
                self.listing().failed(&error);
                roster.problem = Some(error.for_user());
            }
            None => {}
        }
        Ok(roster.in_order())
    }

    /// Those that the cluster lists, or those that the policy names where the cluster lists none to execgate.
    async fn namespaces(&self, judge: &ReadGrant) -> Result<Listed<Namespace>, RosterError> {
        let named = judge.named_namespaces();
        match self.pages::<NamespaceItem>(&Resource::Namespaces, "").await {
            Ok(Listed { items, is_cut }) => {
                Ok(Listed { items: items.into_iter().filter_map(NamespaceItem::name).collect(), is_cut })
            }
            Err(RosterError::Read(ReadError::Refused { refusal, .. }))
                if refusal.code == 403 && !named.is_empty() =>
            {
                Ok(Listed { items: named, is_cut: false })
            }
            Err(error) => Err(error),
        }
    }

    async fn pods(&self, namespace: Namespace) -> Result<Listed<PodItem>, RosterError> {
        self.pages(&Resource::Pods(namespace), "&fieldSelector=status.phase%3DRunning").await
    }

    fn grant(&self, resource: Resource) -> Result<ReadGrant, Denial> {
        let target = ReadTarget { cluster: self.cluster.name().clone(), resource };
        self.policy.authorize_read(self.principal.clone(), target)
    }
}

impl Roster {
    /// Takes of `pods` the containers that can be opened.
    fn take(&mut self, pods: Listed<PodItem>, judge: &ReadGrant) {
        self.more |= pods.is_cut;
        for item in pods.items {
            let Some((namespace, name, containers)) = item.names() else { continue };
            let can_be_opened = |container: &ContainerName| {
                judge.shows_pod(&namespace, &name, Inside::Known(std::slice::from_ref(container)))
            };
            let containers: Vec<String> =
                containers.into_iter().filter(can_be_opened).map(|container| container.to_string()).collect();
            if !containers.is_empty() {
                self.pods.push(Pod { namespace: namespace.to_string(), name: name.to_string(), containers });
            }
        }
    }

    fn in_order(mut self) -> Self {
        self.pods.sort();
        self.more |= self.pods.len() > MOST_PODS;
        self.pods.truncate(MOST_PODS);
        self
    }
}

impl RosterError {
    /// For the one who looks at the page.
    pub(in crate::front) fn for_user(&self) -> String {
        match self {
            Self::Denied(denial) => denial.to_string(),
            Self::Read(error) => error.for_user(),
            Self::Body { cluster, .. } | Self::Json { cluster, .. } => {
                format!("cluster \"{cluster}\" broke off in the middle of a list; try again")
            }
        }
    }

    /// Whose doing it is.
    pub(in crate::front) fn fault(&self) -> Fault {
        match self {
            Self::Denied(_) => Fault::Downstream,
            Self::Read(error) => error.fault(),
            Self::Body { .. } | Self::Json { .. } => Fault::Upstream,
        }
    }

    /// The HTTP status code that fits.
    pub(in crate::front) fn http_status(&self) -> u16 {
        match self {
            Self::Denied(_) => 403,
            Self::Read(error) => error.http_status(),
            Self::Body { .. } | Self::Json { .. } => 502,
        }
    }
}

/// What opens in a pod, in the order in which it is offered.
type Names = (Namespace, PodName, Vec<ContainerName>);
