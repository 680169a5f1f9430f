//! Files and environment variables that the configuration names: there, readable, and what they should be. Their contents are never
//! shown.

use std::path::{Path, PathBuf};

use rustls::{
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    sign::CertifiedKey,
};

use super::Check;
use crate::config::{Surroundings, file::CertificatePair, key::KeyPath, problem::io_words};

impl Check<'_> {
    /// A file that must be readable.
    pub(super) fn readable(&mut self, key: &KeyPath, path: &Path) -> PathBuf {
        self.read(key, path);
        self.resolve(path)
    }

    /// A file that holds a token.
    pub(super) fn token_file(&mut self, key: &KeyPath, path: &Path) -> PathBuf {
        let resolved = self.resolve(path);
        let content = self.read(key, path);
        if content.is_some_and(|content| content.trim_ascii().is_empty()) {
            let text = format!("{} is empty; it must hold a bearer token", resolved.display());
            self.refuse(key, text);
        }
        resolved
    }

    /// A file of certificates.
    pub(super) fn certificate_file(&mut self, key: &KeyPath, path: &Path) -> PathBuf {
        if let Some(content) = self.read(key, path) {
            self.certificates(key, &content);
        }
        self.resolve(path)
    }

    /// Certificates in PEM: one or more.
    pub(super) fn certificates(&mut self, key: &KeyPath, pem: &[u8]) -> Option<Vec<CertificateDer<'static>>> {
        let parsed: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
        let certificates = parsed.ok().filter(|certificates| !certificates.is_empty());
        if certificates.is_none() {
            self.refuse(key, "holds no certificate; it must be PEM, with -----BEGIN CERTIFICATE----- in it");
        }
        certificates
    }

    /// A certificate chain and its key, which must belong together.
    pub(super) fn certificate_pair(&mut self, key: &KeyPath, pair: &CertificatePair) -> (PathBuf, PathBuf) {
        let (cert_key, key_key) = (key.field("certFile"), key.field("keyFile"));
        let chain = self.read(&cert_key, &pair.cert_file);
        let chain = chain.and_then(|pem| self.certificates(&cert_key, &pem));
        let private = self.read(&key_key, &pair.key_file);
        let private = private.and_then(|pem| self.private_key(&key_key, &pem));
        if let (Some(chain), Some(private)) = (chain, private) {
            self.belong_together(&key_key, chain, private);
        }
        (self.resolve(&pair.cert_file), self.resolve(&pair.key_file))
    }

    fn private_key(&mut self, key: &KeyPath, pem: &[u8]) -> Option<PrivateKeyDer<'static>> {
        let advice =
            "holds no private key; it must be PEM, with -----BEGIN PRIVATE KEY----- in it, and not encrypted";
        self.keep(key, PrivateKeyDer::from_pem_slice(pem).map_err(|_| advice))
    }

    fn belong_together(
        &mut self,
        key: &KeyPath,
        chain: Vec<CertificateDer<'static>>,
        private: PrivateKeyDer<'static>,
    ) {
        let provider = aws_lc_rs::default_provider();
        match CertifiedKey::from_der(chain, private, &provider) {
            Ok(_) => {}
            Err(rustls::Error::InconsistentKeys(_)) => {
                let text = "is not the key of the certificate in certFile; the two must be made together";
                self.refuse(key, text);
            }
            Err(error) => {
                self.refuse(key, format!("can't be used with the certificate in certFile: {error}"));
            }
        }
    }

    /// The name of an environment variable that holds a token. It is not shown: it may be the token, put there by mistake.
    pub(super) fn environment_variable(&mut self, key: &KeyPath, name: &str) {
        let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if !name.chars().all(word) || !name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
            let text = "must be the name of an environment variable, such as PROD_TOKEN; the token itself does not belong here";
            self.refuse(key, text);
            return;
        }
        let holds_token = || std::env::var(name).is_ok_and(|token| !token.trim().is_empty());
        if self.surroundings == Surroundings::Required && !holds_token() {
            let text =
                "the environment variable of this name is not set or is empty; it must hold a bearer token";
            self.refuse(key, text);
        }
    }

    /// The file's content, unless it is refused or not to be looked at.
    fn read(&mut self, key: &KeyPath, path: &Path) -> Option<Vec<u8>> {
        if path.as_os_str().is_empty() {
            self.refuse(key, "is empty; it must be the path of a file");
            return None;
        }
        if self.surroundings == Surroundings::Elsewhere {
            return None;
        }
        let path = self.resolve(path);
        let content =
            std::fs::read(&path).map_err(|error| format!("{}: {}", path.display(), io_words(&error)));
        self.keep(key, content)
    }
}
