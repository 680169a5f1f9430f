//! A yes to a read, and what of a list it shows.

use std::sync::Arc;

use super::{
    Permission, Rule,
    rules::allow,
    sought::{Part, Sought},
};
use crate::{
    identity::Principal,
    target::{ContainerName, Namespace, PodName, ReadTarget},
};

/// A yes to one read. Made by [`Policy::authorize_read`](super::Policy::authorize_read) alone, and not `Clone`: one yes, one read.
/// It keeps the rules, because of a list everybody is shown only what they can go on to open.
///
/// ```compile_fail
/// fn twice(grant: &execgate::policy::ReadGrant) -> execgate::policy::ReadGrant {
///     grant.clone()
/// }
/// ```
#[derive(Debug)]
pub struct ReadGrant {
    principal: Principal,
    target: ReadTarget,
    rule: String,
    rules: Arc<[Rule]>,
}

/// What is known of a pod's containers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Inside<'a> {
    /// These are all.
    Known(&'a [ContainerName]),
    /// Nothing, as in a table: a container that a rule names may be there.
    Unknown,
}

impl ReadGrant {
    pub(super) fn new(principal: Principal, target: ReadTarget, rule: String, rules: Arc<[Rule]>) -> Self {
        Self { principal, target, rule, rules }
    }

    /// Whom it was given to.
    pub fn principal(&self) -> &Principal {
        &self.principal
    }

    /// What was judged, and so what to ask for.
    pub fn target(&self) -> &ReadTarget {
        &self.target
    }

    /// The name of the allow rule, for the log.
    pub fn rule(&self) -> &str {
        &self.rule
    }

    /// Whether a list shows a pod: its reader may read it, and may exec in or attach to one of its containers.
    pub fn shows_pod(&self, namespace: &Namespace, pod: &PodName, inside: Inside<'_>) -> bool {
        let at = |permission| Sought {
            namespace: Part::Is(namespace),
            pod: Part::Is(pod),
            ..self.anything(permission)
        };
        allow(&self.rules, &at(Permission::Read))
            && ENTRANCES.into_iter().any(|permission| match inside {
                Inside::Unknown => allow(&self.rules, &at(permission)),
                Inside::Known(containers) => containers.iter().any(|container| {
                    allow(&self.rules, &Sought { container: Part::Is(container), ..at(permission) })
                }),
            })
    }

    /// Whether a list shows a namespace: its reader may read in it, and may exec or attach somewhere in it.
    pub fn shows_namespace(&self, namespace: &Namespace) -> bool {
        let at = |permission| Sought { namespace: Part::Is(namespace), ..self.anything(permission) };
        allow(&self.rules, &at(Permission::Read))
            && ENTRANCES.into_iter().any(|permission| allow(&self.rules, &at(permission)))
    }

    /// The namespaces that the rules name outright and that a list would show: for clusters that list none to execgate.
    pub fn named_namespaces(&self) -> Vec<Namespace> {
        let patterns = self.rules.iter().flat_map(|rule| &rule.namespaces);
        let names = patterns.filter_map(|pattern| Namespace::parse(pattern.to_string()).ok());
        let mut shown: Vec<Namespace> = names.filter(|name| self.shows_namespace(name)).collect();
        shown.sort();
        shown.dedup();
        shown
    }

    fn anything(&self, permission: Permission) -> Sought<'_> {
        Sought::anything(&self.principal, permission, &self.target.cluster)
    }
}

/// What opens a session.
const ENTRANCES: [Permission; 2] = [Permission::Exec, Permission::Attach];
