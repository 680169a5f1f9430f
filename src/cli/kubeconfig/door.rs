//! Where kubectl finds execgate, and whom it has to trust there.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};

use http::Uri;

use crate::{
    front::Settings,
    net::tls::{Pem, Shown, TlsError, certificates_pem},
};

/// The way in.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Door {
    /// `https://host:port`, and a path if something in front has one.
    pub(super) url: String,
    /// What to trust, PEM; without it, what kubectl's machine trusts.
    pub(super) authority: Option<String>,
    /// What the operator should know.
    pub(super) note: Option<String>,
}

/// Why no way in is known.
#[derive(Debug, thiserror::Error)]
pub(super) enum DoorError {
    #[error(
        "no listener of the configuration has TLS, and kubectl sends no token without; give a listener tls, or name with --server what ends TLS in front"
    )]
    NoTls,
    #[error(
        "{text:?} is no address that kubectl sends a token to; write --server https://HOST or https://HOST:PORT"
    )]
    Server { text: String },
    #[error("the listener {address} takes any free port; name the one that users reach with --server")]
    AnyPort { address: SocketAddr },
    #[error("the certificate in {} names no host that users could reach; name one with --server", path.display())]
    NoName { path: PathBuf },
    #[error("the listener's certificate cannot be used")]
    Certificate(#[source] TlsError),
    #[error("--certificate-authority cannot be used")]
    Authority(#[source] TlsError),
}

impl Door {
    /// The way that `server` says, or the first listener with TLS; trust as `authority` says, or as the listener's certificate file
    /// shows it.
    pub(super) fn find(
        front: &Settings,
        server: Option<&str>,
        authority: Option<&Path>,
    ) -> Result<Self, DoorError> {
        let own = match Own::of(front) {
            // The listener may well be on another machine.
            Err(_) if server.is_some() => None,
            own => own?,
        };
        let url = match (server, &own) {
            (Some(server), _) => given(server)?,
            (None, Some(own)) => own.url()?,
            (None, None) => return Err(DoorError::NoTls),
        };
        let (authority, note) = match (authority, own) {
            (Some(path), _) => {
                let place = Pem::File(path.to_owned());
                (Some(certificates_pem(&place).map_err(DoorError::Authority)?), None)
            }
            // Something in front may show another certificate than the listener's.
            (None, Some(own)) if own.is_for(&url) => own.trust(),
            (None, _) => (None, Some(UNKNOWN_AUTHORITY.to_owned())),
        };
        Ok(Self { url, authority, note })
    }
}

/// A listener with TLS.
struct Own {
    address: SocketAddr,
    cert_file: PathBuf,
    shown: Shown,
}

impl Own {
    fn of(front: &Settings) -> Result<Option<Self>, DoorError> {
        let found = front.listeners.iter().find_map(|listener| Some((listener, listener.tls.as_ref()?)));
        let Some((listener, tls)) = found else { return Ok(None) };
        let cert_file = tls.cert_file.clone();
        let shown = Shown::read(&Pem::File(cert_file.clone())).map_err(DoorError::Certificate)?;
        Ok(Some(Self { address: listener.address, cert_file, shown }))
    }

    /// Its own address if its certificate is for that; else the first name in the certificate.
    fn url(&self) -> Result<String, DoorError> {
        if self.address.port() == 0 {
            return Err(DoorError::AnyPort { address: self.address });
        }
        let Shown { names, addresses, .. } = &self.shown;
        let port = self.address.port();
        let own = addresses.iter().find(|address| **address == self.address.ip());
        let by_name = || names.first().map(|name| format!("https://{name}:{port}"));
        let by_address = |address| format!("https://{}", SocketAddr::new(address, port));
        own.copied()
            .map(by_address)
            .or_else(by_name)
            .or_else(|| addresses.first().copied().map(by_address))
            .ok_or_else(|| DoorError::NoName { path: self.cert_file.clone() })
    }

    fn is_for(&self, url: &str) -> bool {
        let Some(host) = host(url) else { return false };
        let Shown { names, addresses, .. } = &self.shown;
        names.iter().any(|name| name.eq_ignore_ascii_case(&host))
            || host.parse().is_ok_and(|address| addresses.contains(&address))
    }

    fn trust(self) -> (Option<String>, Option<String>) {
        let Shown { anchor, issuer, .. } = self.shown;
        let note = anchor.is_none().then(|| {
            format!(
                "the listener's certificate is signed by {issuer:?}; if the user's machine does not trust that, name its certificate with --certificate-authority"
            )
        });
        (anchor, note)
    }
}

/// An address as somebody gave it.
fn given(server: &str) -> Result<String, DoorError> {
    let wrong = || DoorError::Server { text: server.to_owned() };
    let is_bare = server.starts_with("https://") && !server.contains(['?', '#', '@']);
    host(server).filter(|host| !host.is_empty() && is_bare).ok_or_else(wrong)?;
    Ok(server.trim_end_matches('/').to_owned())
}

/// The host of a URL, without the brackets of an IPv6 address.
fn host(url: &str) -> Option<String> {
    let uri: Uri = url.parse().ok()?;
    Some(uri.host()?.trim_matches(['[', ']']).to_owned())
}

const UNKNOWN_AUTHORITY: &str = "kubectl will trust what the user's machine trusts; if the server's certificate is signed by an authority of your own, name that one's certificate with --certificate-authority";

#[cfg(test)]
mod tests;
