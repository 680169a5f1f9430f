//! What went wrong in a TLS handshake that we began, in words that say what to change.

use std::{error::Error, io};

use rustls::{AlertDescription, CertificateError, InvalidMessage, pki_types::UnixTime};

use super::pem::date;

/// Why a TLS handshake with a server failed.
#[derive(Debug, thiserror::Error)]
pub enum HandshakeError {
    /// Its certificate is not believed.
    #[error("the server's certificate is not accepted")]
    Certificate(#[source] CertificateProblem),
    /// It answers TLS with something else, as a plain HTTP server does.
    #[error("the server does not speak TLS; check the port, or write http:// if it really speaks plain HTTP")]
    NotTls,
    /// It wants a client certificate, or does not like ours.
    #[error(
        "the server asks for a client certificate that it accepts (TLS alert {0:?}); check the credential's certFile and keyFile"
    )]
    ClientCertificate(AlertDescription),
    /// It knows no site of that name.
    #[error(
        "the server does not know the name that it was asked for; set tlsServerName to one that it serves"
    )]
    UnknownName,
    /// It ended the handshake for a reason of its own.
    #[error("the server ended the TLS handshake with alert {0:?}")]
    Alert(AlertDescription),
    /// It hung up.
    #[error(
        "the server closed the connection during the TLS handshake; check that the port is the right one"
    )]
    Closed(#[source] io::Error),
    /// Anything else that TLS forbids.
    #[error("the TLS handshake failed")]
    Protocol(#[source] rustls::Error),
    /// The connection broke.
    #[error("the connection broke during the TLS handshake")]
    Io(#[source] io::Error),
}

/// What is wrong with a server's certificate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CertificateProblem {
    /// Its time is over.
    #[error("it expired on {0}; renew it on the server, or check this machine's clock")]
    Expired(String),
    /// Its time has not come.
    #[error("it is not valid before {0}; check this machine's clock and the server's")]
    NotYetValid(String),
    /// No authority that we trust made it.
    #[error(
        "it was not issued by any authority trusted here; check that certificateAuthority is the server's own"
    )]
    UnknownIssuer,
    /// It names an authority that we trust, whose key did not sign it: as after an authority was made anew under its old name.
    #[error(
        "it names an authority that is trusted here, but that one's key did not sign it; certificateAuthority may be an old one: put the server's current one there"
    )]
    Signature,
    /// An authority's own certificate is shown as a server's.
    #[error("it is an authority's certificate, not a server's; give the server one of its own")]
    Authority,
    /// It is for other names.
    #[error(
        "it is not for {expected:?} but for {names}; set tlsServerName to one of these, or correct the server's address",
        names = listed(.presented)
    )]
    Name {
        /// What we asked for.
        expected: String,
        /// What the certificate names.
        presented: Vec<String>,
    },
    /// It was taken back.
    #[error("it was revoked")]
    Revoked,
    /// Anything else, in the library's words.
    #[error("{0}")]
    Other(String),
}

impl From<io::Error> for HandshakeError {
    fn from(error: io::Error) -> Self {
        match rustls_error(&error) {
            Some(tls) => Self::from(tls.clone()),
            None if is_end(error.kind()) => Self::Closed(error),
            None => Self::Io(error),
        }
    }
}

impl From<rustls::Error> for HandshakeError {
    fn from(error: rustls::Error) -> Self {
        match error {
            rustls::Error::InvalidCertificate(problem) => Self::Certificate(problem.into()),
            rustls::Error::InvalidMessage(InvalidMessage::InvalidContentType) => Self::NotTls,
            rustls::Error::AlertReceived(AlertDescription::UnrecognisedName) => Self::UnknownName,
            rustls::Error::AlertReceived(alert) if is_about_our_certificate(alert) => {
                Self::ClientCertificate(alert)
            }
            rustls::Error::AlertReceived(alert) => Self::Alert(alert),
            other => Self::Protocol(other),
        }
    }
}

