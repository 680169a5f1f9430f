//! Whom to believe and what to show when we dial.

use std::sync::Arc;

use jiff::Timestamp;
use rustls::{
    ClientConfig, RootCertStore,
    client::{WebPkiServerVerifier, danger::ServerCertVerifier},
    crypto::CryptoProvider,
    pki_types::ServerName,
};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::{
    WRITE_BUFFER,
    insecure::AnyCertificate,
    pem::{Pem, TlsError},
    problem::HandshakeError,
    provider::provider,
};
use crate::net::Transport;

/// Whom to believe.
#[derive(Debug, Clone)]
pub enum Trust {
    /// The machine's own authorities.
    SystemRoots,
    /// These authorities and no others.
    Authorities(Pem),
    /// Anybody.
    Anybody,
}

/// A client certificate with its key.
#[derive(Debug, Clone)]
pub struct ClientIdentity {
    /// The chain, the client's own first.
    pub certificate: Pem,
    /// The private key.
    pub key: Pem,
}

/// Everything needed to dial one server again and again: built once, so that TLS sessions are resumed.
#[derive(Debug, Clone)]
pub struct ClientTls {
    config: Arc<ClientConfig>,
    name: ServerName<'static>,
    warnings: Vec<String>,
}

impl ClientTls {
    /// For the server that calls itself `name`. Offers HTTP/1.1 alone: an API server would choose h2, on which it has no exec.
    pub fn new(name: &str, trust: &Trust, identity: Option<&ClientIdentity>) -> Result<Self, TlsError> {
        let now = Timestamp::now();
        let mut warnings = Vec::new();
        let name =
            ServerName::try_from(name.to_owned()).map_err(|_| TlsError::ServerName(name.to_owned()))?;
        let provider = Arc::new(provider());
        let verifier = verifier(trust, &provider, now, &mut warnings)?;
        let builder = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("the provider supports TLS 1.2 and 1.3")
            .dangerous()
            .with_custom_certificate_verifier(verifier);
        let mut config = match identity {
            None => builder.with_no_client_auth(),
            Some(identity) => {
                let chain = identity.certificate.certificates()?;
                let facts = identity.certificate.facts(&chain[0])?;
                warnings.extend(facts.expired(now).map(|date| {
                    let place = &identity.certificate;
                    format!("the client certificate {} in {place} expired on {date}; renew it", facts.subject)
                }));
                builder.with_client_auth_cert(chain, identity.key.key()?).map_err(|source| {
                    TlsError::Mismatch {
                        certificate: identity.certificate.clone(),
                        key: identity.key.clone(),
                        source: source.into(),
                    }
                })?
            }
        };
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self { config: config.into(), name, warnings })
    }

    /// What to tell the operator at start.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// Does the handshake on a fresh connection.
    pub async fn handshake(&self, tcp: TcpStream) -> Result<Transport, HandshakeError> {
        let connector = TlsConnector::from(Arc::clone(&self.config));
        let mut stream = connector.connect(self.name.clone(), tcp).await?;
        stream.get_mut().1.set_buffer_limit(Some(WRITE_BUFFER));
        Ok(Transport::ClientTls(Box::new(stream)))
    }
}

fn verifier(
    trust: &Trust,
    provider: &Arc<CryptoProvider>,
    now: Timestamp,
    warnings: &mut Vec<String>,
) -> Result<Arc<dyn ServerCertVerifier>, TlsError> {
    match trust {
        Trust::Anybody => Ok(Arc::new(AnyCertificate(Arc::clone(provider)))),
        Trust::SystemRoots => rustls_platform_verifier::Verifier::new(Arc::clone(provider))
            .map(|verifier| Arc::new(verifier) as Arc<dyn ServerCertVerifier>)
            .map_err(TlsError::NoSystemRoots),
        Trust::Authorities(place) => {
            let roots = authorities(place, now, warnings)?;
            let verifier = WebPkiServerVerifier::builder_with_provider(roots.into(), Arc::clone(provider))
                .build()
                .expect("there is at least one authority and no revocation list");
            Ok(verifier)
        }
    }
}

/// Reads a bundle. webpki takes an authority's name and key and never looks at its dates, so an expired one is found here:
/// alone it is an error, beside a valid one a warning.
fn authorities(place: &Pem, now: Timestamp, warnings: &mut Vec<String>) -> Result<RootCertStore, TlsError> {
    let mut roots = RootCertStore::empty();
    let mut expired = Vec::new();
    for certificate in place.certificates()? {
        let facts = place.facts(&certificate)?;
        if let Some(date) = facts.expired(now) {
            expired.push((facts.subject, date));
            continue;
        }
        roots.add(certificate).map_err(|source| TlsError::Unusable { place: place.clone(), source })?;
    }
    if roots.is_empty() {
        let (subject, date) = expired.swap_remove(0);
        let place = place.clone();
        return Err(TlsError::Expired { place, subject, date });
    }
    warnings.extend(expired.into_iter().map(|(subject, date)| {
        format!("the certificate authority {subject} in {place} expired on {date} and is not trusted; remove or renew it")
    }));
    Ok(roots)
}
