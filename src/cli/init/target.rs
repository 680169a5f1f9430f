//! Which cluster is meant, and how to know it.

use std::path::PathBuf;

use anyhow::{Context as _, bail};

use super::Arguments;
use super::kubeconfig::{Entry, Kubeconfig};
use crate::cluster::ServerUrl;
use crate::target::ClusterName;

/// One cluster, as the configuration is to have it.
#[derive(Debug)]
pub(super) struct Target {
    pub(super) name: ClusterName,
    pub(super) server: String,
    pub(super) authority: Authority,
    pub(super) tls_server_name: Option<String>,
}

/// Whom to believe.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Authority {
    /// The machine's own.
    System,
    /// This file.
    File(PathBuf),
    /// These certificates, which need a file.
    Pem(String),
    /// Anybody.
    Insecure,
}

impl Target {
    pub(super) fn find(arguments: &Arguments) -> anyhow::Result<Self> {
        match (&arguments.kubeconfig, &arguments.server) {
            (Some(place), _) => {
                let kubeconfig = Kubeconfig::read(place)?;
                let (called, entry) = kubeconfig.cluster(arguments.context.as_deref())?;
                Self::of_entry(arguments.name.clone(), called, entry)
            }
            (None, Some(server)) => Ok(Self {
                name: arguments.name.clone().context("say with --name what to call the cluster")?,
                server: server.clone(),
                authority: arguments.certificate_authority.clone().map_or(Authority::System, Authority::File),
                tls_server_name: None,
            }),
            (None, None) => bail!("say with --kubeconfig or --server which cluster"),
        }
    }

    fn of_entry(name: Option<ClusterName>, called: &str, entry: &Entry) -> anyhow::Result<Self> {
        let name = match name {
            Some(name) => name,
            None => ClusterName::parse(called).with_context(|| {
                format!("the kubeconfig calls the cluster {called:?}, which can't stand in a path; say with --name what to call it")
            })?,
        };
        if entry.proxy_url.is_some() {
            // Its URL may hold a password.
            bail!(
                "the kubeconfig reaches the cluster {called:?} through a proxy (proxy-url), which execgate can't; name an address that needs none with --server"
            );
        }
        ServerUrl::parse(&entry.server).with_context(|| {
            format!("the server of cluster {called:?} in the kubeconfig, {:?}", entry.server)
        })?;
        Ok(Self {
            name,
            server: entry.server.clone(),
            authority: entry
                .authority()
                .with_context(|| format!("the cluster {called:?} in the kubeconfig"))?,
            tls_server_name: entry.tls_server_name.clone(),
        })
    }
}
