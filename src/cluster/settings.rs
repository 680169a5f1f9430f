//! What one cluster needs to be reached.

use std::{fmt, path::PathBuf, time::Duration};

use http::Uri;

use crate::net::tls::{self, Pem};
use crate::target::ClusterName;

/// One cluster.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Its name: in paths, rules and logs.
    pub name: ClusterName,
    /// The API server's address.
    pub server: ServerUrl,
    /// Whom to believe to be that server.
    pub trust: Trust,
    /// The name to ask for and to verify, if not the server's host.
    pub tls_server_name: Option<String>,
    /// What proves execgate to the API server.
    pub credential: CredentialSettings,
    /// How long TCP, TLS and the answer to the upgrade may take together.
    pub connect_timeout: Duration,
    /// Idle time after which the kernel probes the connection.
    pub keepalive: Duration,
    /// Whether the user's name and groups go upstream as `Impersonate-*` headers.
    pub impersonate: bool,
}

impl Settings {
    /// TCP, TLS and the upgrade are done within this, or the cluster counts as down.
    pub const DEFAULT_CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
    /// Kernel keepalive: as often as our own pings.
    pub const DEFAULT_KEEPALIVE: Duration = Duration::from_secs(30);
}

/// Whom to believe to be the API server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trust {
    /// The machine's own certificate authorities.
    SystemRoots,
    /// A file of PEM certificates.
    File(PathBuf),
    /// PEM certificates.
    Inline(String),
    /// Anybody: for tries only, warned about at start.
    Insecure,
}

impl From<&Trust> for tls::Trust {
    fn from(trust: &Trust) -> Self {
        match trust {
            Trust::SystemRoots => Self::SystemRoots,
            Trust::File(path) => Self::Authorities(Pem::File(path.clone())),
            Trust::Inline(text) => Self::Authorities(Pem::Inline(text.clone())),
            Trust::Insecure => Self::Anybody,
        }
    }
}

/// Where the credential for a cluster comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CredentialSettings {
    /// A bearer token in the environment variable of that name, read once at start.
    TokenEnv(String),
    /// A bearer token in a file that is read again at least every 60 s.
    TokenFile(PathBuf),
    /// A client certificate, PEM.
    ClientCertificate {
        /// The certificate chain.
        cert_file: PathBuf,
        /// Its private key.
        key_file: PathBuf,
    },
}

/// An API server's address: scheme, host, port, and a path prefix for servers behind one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerUrl {
    tls: bool,
    host: String,
    port: u16,
    prefix: String,
}

/// Why a text is no API server's address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ServerUrlError {
    /// Not a URL at all.
    #[error("not a URL; write it as https://HOST:PORT")]
    Malformed,
    /// Neither https nor http.
    #[error("the scheme must be https or http")]
    Scheme,
    /// A port that is no port. The parser would drop it, and the credential would go to the scheme's own port.
    #[error("the port must be a number from 1 to 65535")]
    Port,
    /// User information, a query or a fragment.
    #[error("only scheme, host, port and path are allowed; credentials go under `credential`")]
    Extra,
}

impl ServerUrl {
    /// Reads `https://host:port/prefix`.
    pub fn parse(text: &str) -> Result<Self, ServerUrlError> {
        if text.contains(['#', '?', '@']) {
            return Err(ServerUrlError::Extra);
        }
        let uri: Uri = text.parse().map_err(|_| ServerUrlError::Malformed)?;
        let tls = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            Some(_) => return Err(ServerUrlError::Scheme),
            None => return Err(ServerUrlError::Malformed),
        };
        let host = uri.host().filter(|host| !host.is_empty()).ok_or(ServerUrlError::Malformed)?.to_owned();
        let has_port = uri.authority().is_some_and(|authority| authority.as_str() != host);
        let port = match uri.port_u16() {
            Some(port) if port > 0 => port,
            None if !has_port && tls => 443,
            None if !has_port => 80,
            _ => return Err(ServerUrlError::Port),
        };
        let prefix = uri.path().trim_end_matches('/').to_owned();
        Ok(Self { tls, host, port, prefix })
    }

    /// True for https.
    pub fn is_tls(&self) -> bool {
        self.tls
    }

    /// The host without the brackets of an IPv6 address: what to resolve and to verify.
    pub fn host(&self) -> &str {
        self.host.trim_start_matches('[').trim_end_matches(']')
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// What stands before `/api`: empty, or a path that starts with a slash and ends without one.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// The `Host` header: host and port, brackets kept.
    pub fn authority(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }
}

impl fmt::Display for ServerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.tls { "https" } else { "http" };
        write!(f, "{scheme}://{}:{}{}", self.host, self.port, self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_a_scheme_a_host_a_port_and_perhaps_a_prefix() {
        let url = ServerUrl::parse("https://[::1]:6443/k8s/clusters/c-1/").unwrap();
        assert_eq!(
            (url.is_tls(), url.host(), url.port(), url.prefix()),
            (true, "::1", 6443, "/k8s/clusters/c-1")
        );
        assert_eq!(url.authority(), "[::1]:6443");
        assert_eq!(ServerUrl::parse("https://api").unwrap().port(), 443);
        assert_eq!(ServerUrl::parse("http://[::1]").unwrap().port(), 80);
    }

    #[test]
    fn what_is_no_address_is_refused() {
        assert_eq!(ServerUrl::parse("https://u:p@api"), Err(ServerUrlError::Extra));
        assert_eq!(ServerUrl::parse("https://api?x=1"), Err(ServerUrlError::Extra));
        assert_eq!(ServerUrl::parse("ftp://api"), Err(ServerUrlError::Scheme));
        assert_eq!(ServerUrl::parse("10.0.0.1:6443"), Err(ServerUrlError::Malformed));
        for port in ["65536", "0", "644300", "api", ""] {
            let parsed = ServerUrl::parse(&format!("https://[::1]:{port}/prefix"));
            assert!(parsed.is_err(), "{port:?}: {parsed:?}");
        }
    }
}
