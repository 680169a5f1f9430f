//! What a rule is held against: a question taken apart, field by field.

use super::{Effect, Pattern, Permission, Question, Wish};
use crate::{
    identity::Principal,
    target::{ClusterName, Command, ContainerName, Namespace, PodName},
};

/// One request, or one of many.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sought<'a> {
    pub(super) principal: &'a Principal,
    pub(super) permission: Permission,
    pub(super) cluster: &'a ClusterName,
    pub(super) namespace: Part<&'a Namespace>,
    pub(super) pod: Part<&'a PodName>,
    pub(super) container: Part<&'a ContainerName>,
    pub(super) command: Part<&'a Command>,
}

/// What is known of one field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part<T> {
    /// This one.
    Is(T),
    /// Any one would do: is there one that the rules let through?
    Some,
    /// Somebody else will choose one: do the rules let every one through?
    Every,
    /// This kind of request has none.
    Without,
}

impl<'a> Sought<'a> {
    /// Without a container's name, the API server chooses. Attach runs no command. A read shows the whole pod, whatever its
    /// containers; a list, and what leads to one, is there for whatever it may show.
    pub(super) fn of(question: &Question<'a>) -> Self {
        let principal = question.principal;
        match question.wish {
            Wish::Session { target, options } => Self {
                principal,
                permission: options.verb.into(),
                cluster: &target.cluster,
                namespace: Part::Is(&target.namespace),
                pod: Part::Is(&target.pod),
                container: options.container.as_ref().map_or(Part::Every, Part::Is),
                command: match options.verb.into() {
                    Permission::Exec => Part::Is(&options.command),
                    Permission::Attach | Permission::Read => Part::Without,
                },
            },
            Wish::Read(target) => Self {
                principal,
                permission: Permission::Read,
                cluster: &target.cluster,
                namespace: target.resource.namespace().map_or(Part::Some, Part::Is),
                pod: target.resource.pod().map_or(Part::Some, Part::Is),
                container: Part::Without,
                command: Part::Without,
            },
        }
    }

    /// Anything at all of one kind on a cluster.
    pub(super) fn anything(
        principal: &'a Principal,
        permission: Permission,
        cluster: &'a ClusterName,
    ) -> Self {
        let (container, command) = match permission {
            Permission::Exec => (Part::Some, Part::Some),
            Permission::Attach => (Part::Some, Part::Without),
            Permission::Read => (Part::Without, Part::Without),
        };
        let (namespace, pod) = (Part::Some, Part::Some);
        Self { principal, permission, cluster, namespace, pod, container, command }
    }
}

impl<T: Copy> Part<T> {
    /// Whether a rule of `effect` with these patterns is about it. For any one of many, an allow rule that lets one through is
    /// enough, and only a deny rule that leaves none matters; if somebody else chooses, it is the other way round.
    pub(super) fn is_met<P: Covers>(
        self,
        effect: Effect,
        patterns: &[P],
        matches: impl Fn(&P, T) -> bool,
    ) -> bool {
        let limits_nothing = || patterns.is_empty() || patterns.iter().any(P::covers_everything);
        match (self, effect) {
            (Self::Without, _) | (Self::Some, Effect::Allow) | (Self::Every, Effect::Deny) => true,
            (Self::Some, Effect::Deny) => limits_nothing(),
            (Self::Every, Effect::Allow) => patterns.is_empty(),
            (Self::Is(it), _) => patterns.is_empty() || patterns.iter().any(|pattern| matches(pattern, it)),
        }
    }
}

/// A pattern that may stand for everything.
pub(super) trait Covers {
    /// Whether it plainly matches whatever there can be.
    fn covers_everything(&self) -> bool;
}

impl Covers for Pattern {
    fn covers_everything(&self) -> bool {
        *self == Self::new("*")
    }
}

impl Covers for super::CommandPattern {
    fn covers_everything(&self) -> bool {
        *self == Self::new(["**"])
    }
}
