//! What a listener shows to those who connect.

use std::{io, path::PathBuf, sync::Arc};

use jiff::Timestamp;
use rustls::{ServerConfig, crypto::aws_lc_rs};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;

use super::pem::{Pem, TlsError};
use crate::net::Transport;

/// A certificate with its key, ready to accept.
#[derive(Debug, Clone)]
pub struct ServerTls {
    config: Arc<ServerConfig>,
    warnings: Vec<String>,
}

impl ServerTls {
    /// Reads the chain and its key; the only protocol is HTTP/1.1, because a WebSocket over HTTP/2 is another thing.
    pub fn load(cert_file: PathBuf, key_file: PathBuf) -> Result<Self, TlsError> {
        let (certificate, key) = (Pem::File(cert_file), Pem::File(key_file));
        let chain = certificate.certificates()?;
        let facts = certificate.facts(&chain[0])?;
        let warnings = facts
            .expired(Timestamp::now())
            .map(|date| {
                format!(
                    "the listener's certificate {} in {certificate} expired on {date}; browsers will refuse it",
                    facts.subject
                )
            })
            .into_iter()
            .collect();
        let mut config = ServerConfig::builder_with_provider(aws_lc_rs::default_provider().into())
            .with_safe_default_protocol_versions()
            .expect("the provider supports TLS 1.2 and 1.3")
            .with_no_client_auth()
            .with_single_cert(chain, key.key()?)
            .map_err(|source| TlsError::Mismatch {
                certificate,
                key,
                source,
            })?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self {
            config: config.into(),
            warnings,
        })
    }

    /// What to tell the operator at start.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// Does the handshake with one who has connected.
    pub async fn accept(&self, tcp: TcpStream) -> io::Result<Transport> {
        let acceptor = TlsAcceptor::from(Arc::clone(&self.config));
        Ok(Transport::ServerTls(Box::new(acceptor.accept(tcp).await?)))
    }
}
