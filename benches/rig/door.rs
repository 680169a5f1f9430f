//! Where a load connects, and what it says there.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context as _;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};

/// A server of exec sessions, as a client needs to know it.
#[derive(Debug, Clone)]
pub(crate) struct Door {
    pub(crate) address: SocketAddr,
    /// TLS, where it is spoken.
    pub(crate) tls: Option<Arc<ClientConfig>>,
    /// The token that it takes.
    pub(crate) token: String,
}

impl Door {
    /// Without TLS.
    pub(crate) fn plain(address: SocketAddr, token: impl Into<String>) -> Self {
        Self { address, tls: None, token: token.into() }
    }

    /// With TLS, under a certificate of `authority`.
    pub(crate) fn secure(
        address: SocketAddr,
        authority: &str,
        token: impl Into<String>,
    ) -> anyhow::Result<Self> {
        let mut roots = RootCertStore::empty();
        let authority = CertificateDer::from_pem_slice(authority.as_bytes())
            .with_context(|| format!("the authority of {address} is no certificate"))?;
        roots.add(authority)?;
        let config = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
        Ok(Self { address, tls: Some(Arc::new(config)), token: token.into() })
    }
}
