//! Rules as sentences.

use std::fmt::Display;

use crate::policy::{Effect, Permission, Rule, Settings, Subjects};

/// A sentence for each rule, in the order in which rules decide: deny rules before allow rules.
pub(super) fn in_order(policy: &Settings) -> impl Iterator<Item = String> {
    let of = |effect| policy.rules.iter().filter(move |rule| rule.effect == effect);
    of(Effect::Deny).chain(of(Effect::Allow)).map(sentence)
}

fn sentence(rule: &Rule) -> String {
    let subject = subject(&rule.subjects);
    let may = match (rule.effect, subject.as_str()) {
        (Effect::Deny, EVERYBODY) => "Nobody may".to_owned(),
        (Effect::Deny, subject) => format!("{subject} may not"),
        (Effect::Allow, subject) => format!("{subject} may"),
    };
    format!("{may} {} {}. (rule {:?})", actions(rule), place(rule), rule.name)
}

const EVERYBODY: &str = "Everybody";

fn subject(subjects: &Subjects) -> String {
    if subjects.users.iter().any(|pattern| pattern.to_string() == "*") {
        return EVERYBODY.to_owned();
    }
    match (either(&subjects.users), either(&subjects.groups)) {
        (Some(users), None) => format!("User {users}"),
        (None, Some(groups)) => format!("Whoever is in {groups}"),
        (Some(users), Some(groups)) => format!("User {users}, and whoever is in {groups},"),
        (None, None) => "No user".to_owned(),
    }
}

fn actions(rule: &Rule) -> String {
    let commands: Vec<String> = rule.commands.iter().map(|command| format!("`{command}`")).collect();
    let commands = either(&commands);
    let action = |permission: &Permission| match permission {
        Permission::Exec => format!("run {}", commands.as_deref().unwrap_or("any command")),
        Permission::Attach => "attach".to_owned(),
        Permission::Read => "read the pod".to_owned(),
    };
    let actions: Vec<String> = rule.verbs.iter().map(action).collect();
    let junction = match rule.effect {
        Effect::Allow => "and",
        Effect::Deny => "or",
    };
    joined(&actions, junction).unwrap_or_default()
}

/// Where, from the container out to the cluster; what a rule does not limit is left out.
fn place(rule: &Rule) -> String {
    let parts = [
        ("in container", either(&rule.containers)),
        ("in pod", either(&rule.pods)),
        ("in namespace", either(&rule.namespaces)),
        ("on cluster", either(&rule.clusters)),
    ];
    let limited = parts.into_iter().filter_map(|(kind, names)| Some(format!("{kind} {}", names?)));
    let limited: Vec<String> = limited.collect();
    if limited.is_empty() { "anywhere".to_owned() } else { limited.join(", ") }
}

/// `a`, `a or b`, `a, b or c`; `None` for an empty list, which is no limit.
fn either(patterns: &[impl Display]) -> Option<String> {
    joined(patterns, "or")
}

/// `a`, `a JUNCTION b`, `a, b JUNCTION c`; `None` for an empty list.
fn joined(items: &[impl Display], junction: &str) -> Option<String> {
    let texts: Vec<String> = items.iter().map(ToString::to_string).collect();
    let (last, before) = texts.split_last()?;
    if before.is_empty() {
        return Some(last.clone());
    }
    Some(format!("{} {junction} {last}", before.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::{CommandPattern, Pattern};

    fn rule(effect: Effect) -> Rule {
        Rule {
            name: "r".to_owned(),
            effect,
            subjects: Subjects::default(),
            clusters: Vec::new(),
            verbs: vec![Permission::Exec],
            namespaces: Vec::new(),
            pods: Vec::new(),
            containers: Vec::new(),
            commands: Vec::new(),
        }
    }

    #[test]
    fn a_rule_is_told_with_its_limits() {
        let mut rule = rule(Effect::Allow);
        rule.subjects.users = vec![Pattern::new("alice")];
        rule.subjects.groups = vec![Pattern::new("dev"), Pattern::new("ops-*")];
        rule.verbs = vec![Permission::Exec, Permission::Attach, Permission::Read];
        rule.commands = vec![CommandPattern::new(["sh"]), CommandPattern::new(["/bin/ls", "**"])];
        rule.namespaces = vec![Pattern::new("a"), Pattern::new("b"), Pattern::new("c-?")];
        assert_eq!(
            sentence(&rule),
            "User alice, and whoever is in dev or ops-*, may run `sh` or `/bin/ls **`, attach and read the pod in namespace a, b or c-?. (rule \"r\")"
        );
    }

    #[test]
    fn a_rule_without_limits_holds_anywhere() {
        let mut rule = rule(Effect::Deny);
        rule.subjects.users = vec![Pattern::new("*")];
        rule.verbs = vec![Permission::Exec, Permission::Attach];
        assert_eq!(sentence(&rule), "Nobody may run any command or attach anywhere. (rule \"r\")");
    }
}
