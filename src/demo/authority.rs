//! A certificate authority that lives in memory, and the one server certificate that it signs.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose, SanType,
};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

use crate::net::tls;

/// The public half of a cluster's authority, and the TLS settings of its server.
pub(super) struct Authority {
    ca_pem: String,
    server: Arc<ServerConfig>,
}

/// Why no authority could be made.
#[derive(Debug, thiserror::Error)]
pub enum AuthorityError {
    /// A key or certificate could not be made.
    #[error("cannot make a certificate for the demo cluster")]
    Certificate(#[from] rcgen::Error),
    /// rustls does not take what was made.
    #[error("cannot set up TLS for the demo cluster")]
    Tls(#[from] rustls::Error),
}

impl Authority {
    /// Makes an authority for `cluster` and a certificate for `address`, 127.0.0.1 and localhost.
    pub(super) fn new(cluster: &str, address: IpAddr) -> Result<Self, AuthorityError> {
        let issuer = CertifiedIssuer::self_signed(ca_params(cluster), KeyPair::generate()?)?;
        let key = KeyPair::generate()?;
        let certificate = server_params(cluster, address)?.signed_by(&key, &issuer)?;
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let provider = Arc::new(tls::provider());
        let mut server = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)?;
        // As Go's crypto/tls does on a machine with instructions for AES.
        server.ignore_client_order = true;
        server.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self { ca_pem: issuer.pem(), server: Arc::new(server) })
    }

    /// The authority's certificate as PEM.
    pub(super) fn ca_pem(&self) -> &str {
        &self.ca_pem
    }

    /// What the listener serves TLS with.
    pub(super) fn server_config(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.server)
    }
}

fn ca_params(cluster: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, format!("execgate demo cluster {cluster}"));
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

fn server_params(cluster: &str, address: IpAddr) -> Result<CertificateParams, rcgen::Error> {
    let mut params = CertificateParams::new(vec!["localhost".to_owned()])?;
    let loopback = IpAddr::V4(Ipv4Addr::LOCALHOST);
    params.subject_alt_names.push(SanType::IpAddress(loopback));
    if address != loopback && !address.is_unspecified() {
        params.subject_alt_names.push(SanType::IpAddress(address));
    }
    params.distinguished_name.push(DnType::CommonName, format!("{cluster} API server"));
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    Ok(params)
}