impl HandshakeError {
    /// Finds a TLS failure in a chain of errors. In TLS 1.3 a server refuses a client certificate only after the handshake, so
    /// that the alert arrives where an answer was expected.
    pub fn find(error: &(dyn Error + 'static)) -> Option<Self> {
        let mut current = Some(error);
        while let Some(error) = current {
            if let Some(tls) = error.downcast_ref::<io::Error>().and_then(rustls_error) {
                return Some(Self::from(tls.clone()));
            }
            current = error.source();
        }
        None
    }
}

impl From<CertificateError> for CertificateProblem {
    fn from(error: CertificateError) -> Self {
        match error {
            CertificateError::Expired => Self::Expired("an unknown date".to_owned()),
            CertificateError::ExpiredContext { not_after, .. } => Self::Expired(instant(not_after)),
            CertificateError::NotValidYet => Self::NotYetValid("an unknown date".to_owned()),
            CertificateError::NotValidYetContext { not_before, .. } => Self::NotYetValid(instant(not_before)),
            CertificateError::UnknownIssuer => Self::UnknownIssuer,
            CertificateError::BadSignature => Self::Signature,
            CertificateError::NotValidForNameContext { expected, presented } => Self::Name {
                expected: expected.to_str().into_owned(),
                presented: presented.iter().map(|name| bare(name)).collect(),
            },
            CertificateError::Revoked => Self::Revoked,
            other if other.to_string().contains("CaUsedAsEndEntity") => Self::Authority,
            other => Self::Other(other.to_string()),
        }
    }
}

fn rustls_error(error: &io::Error) -> Option<&rustls::Error> {
    error.get_ref()?.downcast_ref()
}

fn is_end(kind: io::ErrorKind) -> bool {
    use io::ErrorKind as Kind;
    matches!(kind, Kind::UnexpectedEof | Kind::ConnectionReset | Kind::ConnectionAborted | Kind::BrokenPipe)
}

fn is_about_our_certificate(alert: AlertDescription) -> bool {
    use AlertDescription as Alert;
    matches!(
        alert,
        Alert::CertificateRequired
            | Alert::BadCertificate
            | Alert::UnknownCA
            | Alert::CertificateExpired
            | Alert::CertificateRevoked
            | Alert::CertificateUnknown
            | Alert::UnsupportedCertificate
            | Alert::AccessDenied
    )
}

fn instant(time: UnixTime) -> String {
    date(i64::try_from(time.as_secs()).unwrap_or(i64::MAX))
}

/// Takes the name out of webpki's `DnsName("a.example")` and `IpAddress(10.0.0.1)`.
fn bare(name: &str) -> String {
    let inner = name.split_once('(').and_then(|(_, rest)| rest.strip_suffix(')'));
    inner.unwrap_or(name).trim_matches('"').to_owned()
}

fn listed(names: &[String]) -> String {
    match names {
        [] => "no name at all".to_owned(),
        names => names.join(", "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_mismatch_says_which_names_would_be_right() {
        let error = CertificateError::NotValidForNameContext {
            expected: "10.0.0.1".try_into().unwrap(),
            presented: vec!["DnsName(\"api.example\")".to_owned(), "IpAddress(10.0.0.9)".to_owned()],
        };
        assert_eq!(
            CertificateProblem::from(error).to_string(),
            "it is not for \"10.0.0.1\" but for api.example, 10.0.0.9; set tlsServerName to one of these, or correct the server's address"
        );
    }

    #[test]
    fn an_alert_is_found_under_other_errors() {
        #[derive(Debug, thiserror::Error)]
        #[error("outer")]
        struct Outer(#[source] io::Error);
        let alert = rustls::Error::AlertReceived(AlertDescription::CertificateRequired);
        let found = HandshakeError::find(&Outer(io::Error::other(alert)));
        assert!(matches!(found, Some(HandshakeError::ClientCertificate(_))));
        assert!(HandshakeError::find(&Outer(io::ErrorKind::TimedOut.into())).is_none());
    }
}
