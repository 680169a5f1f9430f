//! PEM certificates and keys from files, and what can be said of them before anybody connects.

use std::{fmt, fs, io, path::PathBuf};

use jiff::Timestamp;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem, pem::PemObject};
use x509_parser::prelude::{FromDer, X509Certificate};

/// Where PEM text comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pem {
    /// A file.
    File(PathBuf),
    /// The configuration itself.
    Inline(String),
}

/// Why TLS cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read.
    #[error("cannot read {place}; check that it exists and that execgate may read it")]
    Read {
        /// The file.
        place: Pem,
        /// What the system said.
        source: io::Error,
    },
    /// The text is no PEM.
    #[error("{place} is not PEM text")]
    Malformed {
        /// Where it stands.
        place: Pem,
        /// What is wrong with it.
        source: pem::Error,
    },
    /// No certificate in it.
    #[error(
        "{place} holds no certificate; a PEM block that begins with -----BEGIN CERTIFICATE----- is needed"
    )]
    NoCertificate {
        /// Where one was looked for.
        place: Pem,
    },
    /// No private key in it.
    #[error(
        "{place} holds no private key; an unencrypted PEM block such as -----BEGIN PRIVATE KEY----- is needed"
    )]
    NoKey {
        /// Where one was looked for.
        place: Pem,
    },
    /// A block that says CERTIFICATE and is none.
    #[error("a certificate in {place} is damaged")]
    Damaged {
        /// Where it stands.
        place: Pem,
    },
    /// Every authority's time is over: no server could be believed.
    #[error("the certificate authority {subject} in {place} expired on {date}; put the current one there")]
    Expired {
        /// Where it stands.
        place: Pem,
        /// Its name.
        subject: String,
        /// The day.
        date: String,
    },
    /// Certificate and key do not belong together, or the key is of no kind that we can use.
    #[error("the private key in {key} does not fit the certificate in {certificate}")]
    Mismatch {
        /// Where the certificate stands.
        certificate: Pem,
        /// Where the key stands.
        key: Pem,
        /// What the library said.
        source: Box<rustls::Error>,
    },
    /// The machine has no list of authorities.
    #[error(
        "this machine has no usable list of certificate authorities; install ca-certificates or name a certificateAuthority"
    )]
    NoSystemRoots(#[source] rustls::Error),
    /// A name that no certificate can carry.
    #[error("{0:?} is neither a host name nor an IP address that a certificate could name")]
    ServerName(String),
    /// A trust anchor or a certificate that the library cannot use.
    #[error("the certificates in {place} cannot be used")]
    Unusable {
        /// Where they stand.
        place: Pem,
        /// What the library said.
        source: rustls::Error,
    },
}

/// What people want to know of a certificate.
pub(super) struct Facts {
    pub(super) subject: String,
    not_after: i64,
}

impl Pem {
    /// All certificates, at least one, in order.
    pub(super) fn certificates(&self) -> Result<Vec<CertificateDer<'static>>, TlsError> {
        let text = self.text()?;
        let certificates: Vec<_> = CertificateDer::pem_slice_iter(&text)
            .collect::<Result<_, _>>()
            .map_err(|source| TlsError::Malformed { place: self.clone(), source })?;
        if certificates.is_empty() {
            return Err(TlsError::NoCertificate { place: self.clone() });
        }
        Ok(certificates)
    }

    /// The first private key.
    pub(super) fn key(&self) -> Result<PrivateKeyDer<'static>, TlsError> {
        PrivateKeyDer::from_pem_slice(&self.text()?).map_err(|source| match source {
            pem::Error::NoItemsFound => TlsError::NoKey { place: self.clone() },
            source => TlsError::Malformed { place: self.clone(), source },
        })
    }

    /// What a certificate that stands here says of itself.
    pub(super) fn facts(&self, certificate: &CertificateDer<'_>) -> Result<Facts, TlsError> {
        let (_, parsed) =
            X509Certificate::from_der(certificate).map_err(|_| TlsError::Damaged { place: self.clone() })?;
        Ok(Facts {
            subject: format!("{:?}", parsed.subject().to_string()),
            not_after: parsed.validity().not_after.timestamp(),
        })
    }

    fn text(&self) -> Result<Vec<u8>, TlsError> {
        match self {
            Self::Inline(text) => Ok(text.clone().into_bytes()),
            Self::File(path) => {
                fs::read(path).map_err(|source| TlsError::Read { place: self.clone(), source })
            }
        }
    }
}

/// For people: where to look.
impl fmt::Display for Pem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "the file {}", path.display()),
            Self::Inline(_) => f.write_str("the inline PEM text"),
        }
    }
}

impl Facts {
    /// The day on which it expired, if that is past.
    pub(super) fn expired(&self, now: Timestamp) -> Option<String> {
        (self.not_after < now.as_second()).then(|| date(self.not_after))
    }
}

/// Seconds since 1970 as a date that people read.
pub(super) fn date(seconds: i64) -> String {
    Timestamp::from_second(seconds).map_or_else(
        |_| "a date out of range".to_owned(),
        |time| time.strftime("%Y-%m-%d %H:%M UTC").to_string(),
    )
}
