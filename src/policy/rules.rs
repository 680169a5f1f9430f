//! Which rule decides.

use std::fmt;

use super::{Effect, Pattern, Question, Rule, Subjects};
use crate::{
    identity::Principal,
    target::{ContainerName, ExecOptions, Verb},
};

/// What a rule looks at, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// Who asks.
    Subjects,
    /// The cluster.
    Clusters,
    /// Exec or attach.
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
pub(super) fn decide<'a>(rules: &'a [Rule], question: &Question<'_>) -> Option<&'a Rule> {
    let first = |effect| {
        let mut of_effect = rules.iter().filter(move |rule| rule.effect == effect);
        of_effect.find(|rule| first_mismatch(rule, question).is_none())
    };
    first(Effect::Deny).or_else(|| first(Effect::Allow))
}

/// The first field that keeps `rule` from matching; `None` if it matches.
pub(super) fn first_mismatch(rule: &Rule, question: &Question<'_>) -> Option<Field> {
    let Question { principal, target, options } = question;
    let fields = [
        (Field::Subjects, covers(&rule.subjects, principal)),
        (Field::Clusters, any_or_empty(&rule.clusters, target.cluster.as_str())),
        (Field::Verbs, verb_matches(rule, options.verb)),
        (Field::Namespaces, any_or_empty(&rule.namespaces, target.namespace.as_str())),
        (Field::Pods, any_or_empty(&rule.pods, target.pod.as_str())),
        (Field::Containers, container_matches(rule, options.container.as_ref())),
        (Field::Commands, command_matches(rule, options)),
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

fn verb_matches(rule: &Rule, verb: Verb) -> bool {
    if rule.verbs.is_empty() { verb == Verb::Exec } else { rule.verbs.contains(&verb) }
}

/// Without a container's name, the API server chooses: the rule's effect must hold whichever it takes.
fn container_matches(rule: &Rule, container: Option<&ContainerName>) -> bool {
    match (container, rule.effect) {
        (Some(container), _) => any_or_empty(&rule.containers, container.as_str()),
        (None, Effect::Deny) => true,
        (None, Effect::Allow) => rule.containers.is_empty(),
    }
}

fn command_matches(rule: &Rule, options: &ExecOptions) -> bool {
    options.verb == Verb::Attach
        || rule.commands.is_empty()
        || rule.commands.iter().any(|pattern| pattern.matches(&options.command))
}
