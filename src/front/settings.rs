//! Where to listen, and from which pages.

use std::{fmt, net::SocketAddr, path::PathBuf};

use http::Uri;

use super::{FrontendSettings, RouteSettings};
use crate::identity::CookieName;

/// The front door.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where to listen; at least one.
    pub listeners: Vec<ListenerSettings>,
    /// Which pages may connect.
    pub origins: Origins,
    /// The cookie that may carry a token.
    pub token_cookie: Option<CookieName>,
    /// The terminal page, if there is to be one.
    pub page: Option<PageSettings>,
    /// URLs of other pages.
    pub routes: Vec<RouteSettings>,
    /// What answers where execgate has nothing to say, if there is anything.
    pub frontend: Option<FrontendSettings>,
}

impl Settings {
    /// Everything that may carry a token, besides headers that are known for it.
    pub fn credential_names(&self) -> CredentialNames {
        let of_routes = self.routes.iter().filter_map(|route| route.credential.cookie.clone());
        CredentialNames {
            cookies: self.token_cookie.iter().cloned().chain(of_routes).collect(),
            query: self.routes.iter().filter_map(|route| route.credential.query.clone()).collect(),
        }
    }
}

/// What may carry a token of execgate's in a request that is the page's.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CredentialNames {
    /// Cookies.
    pub cookies: Vec<CookieName>,
    /// Query parameters.
    pub query: Vec<String>,
}

/// The terminal page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageSettings {
    /// Command lines that it proposes.
    pub commands: Vec<String>,
}

/// One listening address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListenerSettings {
    /// Address and port; port 0 takes a free one.
    pub address: SocketAddr,
    /// Present for TLS.
    pub tls: Option<TlsFiles>,
}

/// A server's certificate and key, PEM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// The certificate chain.
    pub cert_file: PathBuf,
    /// Its private key.
    pub key_file: PathBuf,
}

/// Which pages may connect. A request without an `Origin` is no page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origins {
    /// Those served under the same scheme and host as the request.
    Same,
    /// Exactly these.
    Listed(Vec<Origin>),
    /// Both.
    SameAndListed(Vec<Origin>),
}

/// A scheme, host and port (RFC 6454), such as `https://console.example.com`, in the form that browsers send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin(String);

/// Why a text is no origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an origin is written https://HOST or https://HOST:PORT, without a path")]
pub struct OriginError;

impl Origin {
    /// Reads an origin; the default port is dropped and letters are lower-cased, as browsers do.
    pub fn parse(text: &str) -> Result<Self, OriginError> {
        let uri: Uri = text.parse().map_err(|_| OriginError)?;
        let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
            return Err(OriginError);
        };
        let bare = matches!(uri.path(), "" | "/")
            && uri.query().is_none()
            && !text.ends_with('/')
            && !text.contains(['#', '@']);
        if !bare || !matches!(scheme, "http" | "https") || authority.host().is_empty() {
            return Err(OriginError);
        }
        // The parser drops a port that is no number: another origin would be meant.
        if authority.port().is_none() && authority.as_str() != authority.host() {
            return Err(OriginError);
        }
        let default_port = if scheme == "https" { 443 } else { 80 };
        let host = authority.host().to_ascii_lowercase();
        match authority.port_u16().filter(|port| *port != default_port) {
            Some(port) => Ok(Self(format!("{scheme}://{host}:{port}"))),
            None => Ok(Self(format!("{scheme}://{host}"))),
        }
    }

    /// The origin as browsers write it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
