//! What a trial found, and what follows from it.

use super::wants::{Duty, Need};
use crate::cluster::{Access, Claims, Identity, Version};
use crate::target::Namespace;

/// All that a cluster has told.
#[derive(Debug)]
pub(super) struct Findings {
    /// `None` if it did not tell.
    pub(super) version: Option<Version>,
    /// `None` if it can't tell.
    pub(super) identity: Option<Identity>,
    /// What the token says of itself.
    pub(super) claims: Option<Claims>,
    /// None where users are impersonated: there the cluster judges them.
    pub(super) duties: Vec<Done>,
    pub(super) excess: Vec<Excess>,
    /// Where users are to be impersonated.
    pub(super) impersonation: Option<Impersonation>,
}

/// How far a part of the work can be done.
#[derive(Debug)]
pub(super) struct Done {
    pub(super) duty: Duty,
    pub(super) need: Need,
    pub(super) extent: Extent,
}

/// Where.
#[derive(Debug)]
pub(super) enum Extent {
    Everywhere,
    /// In each of these namespaces, but for what is missing there.
    In(Vec<(Namespace, Vec<Access>)>),
    /// Not everywhere, and that is all that could be asked: this is missing.
    Lacking(Vec<Access>),
}

/// What is missing in one place.
#[derive(Debug)]
pub(super) struct Lack<'a> {
    /// `None` for all of them.
    pub(super) namespace: Option<&'a Namespace>,
    pub(super) missing: &'a [Access],
}

/// Who may be impersonated.
#[derive(Debug)]
pub(super) struct Impersonation {
    pub(super) everybody: Everybody,
    /// The users and groups that may not, of those that the users files list.
    pub(super) missing: Vec<Access>,
}

/// Whether a credential may speak for any user, or any group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Everybody {
    May,
    MayNot,
}

/// More than execgate needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Excess {
    Everything,
    ReadSecrets,
    CreatePods,
    CreateTokens,
    Impersonate,
    NodeProxy,
}

impl Excess {
    pub(super) const ALL: [Self; 6] = [
        Self::Everything,
        Self::ReadSecrets,
        Self::CreatePods,
        Self::CreateTokens,
        Self::Impersonate,
        Self::NodeProxy,
    ];

    pub(super) fn access(self) -> Access {
        match self {
            Self::Everything => Access { group: "*", ..Access::new("*", "*") },
            Self::ReadSecrets => Access::new("get", "secrets"),
            Self::CreatePods => Access::new("create", "pods"),
            Self::CreateTokens => Access::new("create", "serviceaccounts/token"),
            Self::Impersonate => Access::new("impersonate", "users"),
            Self::NodeProxy => Access::new("get", "nodes/proxy"),
        }
    }

    /// After "may".
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Everything => "do everything",
            Self::ReadSecrets => "read secrets",
            Self::CreatePods => "create pods",
            Self::CreateTokens => "make tokens of service accounts",
            Self::Impersonate => "impersonate users",
            Self::NodeProxy => "reach into every pod through its node (nodes/proxy)",
        }
    }
}

/// The minor version from which a WebSocket needs `create` too.
const ASKS_FOR_CREATE: u32 = 35;

impl Findings {
    /// What of `missing` is missed here and now: an API server older than 1.35 does not ask for `create`.
    pub(super) fn felt<'a>(&self, missing: &'a [Access]) -> Vec<&'a Access> {
        let asks = self.version.as_ref().is_none_or(|version| version.is_at_least(ASKS_FOR_CREATE));
        missing.iter().filter(|access| asks || access.verb != "create").collect()
    }

    /// Whether everything that the configuration promises would work.
    pub(super) fn would_work(&self) -> bool {
        let needed = self.duties.iter().filter(|done| done.need == Need::Needed);
        needed.flat_map(Done::lacks).all(|lack| self.felt(lack.missing).is_empty())
            && self.impersonation.as_ref().is_none_or(|people| people.missing.is_empty())
    }
}

impl Done {
    /// Where something is missing, and what.
    pub(super) fn lacks(&self) -> Vec<Lack<'_>> {
        match &self.extent {
            Extent::Everywhere => Vec::new(),
            Extent::In(namespaces) => {
                let lacking = namespaces.iter().filter(|(_, missing)| !missing.is_empty());
                lacking.map(|(namespace, missing)| Lack { namespace: Some(namespace), missing }).collect()
            }
            Extent::Lacking(missing) => vec![Lack { namespace: None, missing }],
        }
    }

    /// Where nothing is missing: "in every namespace", "in a and b"; `None` for nowhere.
    pub(super) fn place(&self) -> Option<String> {
        match &self.extent {
            Extent::Everywhere if self.duty.is_namespaced() => Some("in every namespace".to_owned()),
            Extent::Everywhere => Some(String::new()),
            Extent::Lacking(_) => None,
            Extent::In(namespaces) => {
                let whole = namespaces.iter().filter(|(_, missing)| missing.is_empty());
                let names: Vec<&str> = whole.map(|(namespace, _)| namespace.as_str()).collect();
                (!names.is_empty()).then(|| format!("in namespace {}", names.join(", ")))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn create_is_missed_by_those_clusters_that_ask_for_it() {
        let findings = |version: &str| Findings {
            version: serde_json::from_str(version).ok(),
            identity: None,
            claims: None,
            duties: vec![Done {
                duty: Duty::Exec,
                need: Need::Needed,
                extent: Extent::Lacking(vec![Access::new("create", "pods/exec")]),
            }],
            excess: Vec::new(),
            impersonation: None,
        };
        assert!(findings(r#"{"gitVersion": "v1.34.2", "minor": "34"}"#).would_work());
        assert!(!findings(r#"{"gitVersion": "v1.35.0", "minor": "35"}"#).would_work());
        assert!(!findings("untold").would_work());
    }
}
