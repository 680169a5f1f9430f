//! Who somebody turned out to be.

/// A user and the groups that the user is in. Made by authenticators, all of which live in this room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    user: String,
    groups: Vec<String>,
}

impl Principal {
    /// Somebody whom an authenticator has accepted.
    pub(super) fn new(user: String, groups: Vec<String>) -> Self {
        Self { user, groups }
    }

    /// Somebody who has proved nothing: for asking the policy what it would say to them.
    pub fn for_explaining(
        user: impl Into<String>,
        groups: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        Self::new(user.into(), groups.into_iter().map(Into::into).collect())
    }

    /// The user's name.
    pub fn user(&self) -> &str {
        &self.user
    }

    /// The groups, in the order in which they were given.
    pub fn groups(&self) -> &[String] {
        &self.groups
    }
}
