//! All resolvers, by name.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Resolver;
use crate::cluster::CredentialError;
use crate::net::tls::TlsError;

/// The resolvers that routes choose among.
#[derive(Debug, Default)]
pub struct Registry {
    resolvers: BTreeMap<String, Arc<Resolver>>,
}

/// Why a resolver cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum ResolverError {
    /// Its certificate authority is unusable.
    #[error("target resolver {name}: TLS cannot be set up")]
    Tls {
        /// The resolver.
        name: String,
        /// Why not.
        source: TlsError,
    },
    /// Its secret is unusable.
    #[error("target resolver {name}: the secret cannot be used")]
    Secret {
        /// The resolver.
        name: String,
        /// Why not.
        source: CredentialError,
    },
    /// Another one has its name.
    #[error("there are two target resolvers named {0}; every name must be given once")]
    Twice(String),
}

impl Registry {
    /// Takes the resolvers, each of a name of its own.
    pub fn new(resolvers: Vec<Resolver>) -> Result<Self, ResolverError> {
        let mut by_name = BTreeMap::new();
        for resolver in resolvers {
            let name = resolver.name().to_owned();
            if by_name.insert(name.clone(), Arc::new(resolver)).is_some() {
                return Err(ResolverError::Twice(name));
            }
        }
        Ok(Self { resolvers: by_name })
    }

    /// The resolver of that name.
    pub fn get(&self, name: &str) -> Option<Arc<Resolver>> {
        self.resolvers.get(name).cloned()
    }

    /// All of them, by name.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Resolver>> {
        self.resolvers.values()
    }
}
