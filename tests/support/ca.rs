//! A certificate authority in memory, and certificates with every fault that a test needs.

use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose,
    date_time_ymd,
};
use rustls::{
    RootCertStore, ServerConfig,
    pki_types::PrivateKeyDer,
    server::{NoClientAuth, WebPkiClientVerifier, danger::ClientCertVerifier},
};

/// An authority that signs what it is told to.
pub(crate) struct Ca {
    issuer: CertifiedIssuer<'static, KeyPair>,
}

/// A certificate with its key, as PEM and for a server.
pub(crate) struct Leaf {
    pub(crate) certificate: String,
    pub(crate) key: KeyPair,
    der: rustls::pki_types::CertificateDer<'static>,
}

/// Until when a certificate is good.
#[derive(Clone, Copy)]
pub(crate) enum Life {
    Current,
    Over,
    Ahead,
}

impl Ca {
    pub(crate) fn new(name: &str, life: Life) -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        live(&mut params, life);
        Self { issuer: CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap() }
    }

    pub(crate) fn pem(&self) -> String {
        self.issuer.pem()
    }

    pub(crate) fn leaf(&self, name: &str, life: Life) -> Leaf {
        let mut params = CertificateParams::new([name.to_owned()]).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        live(&mut params, life);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        Leaf { certificate: certificate.pem(), key, der: certificate.der().clone() }
    }

    /// This authority's own certificate, shown as a server's.
    pub(crate) fn as_leaf(&self) -> Leaf {
        Leaf {
            certificate: self.pem(),
            key: KeyPair::from_pem(&self.issuer.key().serialize_pem()).unwrap(),
            der: self.issuer.der().clone(),
        }
    }

    fn client_verifier(&self) -> Arc<dyn ClientCertVerifier> {
        let mut roots = RootCertStore::empty();
        roots.add(self.issuer.der().clone()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        WebPkiClientVerifier::builder_with_provider(roots.into(), provider).build().unwrap()
    }
}

impl Leaf {
    /// A server that offers what an API server offers, h2 first.
    pub(crate) fn server(&self) -> Arc<ServerConfig> {
        self.configure(Arc::new(NoClientAuth))
    }

    /// A server that also wants a client certificate of `ca`.
    pub(crate) fn server_asking(&self, ca: &Ca) -> Arc<ServerConfig> {
        self.configure(ca.client_verifier())
    }

    fn configure(&self, clients: Arc<dyn ClientCertVerifier>) -> Arc<ServerConfig> {
        let key = PrivateKeyDer::Pkcs8(self.key.serialize_der().into());
        let mut config =
            ServerConfig::builder_with_provider(rustls::crypto::aws_lc_rs::default_provider().into())
                .with_safe_default_protocol_versions()
                .unwrap()
                .with_client_cert_verifier(clients)
                .with_single_cert(vec![self.der.clone()], key)
                .unwrap();
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        config.into()
    }
}

fn live(params: &mut CertificateParams, life: Life) {
    let (from, to) = match life {
        Life::Current => (2020, 2120),
        Life::Over => (2020, 2021),
        Life::Ahead => (2119, 2120),
    };
    params.not_before = date_time_ymd(from, 1, 1);
    params.not_after = date_time_ymd(to, 1, 1);
}
