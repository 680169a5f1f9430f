//! A cluster that this process asks itself, without a gate, and the files that its settings name.

use std::error::Error;
use std::net::SocketAddr;
use std::path::PathBuf;

use execgate::cluster::{Cluster, CredentialSettings, ServerUrl, Settings, Trust};
use execgate::target::ClusterName;
use tempfile::TempDir;

/// The token of execgate at the cluster: no text may show it.
pub(crate) const TOKEN: &str = "t0ken-of-alpha";

/// A cluster named alpha, with its token file.
pub(crate) struct House {
    pub(crate) settings: Settings,
    pub(crate) folder: TempDir,
}

impl House {
    pub(crate) fn plain(address: SocketAddr) -> Self {
        Self::new(&format!("http://{address}"))
    }

    pub(crate) fn new(server: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let token = folder.path().join("token");
        std::fs::write(&token, format!("{TOKEN}\n")).unwrap();
        let settings = Settings {
            name: ClusterName::parse("alpha").unwrap(),
            server: ServerUrl::parse(server).unwrap(),
            trust: Trust::SystemRoots,
            tls_server_name: None,
            credential: CredentialSettings::TokenFile(token),
            connect_timeout: Settings::DEFAULT_CONNECT_TIMEOUT,
            keepalive: Settings::DEFAULT_KEEPALIVE,
            impersonate: false,
        };
        Self { settings, folder }
    }

    pub(crate) fn with(mut self, change: impl FnOnce(&mut Settings)) -> Self {
        change(&mut self.settings);
        self
    }

    pub(crate) fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    pub(crate) fn cluster(&self) -> Cluster {
        Cluster::new(self.settings.clone()).unwrap()
    }
}

/// What the log shows of an error.
pub(crate) fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut current = error.source();
    while let Some(source) = current {
        text = format!("{text}: {source}");
        current = source.source();
    }
    text
}
