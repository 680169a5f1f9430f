//! Which pod is meant? From what a request's address says to pods, best first: by labels, by owner, by name, or by asking a service
//! that knows.
//!
//! This room knows no policy. It gives candidates; [`choose`] takes one that the user may open, as the caller says, or refuses. No error of [`Resolver::find`] names a pod that the cluster or the service named, so that who may open nothing learns
//! nothing.

mod body;
mod choose;
mod error;
mod fill;
mod opening;
mod owner;
mod pods;
mod registry;
mod selector;
mod service;
mod settings;
mod standing;
mod words;

pub use body::BodyError;
pub use choose::{Choice, Found, Sought, choose};
pub use error::{ResolveError, Speaker};
pub use fill::FillError;
pub use owner::{Owner, OwnerError};
pub use registry::{Registry, ResolverError};
pub use selector::{Selector, SelectorError};
pub use service::{ServiceError, ServiceSettings, ServiceUrl, ServiceUrlError};
pub use settings::{Find, ResolverSettings};
pub use standing::{Candidate, NotRunning};

use self::pods::Pods;
use self::service::{Question, Service};
use crate::cluster::Cluster;
use crate::identity::Principal;
use crate::target::{Captures, ContainerName, Namespace, PodName};

/// One configured resolver, ready to be asked.
#[derive(Debug)]
pub struct Resolver {
    settings: ResolverSettings,
    /// Whom to ask, where the resolver is a service.
    service: Option<Service>,
}

impl Resolver {
    /// Reads what the settings name: certificates and the secret. Blocks on files: for start-up.
    pub fn new(settings: ResolverSettings) -> Result<Self, ResolverError> {
        let service = match &settings.find {
            Find::Http(service) => Some(Service::new(&settings.name, service.clone())?),
            Find::Labels { .. } | Find::Owner { .. } | Find::Pod { .. } => None,
        };
        Ok(Self { settings, service })
    }

    /// Its name in the configuration.
    pub fn name(&self) -> &str {
        &self.settings.name
    }

    /// The captures that it needs of a route.
    pub fn captures(&self) -> impl Iterator<Item = &str> {
        self.settings.captures()
    }

    /// What to tell the operator at start.
    pub fn warnings(&self) -> Vec<String> {
        let warnings = self.service.as_ref().map(Service::warnings).unwrap_or_default();
        warnings.iter().map(|text| format!("target resolver {}: {text}", self.name())).collect()
    }

    /// Asks which pods are meant, best first. Whoever asks is in `captures` too, under [`Captures::USER`]. The names that are learnt
    /// are for those only whom the policy lets in: none of them is in an error.
    pub async fn find(
        &self,
        cluster: &Cluster,
        principal: &Principal,
        captures: &Captures,
    ) -> Result<Found, ResolveError> {
        let container = self.settings.container.as_ref();
        let container = container.map(|template| fill::name(template, captures, ContainerName::parse));
        let container = container.transpose()?;
        let pods = Pods { cluster, principal, annotation: &self.settings.container_annotation };
        let (sought, choice, candidates) = match &self.settings.find {
            Find::Labels { selector, namespace, choose } => {
                let namespace = fill::name(namespace, captures, Namespace::parse)?;
                let selector = selector.fill(captures)?;
                let listed = pods.list(&namespace, Some(&selector), None).await?;
                (Sought::Labels { selector, namespace }, *choose, listed)
            }
            Find::Owner { of, namespace, choose } => {
                let namespace = fill::name(namespace, captures, Namespace::parse)?;
                let workload = of.fill(captures)?;
                let owned = match workload.pod()? {
                    Some(pod) => pods.get(&namespace, &pod, Some(&workload)).await?.into_iter().collect(),
                    None => pods.list(&namespace, workload.selector()?.as_deref(), Some(&workload)).await?,
                };
                (Sought::Owner { owner: workload.to_string(), namespace }, *choose, owned)
            }
            Find::Pod { name, namespace } => {
                let namespace = fill::name(namespace, captures, Namespace::parse)?;
                let pod = fill::name(name, captures, PodName::parse)?;
                let found = pods.get(&namespace, &pod, None).await?;
                (Sought::Pod { pod, namespace }, Choice::Only, found.into_iter().collect())
            }
            Find::Http(_) => return self.ask(&pods, captures, container).await,
        };
        Ok(Found::new(cluster.name().clone(), sought, choice, container, candidates))
    }

    /// The one pod that the service names. A container that the service names comes before the configuration's.
    async fn ask(
        &self,
        pods: &Pods<'_>,
        captures: &Captures,
        container: Option<ContainerName>,
    ) -> Result<Found, ResolveError> {
        let service = self.service.as_ref().expect("a resolver that is a service was made with one");
        let question = Question { cluster: pods.cluster.name(), principal: pods.principal, captures };
        let meant = service.ask(&question).await.map_err(|source| ResolveError::Service {
            cluster: pods.cluster.name().clone(),
            resolver: self.name().to_owned(),
            source,
        })?;
        let found = pods.get(&meant.namespace, &meant.pod, None).await?;
        Ok(Found::new(
            pods.cluster.name().clone(),
            Sought::Told,
            Choice::Only,
            meant.container.or(container),
            found.into_iter().collect(),
        ))
    }
}
