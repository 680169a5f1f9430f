//! Grants for this room's tests.

use crate::{
    identity::Principal,
    policy::{Effect, Pattern, Permission, Policy, ReadGrant, Rule, Settings, Subjects},
    target::{ClusterName, Namespace, ReadTarget, Resource},
};

fn rule(effect: Effect, pods: &[&str]) -> Rule {
    Rule {
        name: format!("{effect:?}"),
        effect,
        subjects: Subjects { users: vec![Pattern::new("*")], groups: Vec::new() },
        clusters: Vec::new(),
        verbs: vec![Permission::Exec, Permission::Read],
        namespaces: vec![Pattern::new("default"), Pattern::new("team-*")],
        pods: pods.iter().map(|pod| Pattern::new(pod)).collect(),
        containers: Vec::new(),
        commands: Vec::new(),
    }
}

/// A read in the namespaces `default` and `team-*`, where everything but the pod `vault` can be entered; `app` alone of `half`.
pub(super) fn granted_to(user: &str, resource: Resource) -> ReadGrant {
    let mut half = rule(Effect::Deny, &["half"]);
    half.verbs = vec![Permission::Exec];
    half.containers = vec![Pattern::new("proxy")];
    let rules = vec![rule(Effect::Allow, &[]), rule(Effect::Deny, &["vault"]), half];
    let target = ReadTarget { cluster: ClusterName::parse("alpha").unwrap(), resource };
    let principal = Principal::for_explaining(user, [""; 0]);
    Policy::new(Settings { rules }).authorize_read(principal, target).unwrap()
}

/// A list of the pods of `default`.
pub(super) fn pods_granted_to(user: &str) -> ReadGrant {
    granted_to(user, Resource::Pods(Namespace::parse("default").unwrap()))
}
