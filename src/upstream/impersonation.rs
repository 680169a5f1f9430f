//! In whose name the API server is to judge: the `Impersonate-*` headers.

use http::{HeaderMap, HeaderName, HeaderValue};

use super::RequestError;
use crate::{cluster::Cluster, identity::Principal};

/// The user in whose name the API server is to judge.
#[derive(Debug, Clone, Copy)]
pub(super) struct Impersonated<'a> {
    pub(super) user: &'a str,
    pub(super) groups: &'a [String],
}

impl<'a> Impersonated<'a> {
    /// The user, where the cluster is set up so; else execgate speaks for itself.
    pub(super) fn on(cluster: &Cluster, principal: &'a Principal) -> Option<Self> {
        cluster.impersonate().then(|| Self { user: principal.user(), groups: principal.groups() })
    }

    /// Writes one header for the user and one for each group.
    pub(super) fn write(self, headers: &mut HeaderMap) -> Result<(), RequestError> {
        headers.insert(IMPERSONATE_USER, self.user_header()?);
        for group in self.groups {
            headers.append(IMPERSONATE_GROUP, faithful("group", "Impersonate-Group", group)?);
        }
        Ok(())
    }

    /// An empty `Impersonate-User` counts as none (apiserver `pkg/endpoints/filters/impersonation`): the API server would then judge
    /// execgate itself, so an empty name must not pass.
    fn user_header(self) -> Result<HeaderValue, RequestError> {
        faithful("user name", "Impersonate-User", self.user)
    }
}

/// A header that the API server reads as exactly `text`. Go trims white space at both ends, which would make another name of it.
fn faithful(what: &'static str, header: &'static str, text: &str) -> Result<HeaderValue, RequestError> {
    let unsendable = || RequestError::Unsendable { what, header, text: text.to_owned() };
    if text.is_empty() || text.trim() != text || text.chars().any(char::is_control) {
        return Err(unsendable());
    }
    HeaderValue::from_bytes(text.as_bytes()).map_err(|_| unsendable())
}

const IMPERSONATE_USER: HeaderName = HeaderName::from_static("impersonate-user");
const IMPERSONATE_GROUP: HeaderName = HeaderName::from_static("impersonate-group");
