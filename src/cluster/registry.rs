//! All clusters, by name.

use std::{collections::BTreeMap, sync::Arc};

use super::Cluster;
use crate::target::ClusterName;

/// The clusters that execgate serves. A session keeps the `Arc` that it got.
#[derive(Debug)]
pub struct Registry {
    clusters: BTreeMap<ClusterName, Arc<Cluster>>,
    default: Option<ClusterName>,
}

/// Why clusters do not make a registry.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RegistryError {
    /// Two clusters of one name.
    #[error("there are two clusters named {0}; every name must be given once")]
    Duplicate(ClusterName),
    /// A default that is not among them.
    #[error("the default cluster {0} is not among the clusters")]
    UnknownDefault(ClusterName),
}

impl Registry {
    /// Takes the clusters, and the name of the one that paths without `/clusters/...` mean.
    pub fn new(clusters: Vec<Cluster>, default: Option<ClusterName>) -> Result<Self, RegistryError> {
        let mut by_name = BTreeMap::new();
        for cluster in clusters {
            if let Some(earlier) = by_name.insert(cluster.name().clone(), Arc::new(cluster)) {
                return Err(RegistryError::Duplicate(earlier.name().clone()));
            }
        }
        match default {
            Some(name) if !by_name.contains_key(&name) => Err(RegistryError::UnknownDefault(name)),
            default => Ok(Self {
                clusters: by_name,
                default,
            }),
        }
    }

    /// The cluster of that name.
    pub fn get(&self, name: &ClusterName) -> Option<Arc<Cluster>> {
        self.clusters.get(name).cloned()
    }

    /// The cluster that paths without `/clusters/...` mean.
    pub fn default_cluster(&self) -> Option<&ClusterName> {
        self.default.as_ref()
    }

    /// All of them, by name.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Cluster>> {
        self.clusters.values()
    }
}
