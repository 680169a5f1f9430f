//! Certificates that are out of date: warned about, because a clock may be wrong and another connection may do.

use std::{
    fs,
    path::{Path, PathBuf},
};

use jiff::Timestamp;
use rustls::pki_types::{CertificateDer, pem::PemObject};

use super::{Settings, Warning};
use crate::{
    cluster::{CredentialSettings, Trust},
    front::FrontendSettings,
    resolve::Find,
};

/// Why a certificate can't be used today.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lapse {
    /// Its last moment is past.
    Expired(Timestamp),
    /// Its first moment is to come.
    NotYetValid(Timestamp),
}

/// Warnings about certificates that `now` is no time for. A file that can't be read is no matter of this.
pub(super) fn lapsed(settings: &Settings, now: Timestamp) -> Vec<Warning> {
    let mut warnings = Vec::new();
    let chains =
        settings.front.listeners.iter().filter_map(|listener| Some(&listener.tls.as_ref()?.cert_file));
    for file in chains {
        warnings.extend(chain(file, now));
    }
    for cluster in &settings.clusters {
        warnings.extend(trusted(&cluster.trust, now, || format!("cluster {}", cluster.name)));
        if let CredentialSettings::ClientCertificate { cert_file, .. } = &cluster.credential {
            warnings.extend(chain(cert_file, now));
        }
    }
    for resolver in &settings.resolvers {
        if let Find::Http(service) = &resolver.find {
            warnings.extend(trusted(&service.trust, now, || format!("target resolver {}", resolver.name)));
        }
    }
    if let Some(FrontendSettings::Server(server)) = &settings.front.frontend {
        warnings.extend(trusted(&server.trust, now, || "the page's server".to_owned()));
    }
    warnings
}

fn trusted(trust: &Trust, now: Timestamp, whose: impl FnOnce() -> String) -> Option<Warning> {
    match trust {
        Trust::File(file) => read(file).and_then(|pem| authorities(&pem, now, || file.clone())),
        Trust::Inline(pem) => {
            let place = || PathBuf::from(format!("the certificateAuthority of {}", whose()));
            authorities(pem.as_bytes(), now, place)
        }
        Trust::SystemRoots | Trust::Insecure => None,
    }
}

/// A chain is as good as its first certificate: the others are the issuer's affair.
fn chain(file: &Path, now: Timestamp) -> Option<Warning> {
    let lapse = lapses(&read(file)?, now).into_iter().next()??;
    Some(Warning::Certificate { place: file.to_owned(), lapse })
}

/// One authority that is in date is enough.
fn authorities(pem: &[u8], now: Timestamp, place: impl FnOnce() -> PathBuf) -> Option<Warning> {
    let lapses: Option<Vec<Lapse>> = lapses(pem, now).into_iter().collect();
    let lapse = lapses?.into_iter().next()?;
    let place = place();
    Some(Warning::Certificate { place, lapse })
}

/// For each certificate why it can't be used, or `None`.
fn lapses(pem: &[u8], now: Timestamp) -> Vec<Option<Lapse>> {
    let certificates = CertificateDer::pem_slice_iter(pem).filter_map(Result::ok);
    certificates.map(|certificate| lapse(&certificate, now)).collect()
}

fn lapse(certificate: &CertificateDer<'_>, now: Timestamp) -> Option<Lapse> {
    let (_, certificate) = x509_parser::parse_x509_certificate(certificate).ok()?;
    let validity = certificate.validity();
    let first = Timestamp::from_second(validity.not_before.timestamp()).ok()?;
    let last = Timestamp::from_second(validity.not_after.timestamp()).ok()?;
    if now > last {
        Some(Lapse::Expired(last))
    } else if now < first {
        Some(Lapse::NotYetValid(first))
    } else {
        None
    }
}

fn read(file: &Path) -> Option<Vec<u8>> {
    fs::read(file).ok()
}
