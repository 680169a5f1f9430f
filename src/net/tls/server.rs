//! What a listener shows to those who connect.

use std::{io, path::PathBuf, sync::Arc};

use jiff::Timestamp;
use rustls::ServerConfig;
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;

use super::{
    WRITE_BUFFER,
    pem::{Pem, TlsError},
    provider::provider,
};
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
        let mut config = ServerConfig::builder_with_provider(provider().into())
            .with_safe_default_protocol_versions()
            .expect("the provider supports TLS 1.2 and 1.3")
            .with_no_client_auth()
            .with_single_cert(chain, key.key()?)
            .map_err(|source| TlsError::Mismatch { certificate, key, source: source.into() })?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self { config: config.into(), warnings })
    }

    /// What to tell the operator at start.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// Does the handshake with one who has connected.
    pub async fn accept(&self, tcp: TcpStream) -> io::Result<Transport> {
        let acceptor = TlsAcceptor::from(Arc::clone(&self.config));
        let mut stream = acceptor.accept(tcp).await?;
        stream.get_mut().1.set_buffer_limit(Some(WRITE_BUFFER));
        Ok(Transport::ServerTls(Box::new(stream)))
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, net::Ipv4Addr};

    use rcgen::{CertificateParams, KeyPair, date_time_ymd};
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        net::TcpListener,
    };

    use super::*;
    use crate::net::tls::{ClientTls, Trust};

    /// A folder with a self-signed certificate that is good until `year`, its key, and another key.
    fn folder(year: i32) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let mut params = CertificateParams::new(["gate.example".to_owned()]).unwrap();
        params.not_after = date_time_ymd(year, 1, 1);
        let (key, other) = (KeyPair::generate().unwrap(), KeyPair::generate().unwrap());
        let write = |name: &str, text: String| fs::write(folder.path().join(name), text).unwrap();
        write("tls.crt", params.self_signed(&key).unwrap().pem());
        write("tls.key", key.serialize_pem());
        write("other.key", other.serialize_pem());
        folder
    }

    fn load(folder: &tempfile::TempDir, key: &str) -> Result<ServerTls, TlsError> {
        ServerTls::load(folder.path().join("tls.crt"), folder.path().join(key))
    }

    #[tokio::test]
    async fn both_ends_of_a_handshake_are_transports_that_carry_bytes() {
        let folder = folder(2120);
        let server = load(&folder, "tls.key").unwrap();
        let client = ClientTls::new("gate.example", &Trust::Anybody, None).unwrap();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let dialled = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (accepted, peer) = listener.accept().await.unwrap();
        let (accepted, dialled) = tokio::join!(server.accept(accepted), client.handshake(dialled));
        let (mut accepted, mut dialled) = (accepted.unwrap(), dialled.unwrap());
        assert_eq!(accepted.tcp().peer_addr().unwrap(), peer);
        dialled.write_all(b"hello").await.unwrap();
        dialled.shutdown().await.unwrap();
        let mut text = String::new();
        accepted.read_to_string(&mut text).await.unwrap();
        assert_eq!(text, "hello");
    }

    #[test]
    fn a_key_of_another_certificate_is_refused_with_both_files_named() {
        let text = load(&folder(2120), "other.key").unwrap_err().to_string();
        assert!(text.contains("other.key") && text.contains("tls.crt"), "{text}");
    }

    #[test]
    fn a_file_that_holds_no_key_is_refused() {
        let error = load(&folder(2120), "tls.crt").unwrap_err();
        assert!(matches!(error, TlsError::NoKey { .. }), "{error:?}");
    }

    #[test]
    fn an_expired_certificate_is_warned_about() {
        let server = load(&folder(2021), "tls.key").unwrap();
        assert!(server.warnings()[0].contains("expired on 2021-01-01"), "{:?}", server.warnings());
    }
}
