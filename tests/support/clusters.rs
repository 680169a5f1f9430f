//! Demo clusters, and how a gate is set up before them.

use std::fmt::Write as _;

use execgate::demo::{DemoCluster, DemoSettings, Scheme};
use secrecy::ExposeSecret as _;

use super::ask::{Door, Serves};
use super::gate::Gate;
use super::setup::{Setup, entry};

/// One on plain HTTP with nothing special, named alpha.
pub(crate) async fn cluster() -> DemoCluster {
    cluster_named("alpha").await
}

/// One on plain HTTP of that name.
pub(crate) async fn cluster_named(name: &str) -> DemoCluster {
    cluster_with(DemoSettings { name: name.to_owned(), ..DemoSettings::default() }).await
}

/// One on plain HTTP with other settings.
pub(crate) async fn cluster_with(settings: DemoSettings) -> DemoCluster {
    DemoCluster::start(DemoSettings { scheme: Scheme::Http, ..settings }).await.unwrap()
}

/// One over TLS, of that name.
pub(crate) async fn cluster_over_tls(name: &str) -> DemoCluster {
    let settings = DemoSettings { name: name.to_owned(), ..DemoSettings::default() };
    DemoCluster::start(settings).await.unwrap()
}

impl Serves for DemoCluster {
    fn door(&self) -> Door {
        let is_plain = self.server_url().starts_with("http://");
        Door {
            address: self.address(),
            ca: (!is_plain).then(|| self.ca_pem().to_owned()),
            token: self.token().expose_secret().to_owned(),
        }
    }
}

impl Setup {
    /// A demo cluster; the first one is the default cluster.
    pub(crate) fn cluster(self, cluster: &DemoCluster) -> Self {
        self.cluster_with(cluster, "")
    }

    /// The same with more lines of configuration, such as `impersonate: true`.
    pub(crate) fn cluster_with(mut self, cluster: &DemoCluster, more: &str) -> Self {
        let name = cluster.name();
        self.rotate(cluster);
        let mut entry = entry(name, &cluster.server_url());
        if cluster.server_url().starts_with("https://") {
            self.write(&format!("{name}.crt"), cluster.ca_pem());
            writeln!(entry, "    certificateAuthority: {{file: {name}.crt}}").unwrap();
        }
        self.add(name, &entry, more);
        self
    }

    /// Writes a demo cluster's present token to where the gate reads it.
    pub(crate) fn rotate(&self, cluster: &DemoCluster) {
        self.write(&format!("{}.token", cluster.name()), cluster.token().expose_secret());
    }
}

impl Gate {
    /// A gate before one cluster.
    pub(crate) async fn before(cluster: &DemoCluster) -> Self {
        Self::start(Setup::new().cluster(cluster)).await
    }
}
