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
            default => Ok(Self { clusters: by_name, default }),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::{CredentialSettings, ServerUrl, Settings, Trust};

    fn name(text: &str) -> ClusterName {
        ClusterName::parse(text).unwrap()
    }

    fn cluster(text: &str) -> Cluster {
        // Cargo sets the variable for every test.
        Cluster::new(Settings {
            name: name(text),
            server: ServerUrl::parse("http://localhost:8001").unwrap(),
            trust: Trust::SystemRoots,
            tls_server_name: None,
            credential: CredentialSettings::TokenEnv("CARGO_PKG_NAME".to_owned()),
            connect_timeout: Settings::DEFAULT_CONNECT_TIMEOUT,
            keepalive: Settings::DEFAULT_KEEPALIVE,
            impersonate: false,
        })
        .unwrap()
    }

    #[tokio::test]
    async fn a_cluster_is_found_by_its_name_with_its_token_from_the_environment() {
        let registry = Registry::new(vec![cluster("alpha"), cluster("beta")], Some(name("beta"))).unwrap();
        assert_eq!(registry.default_cluster(), Some(&name("beta")));
        assert!(registry.get(&name("gamma")).is_none());
        let alpha = registry.get(&name("alpha")).unwrap();
        assert_eq!(alpha.authorization().await.unwrap(), "Bearer execgate");
        assert_eq!(registry.iter().count(), 2);
    }

    #[test]
    fn a_name_given_twice_and_a_default_that_is_not_there_are_refused() {
        let twice = Registry::new(vec![cluster("alpha"), cluster("alpha")], None);
        assert_eq!(twice.unwrap_err(), RegistryError::Duplicate(name("alpha")));
        let nowhere = Registry::new(vec![cluster("alpha")], Some(name("beta")));
        assert_eq!(nowhere.unwrap_err(), RegistryError::UnknownDefault(name("beta")));
    }
}
