//! Why the page has no answer, at start and later.

use std::io;
use std::path::PathBuf;

use http::{Method, StatusCode};
use hyper_util::client::legacy;

use super::server::UploadError;
use crate::net::tls::TlsError;

/// Why a page can't be put in its place.
#[derive(Debug, thiserror::Error)]
pub enum FrontendStartError {
    /// The folder can't be looked into.
    #[error("frontend: the folder {path} cannot be used", path = .path.display())]
    Directory {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// What proves the page's server can't be used.
    #[error("frontend: TLS cannot be set up")]
    Tls(#[source] TlsError),
}

/// Why a request of the page's is not answered by the page.
#[derive(Debug, thiserror::Error)]
pub(in crate::front) enum FrontendError {
    #[error("files are read with GET or HEAD; the method {method} is not allowed here")]
    Method { method: Method },
    #[error(
        "the path names no file: it must be UTF-8 once it is percent-decoded, without dot segments, backslashes, control characters and encoded slashes"
    )]
    Path,
    #[error("there is no file at this path")]
    NoSuchFile,
    #[error("a file could not be read")]
    File(#[source] io::Error),
    #[error("the page's server at {url} {failure}")]
    Server { url: String, failure: Failure, source: legacy::Error },
    #[error("the page's server at {url} switched protocols without having been asked to")]
    Switched { url: String },
    #[error(transparent)]
    Upload(UploadError),
}

/// What the page's server did wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(in crate::front) enum Failure {
    #[error("cannot be reached")]
    Down,
    #[error("does not take connections in time")]
    Late,
    #[error("broke off before it answered")]
    Broke,
}

impl FrontendError {
    pub(in crate::front) fn http_status(&self) -> StatusCode {
        match self {
            Self::Method { .. } => StatusCode::METHOD_NOT_ALLOWED,
            Self::Path => StatusCode::BAD_REQUEST,
            Self::NoSuchFile => StatusCode::NOT_FOUND,
            Self::File(_) => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Server { failure: Failure::Late, .. } => StatusCode::GATEWAY_TIMEOUT,
            Self::Server { .. } | Self::Switched { .. } => StatusCode::BAD_GATEWAY,
            Self::Upload(_) => StatusCode::REQUEST_TIMEOUT,
        }
    }

    /// For who asked: names no address.
    pub(in crate::front) fn for_user(&self) -> String {
        match self {
            Self::Method { .. } | Self::Path | Self::NoSuchFile | Self::File(_) | Self::Upload(_) => {
                self.to_string()
            }
            Self::Server { failure, .. } => format!("the page's server {failure}; try again in a moment"),
            Self::Switched { .. } => "the page's server answers with another protocol".to_owned(),
        }
    }

    /// Whether the operator has to do something; else it is the client's own affair.
    pub(in crate::front) fn is_ours(&self) -> bool {
        matches!(self, Self::File(_) | Self::Server { .. } | Self::Switched { .. })
    }
}
