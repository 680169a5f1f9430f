//! Which rule decides.

use std::fmt;

use super::{CommandPattern, Effect, Pattern, Permission, Rule, Subjects, sought::Sought};
use crate::identity::Principal;

/// What a rule looks at, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// Who asks.
    Subjects,
    /// The cluster.
    Clusters,
    /// Exec, attach or read.
    Verbs,
    /// The namespace.
    Namespaces,
    /// The pod.
    Pods,
    /// The container.
    Containers,
    /// The argv.
    Commands,
}

impl fmt::Display for Field {
    /// As the configuration spells it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Subjects => "subjects",
            Self::Clusters => "clusters",
            Self::Verbs => "verbs",
            Self::Namespaces => "namespaces",
            Self::Pods => "pods",
            Self::Containers => "containers",
            Self::Commands => "commands",
        })
    }
}

/// The first deny rule that matches, else the first allow rule that does.
pub(super) fn decide<'a>(rules: &'a [Rule], sought: &Sought<'_>) -> Option<&'a Rule> {
    let first = |effect| {
        let mut of_effect = rules.iter().filter(move |rule| rule.effect == effect);
        of_effect.find(|rule| first_mismatch(rule, sought).is_none())
    };
    first(Effect::Deny).or_else(|| first(Effect::Allow))
}

/// Whether the answer is yes.
pub(super) fn allow(rules: &[Rule], sought: &Sought<'_>) -> bool {
    decide(rules, sought).is_some_and(|rule| rule.effect == Effect::Allow)
}

/// The first field that keeps `rule` from matching; `None` if it matches.
pub(super) fn first_mismatch(rule: &Rule, sought: &Sought<'_>) -> Option<Field> {
    let Sought { principal, permission, cluster, namespace, pod, container, command } = *sought;
    let effect = rule.effect;
    let namespaces =
        namespace.is_met(effect, &rule.namespaces, |pattern, name| pattern.matches(name.as_str()));
    let containers =
        container.is_met(effect, &rule.containers, |pattern, name| pattern.matches(name.as_str()));
    let fields = [
        (Field::Subjects, covers(&rule.subjects, principal)),
        (Field::Clusters, any_or_empty(&rule.clusters, cluster.as_str())),
        (Field::Verbs, permits(rule, permission)),
        (Field::Namespaces, namespaces),
        (Field::Pods, pod.is_met(effect, &rule.pods, |pattern, name| pattern.matches(name.as_str()))),
        (Field::Containers, containers),
        (Field::Commands, command.is_met(effect, &rule.commands, CommandPattern::matches)),
    ];
    fields.into_iter().find(|(_, matches)| !matches).map(|(field, _)| field)
}

/// Nobody, if no subject is named: a list that was forgotten must not open a door.
fn covers(subjects: &Subjects, principal: &Principal) -> bool {
    let any = |patterns: &[Pattern], name: &str| patterns.iter().any(|pattern| pattern.matches(name));
    any(&subjects.users, principal.user())
        || principal.groups().iter().any(|group| any(&subjects.groups, group))
}

fn any_or_empty(patterns: &[Pattern], name: &str) -> bool {
    patterns.is_empty() || patterns.iter().any(|pattern| pattern.matches(name))
}

fn permits(rule: &Rule, permission: Permission) -> bool {
    if rule.verbs.is_empty() { permission == Permission::Exec } else { rule.verbs.contains(&permission) }
}
