//! In whose name the API server is to judge: the `Impersonate-*` headers.

use http::{HeaderMap, HeaderName, HeaderValue};

use super::Cluster;

/// The user in whose name the API server is to judge.
#[derive(Debug, Clone, Copy)]
pub struct Impersonated<'a> {
    /// The user's name.
    pub user: &'a str,
    /// The user's groups.
    pub groups: &'a [String],
}

/// A name that a header cannot carry unchanged: control characters, or white space at an end.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the {what} {text:?} cannot be sent as an {header} header: it is empty, or has control characters or white space at an end; rename it"
)]
pub struct Unsendable {
    /// `user name` or `group`.
    pub what: &'static str,
    /// The header.
    pub header: &'static str,
    /// The name.
    pub text: String,
}

impl Cluster {
    /// The user, where the cluster is set up so; else execgate speaks for itself.
    pub fn impersonated<'a>(&self, user: &'a str, groups: &'a [String]) -> Option<Impersonated<'a>> {
        self.impersonate().then_some(Impersonated { user, groups })
    }
}

impl Impersonated<'_> {
    /// Writes one header for the user and one for each group.
    pub fn write(self, headers: &mut HeaderMap) -> Result<(), Unsendable> {
        headers.insert(IMPERSONATE_USER, self.user_header()?);
        for group in self.groups {
            headers.append(IMPERSONATE_GROUP, faithful("group", "Impersonate-Group", group)?);
        }
        Ok(())
    }

    /// An empty `Impersonate-User` counts as none (apiserver `pkg/endpoints/filters/impersonation`): the API server would then judge
    /// execgate itself, so an empty name must not pass.
    fn user_header(self) -> Result<HeaderValue, Unsendable> {
        faithful("user name", "Impersonate-User", self.user)
    }
}

/// A header that the API server reads as exactly `text`. Go trims white space at both ends, which would make another name of it.
fn faithful(what: &'static str, header: &'static str, text: &str) -> Result<HeaderValue, Unsendable> {
    let unsendable = || Unsendable { what, header, text: text.to_owned() };
    if text.is_empty() || text.trim() != text || text.chars().any(char::is_control) {
        return Err(unsendable());
    }
    HeaderValue::from_bytes(text.as_bytes()).map_err(|_| unsendable())
}

const IMPERSONATE_USER: HeaderName = HeaderName::from_static("impersonate-user");
const IMPERSONATE_GROUP: HeaderName = HeaderName::from_static("impersonate-group");
