//! A service's address.

use std::fmt;
use std::net::IpAddr;

use http::Uri;

use crate::cluster::{ServerUrl, ServerUrlError};

/// Scheme, host, port and path: where a service is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceUrl {
    server: ServerUrl,
    /// To the letter: to many services a slash at the end is another path.
    path: String,
}

/// Why a text is no service's address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ServiceUrlError {
    /// User information, a query or a fragment.
    #[error("only scheme, host, port and path are allowed; what proves execgate goes under `secret`")]
    Extra,
    /// Something else.
    #[error(transparent)]
    Server(ServerUrlError),
}

impl ServiceUrl {
    /// Reads `https://host:port/path`.
    pub fn parse(text: &str) -> Result<Self, ServiceUrlError> {
        let server = ServerUrl::parse(text).map_err(|error| match error {
            ServerUrlError::Extra => ServiceUrlError::Extra,
            other => ServiceUrlError::Server(other),
        })?;
        let uri: Uri = text.parse().map_err(|_| ServiceUrlError::Server(ServerUrlError::Malformed))?;
        Ok(Self { server, path: uri.path().to_owned() })
    }

    /// True for https.
    pub fn is_tls(&self) -> bool {
        self.server.is_tls()
    }

    /// Whether nothing that is sent there leaves this machine.
    pub fn is_loopback(&self) -> bool {
        let host = self.host();
        host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
    }

    pub(super) fn host(&self) -> &str {
        self.server.host()
    }

    pub(super) fn port(&self) -> u16 {
        self.server.port()
    }

    pub(super) fn authority(&self) -> String {
        self.server.authority()
    }

    pub(super) fn path(&self) -> &str {
        &self.path
    }
}

/// As it is asked: the port is always there.
impl fmt::Display for ServiceUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.is_tls() { "https" } else { "http" };
        write!(f, "{scheme}://{}{}", self.server.authority(), self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_keeps_its_path_to_the_letter() {
        let url = ServiceUrl::parse("https://jobs.internal/v1/resolve/").unwrap();
        assert_eq!(url.to_string(), "https://jobs.internal:443/v1/resolve/");
        assert_eq!(ServiceUrl::parse("http://[::1]:9").unwrap().path(), "/");
    }

    #[test]
    fn what_stays_on_this_machine_is_known() {
        for text in ["http://127.0.0.1:1/x", "http://localhost", "http://[::1]:8080"] {
            assert!(ServiceUrl::parse(text).unwrap().is_loopback(), "{text}");
        }
        for text in ["http://10.0.0.1", "http://localhost.example.com"] {
            assert!(!ServiceUrl::parse(text).unwrap().is_loopback(), "{text}");
        }
    }

    #[test]
    fn a_password_and_a_query_have_no_place_in_it() {
        for text in ["https://a:b@jobs", "https://jobs?token=x", "https://jobs#x"] {
            assert_eq!(ServiceUrl::parse(text), Err(ServiceUrlError::Extra), "{text}");
        }
        assert!(ServiceUrl::parse("jobs.internal").is_err());
    }
}
