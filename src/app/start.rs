//! Makes the running rooms out of their settings.

use std::sync::Arc;

use crate::cluster::{Cluster, ClusterError, Registry, RegistryError};
use crate::front::{Frontend, FrontendStartError, ListenError, Listener, ListenerSettings};
use crate::identity::{Authenticator, Chain, UsersFile, UsersFileError, UsersFileSettings};
use crate::resolve::{Resolver, ResolverError, ResolverSettings};
use crate::{cluster, config, front, resolve, target};

/// Why the gate can't start. Boxed, because these errors name files and addresses in full.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A users file.
    #[error(transparent)]
    UsersFile(Box<UsersFileError>),
    /// A cluster's files, or its credential.
    #[error(transparent)]
    Cluster(Box<ClusterError>),
    /// The clusters together.
    #[error(transparent)]
    Clusters(#[from] RegistryError),
    /// A target resolver's files, or its secret.
    #[error(transparent)]
    Resolver(Box<ResolverError>),
    /// The page's place.
    #[error(transparent)]
    Frontend(Box<FrontendStartError>),
    /// A listening address.
    #[error(transparent)]
    Listen(Box<ListenError>),
}

impl From<UsersFileError> for StartError {
    fn from(error: UsersFileError) -> Self {
        Self::UsersFile(Box::new(error))
    }
}

impl From<ClusterError> for StartError {
    fn from(error: ClusterError) -> Self {
        Self::Cluster(Box::new(error))
    }
}

impl From<ResolverError> for StartError {
    fn from(error: ResolverError) -> Self {
        Self::Resolver(Box::new(error))
    }
}

impl From<FrontendStartError> for StartError {
    fn from(error: FrontendStartError) -> Self {
        Self::Frontend(Box::new(error))
    }
}

impl From<ListenError> for StartError {
    fn from(error: ListenError) -> Self {
        Self::Listen(Box::new(error))
    }
}

/// Everything that would keep a gate with these settings from being built. Only its addresses are not tried: a gate may be running
/// on them.
pub fn rehearse(settings: &config::Settings) -> Vec<StartError> {
    let users_files = settings.users_files.iter().cloned().map(UsersFile::load);
    let of_users = users_files.filter_map(|file| Some(file.err()?.into()));
    let clusters = settings.clusters.iter().cloned().map(Cluster::new);
    let of_clusters = clusters.filter_map(|cluster| Some(cluster.err()?.into()));
    let resolvers = settings.resolvers.iter().cloned().map(Resolver::new);
    let of_resolvers = resolvers.filter_map(|resolver| Some(resolver.err()?.into()));
    of_users.chain(of_clusters).chain(of_resolvers).chain(frontend(&settings.front).err()).collect()
}

pub(super) fn users_files(settings: Vec<UsersFileSettings>) -> Result<Vec<Arc<UsersFile>>, StartError> {
    settings.into_iter().map(|settings| Ok(UsersFile::load(settings)?)).collect()
}

pub(super) fn chain(users_files: &[Arc<UsersFile>]) -> Chain {
    let boxed = |file: &Arc<UsersFile>| Box::new(Arc::clone(file)) as Box<dyn Authenticator>;
    Chain::new(users_files.iter().map(boxed).collect())
}

pub(super) fn clusters(
    settings: Vec<cluster::Settings>,
    default: Option<target::ClusterName>,
) -> Result<Registry, StartError> {
    let clusters: Vec<Cluster> = settings.into_iter().map(Cluster::new).collect::<Result<_, _>>()?;
    Ok(Registry::new(clusters, default)?)
}

pub(super) fn resolvers(settings: Vec<ResolverSettings>) -> Result<resolve::Registry, StartError> {
    let resolvers: Vec<Resolver> = settings.into_iter().map(Resolver::new).collect::<Result<_, _>>()?;
    Ok(resolve::Registry::new(resolvers)?)
}

/// What answers where execgate has nothing to say. Nothing that may carry a token goes on to it.
pub(super) fn frontend(settings: &front::Settings) -> Result<Option<Frontend>, StartError> {
    let frontend = settings.frontend.as_ref();
    let frontend = frontend.map(|frontend| Frontend::new(frontend, &settings.credential_names()));
    Ok(frontend.transpose()?)
}

pub(super) async fn listeners(settings: &[ListenerSettings]) -> Result<Vec<Listener>, StartError> {
    let mut listeners = Vec::with_capacity(settings.len());
    for settings in settings {
        listeners.push(Listener::bind(settings).await?);
    }
    Ok(listeners)
}
