//! What a certificate file tells those who will connect: for which names it is good, and what they have to trust.

use std::net::IpAddr;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use rustls::pki_types::CertificateDer;
use x509_parser::{
    extensions::GeneralName,
    prelude::{FromDer, X509Certificate},
};

use super::pem::{Pem, TlsError};

/// A server's certificate, seen from outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// The host names that it is good for, wildcards aside.
    pub names: Vec<String>,
    /// The addresses that it is good for.
    pub addresses: Vec<IpAddr>,
    /// Who signed it.
    pub issuer: String,
    /// What to trust, as PEM, if the file tells: a certificate that nobody else has signed, at the chain's end.
    pub anchor: Option<String>,
}

impl Shown {
    /// Reads the chain that a listener shows.
    pub fn read(chain: &Pem) -> Result<Self, TlsError> {
        let certificates = chain.certificates()?;
        let damaged = || TlsError::Damaged { place: chain.clone() };
        let parse = |certificate| X509Certificate::from_der(certificate).map_err(|_| damaged());
        let (leaf, last) = (&certificates[0], certificates.last().ok_or_else(damaged)?);
        let (_, parsed_last) = parse(last)?;
        let (_, parsed) = parse(leaf)?;
        let alternatives = parsed.subject_alternative_name().map_err(|_| damaged())?;
        let alternatives = alternatives.map_or(&[][..], |extension| &extension.value.general_names[..]);
        let is_anchor = parsed_last.subject() == parsed_last.issuer();
        Ok(Self {
            names: alternatives.iter().filter_map(host).collect(),
            addresses: alternatives.iter().filter_map(address).collect(),
            issuer: parsed.issuer().to_string(),
            anchor: is_anchor.then(|| encode(last)),
        })
    }
}

/// All certificates that stand there and nothing else that may: no key, no comment.
pub fn certificates_pem(place: &Pem) -> Result<String, TlsError> {
    Ok(place.certificates()?.iter().map(encode).collect())
}

fn host(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::DNSName(name) if !name.contains('*') => Some((*name).to_owned()),
        _ => None,
    }
}

fn address(name: &GeneralName<'_>) -> Option<IpAddr> {
    match name {
        GeneralName::IPAddress(bytes) => {
            let four = <[u8; 4]>::try_from(*bytes).map(IpAddr::from);
            four.or_else(|_| <[u8; 16]>::try_from(*bytes).map(IpAddr::from)).ok()
        }
        _ => None,
    }
}

/// RFC 7468: lines of 64 characters.
fn encode(certificate: &CertificateDer<'_>) -> String {
    let text = STANDARD.encode(certificate);
    let lines = text.as_bytes().chunks(64).map(String::from_utf8_lossy);
    let lines: Vec<_> = lines.collect();
    format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};

    use super::*;

    fn read(pem: &str) -> Shown {
        Shown::read(&Pem::Inline(pem.to_owned())).unwrap()
    }

    #[test]
    fn a_certificate_that_signed_itself_is_what_to_trust() {
        let params =
            CertificateParams::new(["gate.example".to_owned(), "10.0.0.7".to_owned(), "::1".to_owned()]);
        let pem = params.unwrap().self_signed(&KeyPair::generate().unwrap()).unwrap().pem();
        let shown = read(&pem);
        assert_eq!(shown.names, ["gate.example"]);
        assert_eq!(shown.addresses, ["10.0.0.7".parse::<IpAddr>().unwrap(), "::1".parse().unwrap()]);
        assert_eq!(shown.anchor.unwrap().replace('\n', ""), pem.replace(['\r', '\n'], ""));
    }

    #[test]
    fn of_a_chain_its_end_is_what_to_trust_and_only_if_nobody_else_signed_it() {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, "an authority");
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let leaf = CertificateParams::new(["*.example".to_owned()]).unwrap();
        let leaf = leaf.signed_by(&KeyPair::generate().unwrap(), &issuer).unwrap().pem();
        let alone = read(&leaf);
        assert_eq!((alone.anchor, alone.names.len()), (None, 0));
        assert_eq!(alone.issuer, "CN=an authority");
        let whole = read(&format!("{leaf}{}", issuer.pem()));
        assert_eq!(whole.anchor.unwrap().replace('\n', ""), issuer.pem().replace(['\r', '\n'], ""));
    }

    #[test]
    fn a_key_beside_a_certificate_is_left_behind() {
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::default().self_signed(&key).unwrap().pem();
        let both = Pem::Inline(format!("{}{certificate}# a comment\n", key.serialize_pem()));
        let kept = certificates_pem(&both).unwrap();
        assert!(!kept.contains("PRIVATE") && !kept.contains("comment"), "{kept}");
        assert_eq!(kept.matches("BEGIN CERTIFICATE").count(), 1);
    }
}
