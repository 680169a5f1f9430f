//! The demo's exec server in a process of its own, so that what it costs is not counted as a proxy's or slows the load.

use execgate::demo::{DemoCluster, DemoSettings, Scheme};
use secrecy::ExposeSecret as _;
use serde::{Deserialize, Serialize};

use super::again::{self, Again};
use super::gate::Upstream;

/// The exec server's process: two clusters that differ in what they speak.
pub(crate) struct Stub {
    pub(crate) upstreams: Upstreams,
    _process: Again,
}

/// What it listens with.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Upstreams {
    pub(crate) plain: Upstream,
    pub(crate) tls: Upstream,
}

impl Stub {
    /// What this program is told to be.
    pub(crate) const ROLE: &str = "stub";

    /// Starts it.
    pub(crate) fn start() -> anyhow::Result<Self> {
        let process = Again::start(Self::ROLE, "")?;
        Ok(Self { upstreams: serde_json::from_str(&process.said)?, _process: process })
    }
}

/// Is the exec server until standard input ends.
pub(crate) fn run() -> anyhow::Result<()> {
    again::told()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let plain = DemoCluster::start(settings(Scheme::Http)).await?;
        let tls = DemoCluster::start(settings(Scheme::Https)).await?;
        let upstreams =
            Upstreams { plain: upstream(&plain, Scheme::Http), tls: upstream(&tls, Scheme::Https) };
        again::say(&serde_json::to_string(&upstreams)?)?;
        std::future::pending().await
    })
}

fn settings(scheme: Scheme) -> DemoSettings {
    DemoSettings { scheme, ..DemoSettings::default() }
}

fn upstream(cluster: &DemoCluster, scheme: Scheme) -> Upstream {
    Upstream {
        address: cluster.address(),
        ca_pem: (scheme == Scheme::Https).then(|| cluster.ca_pem().to_owned()),
        token: cluster.token().expose_secret().to_owned(),
    }
}
