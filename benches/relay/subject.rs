//! What is measured: where a load connects, and what it says there.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};

use super::exec_server::Ready;
use super::gate::{Gate, TOKEN};
use super::process::Process;

/// Something that speaks `base64.channel.k8s.io`.
#[derive(Clone)]
pub(crate) struct Subject {
    /// What it is called in tables.
    pub(crate) name: &'static str,
    pub(crate) address: SocketAddr,
    /// TLS, where it is spoken.
    pub(crate) tls: Option<Arc<ClientConfig>>,
    /// The token that it takes.
    pub(crate) token: String,
    /// The process whose CPU time counts; `None` for the exec server itself.
    pub(crate) process: Option<Process>,
}

impl Subject {
    /// The exec server, without anything before it.
    pub(crate) fn direct(server: &Ready) -> anyhow::Result<Self> {
        let mut roots = RootCertStore::empty();
        let authority = CertificateDer::from_pem_slice(server.ca_pem.as_bytes())
            .context("the exec server's authority is no certificate")?;
        roots.add(authority)?;
        let config = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
        Ok(Self {
            name: "direct",
            address: server.address,
            tls: Some(Arc::new(config)),
            token: server.token.clone(),
            process: None,
        })
    }

    /// execgate in front of it.
    pub(crate) fn through(gate: &Gate) -> Self {
        Self {
            name: "execgate",
            address: gate.address,
            tls: None,
            token: TOKEN.to_owned(),
            process: Some(gate.process()),
        }
    }

    /// CPU time that it has taken so far, if it counts.
    pub(crate) fn cpu(&self) -> anyhow::Result<Option<Duration>> {
        self.process.as_ref().map(Process::cpu).transpose()
    }
}
