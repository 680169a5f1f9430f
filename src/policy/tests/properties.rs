//! What holds for any rules and any question, against models that are too simple to be wrong.

use proptest::{collection::vec, prelude::*, sample::select};

use super::*;
use crate::target::{ReadTarget, Resource};

/// Few names and patterns, so that rules and questions often meet.
fn name() -> impl Strategy<Value = &'static str> {
    select(&["a", "b", "ab", "ba"][..])
}

fn pattern() -> impl Strategy<Value = &'static str> {
    select(&["a", "b", "ab", "*", "a*", "*b", "?"][..])
}

fn some_patterns() -> impl Strategy<Value = Vec<Pattern>> {
    vec(pattern(), 0..3).prop_map(|texts| patterns(&texts))
}

fn verb() -> impl Strategy<Value = Verb> {
    select(&[Verb::Exec, Verb::Attach][..])
}

fn permission() -> impl Strategy<Value = Permission> {
    select(&[Permission::Exec, Permission::Attach, Permission::Read][..])
}

fn some_rule() -> impl Strategy<Value = Rule> {
    let effect = select(&[Effect::Allow, Effect::Deny][..]);
    let subjects = (some_patterns(), some_patterns());
    let places = (some_patterns(), some_patterns(), some_patterns(), some_patterns());
    let command = select(&["a", "a **", "*", "**", "b a"][..]);
    let what = (vec(permission(), 0..3), vec(command, 0..2));
    (effect, subjects, places, what).prop_map(
        |(effect, (users, groups), (clusters, namespaces, pods, containers), (verbs, argvs))| Rule {
            name: String::new(),
            effect,
            subjects: Subjects { users, groups },
            clusters,
            verbs,
            namespaces,
            pods,
            containers,
            commands: commands(&argvs),
        },
    )
}

fn some_question() -> impl Strategy<Value = Asked> {
    let who = (name(), vec(name(), 0..3));
    let place = (name(), name(), name(), proptest::option::of(name()));
    (who, place, verb(), vec(name(), 0..3)).prop_map(
        |((user, groups), (cluster, namespace, pod, container), verb, words)| {
            let asked =
                asked().user(user, &groups).cluster(cluster).namespace(namespace).pod(pod).command(&words);
            let asked = match container {
                Some(container) => asked.container(container),
                None => asked,
            };
            match verb {
                Verb::Exec => asked,
                Verb::Attach => asked.attach(),
            }
        },
    )
}

/// The promise of `Rule`'s documentation, field by field, with no early exit.
fn matches(rule: &Rule, asked: &Asked) -> bool {
    let Asked { principal, target, options } = asked;
    let any = |patterns: &[Pattern], name: &str| patterns.iter().any(|pattern| pattern.matches(name));
    let within = |patterns: &[Pattern], name: &str| patterns.is_empty() || any(patterns, name);
    let is_group = |group: &String| any(&rule.subjects.groups, group);
    let subject = any(&rule.subjects.users, principal.user()) || principal.groups().iter().any(is_group);
    let verb = match options.verb {
        Verb::Exec => rule.verbs.is_empty() || rule.verbs.contains(&Permission::Exec),
        Verb::Attach => rule.verbs.contains(&Permission::Attach),
    };
    let container = match &options.container {
        Some(container) => within(&rule.containers, container.as_str()),
        None => rule.containers.is_empty() || rule.effect == Effect::Deny,
    };
    let command = options.verb == Verb::Attach
        || rule.commands.is_empty()
        || rule.commands.iter().any(|pattern| pattern.matches(&options.command));
    let place = within(&rule.clusters, target.cluster.as_str())
        & within(&rule.namespaces, target.namespace.as_str())
        & within(&rule.pods, target.pod.as_str());
    subject & verb & container & command & place
}

/// `*` and `?` by trying everything.
fn globs(pattern: &[char], text: &[char]) -> bool {
    match (pattern, text) {
        ([], []) => true,
        (['*', rest @ ..], _) => globs(rest, text) || (!text.is_empty() && globs(pattern, &text[1..])),
        (['?', rest @ ..], [_, tail @ ..]) => globs(rest, tail),
        ([one, rest @ ..], [other, tail @ ..]) => one == other && globs(rest, tail),
        _ => false,
    }
}

proptest! {
    #[test]
    fn nothing_is_granted_but_what_an_allow_rule_matches_and_no_deny_rule(
        rules in vec(some_rule(), 0..6),
        asked in some_question(),
    ) {
        let of = |effect| rules.iter().any(|rule| rule.effect == effect && matches(rule, &asked));
        prop_assert_eq!(asked.is_let_in_by(&rules), of(Effect::Allow) && !of(Effect::Deny));
    }

    #[test]
    fn one_more_deny_rule_never_lets_anybody_in(
        mut rules in vec(some_rule(), 0..6),
        mut extra in some_rule(),
        at in any::<prop::sample::Index>(),
        asked in some_question(),
    ) {
        let before = asked.is_let_in_by(&rules);
        extra.effect = Effect::Deny;
        rules.insert(at.index(rules.len() + 1), extra);
        prop_assert!(before || !asked.is_let_in_by(&rules));
    }

    #[test]
    fn the_order_of_rules_never_changes_the_answer(
        rules in vec(some_rule(), 0..6),
        asked in some_question(),
    ) {
        let reversed: Vec<Rule> = rules.iter().rev().cloned().collect();
        prop_assert_eq!(asked.is_let_in_by(&rules), asked.is_let_in_by(&reversed));
    }

    #[test]
    fn the_explanation_agrees_with_the_decision(
        rules in vec(some_rule(), 0..6),
        asked in some_question(),
    ) {
        let policy = policy(&rules);
        let decision = policy.explain(&asked.principal, &asked.target, &asked.options);
        let is_allowed = decision.effect() == Effect::Allow;
        prop_assert_eq!(asked.of(&policy).is_ok(), is_allowed);
        if let Some(rule) = decision.rule() {
            prop_assert!(matches(rule, &asked));
            prop_assert!(decision.near_misses().is_empty());
        }
        for near in decision.near_misses() {
            prop_assert!(!matches(near.rule(), &asked) && near.field() != Field::Subjects);
        }
    }

    #[test]
    fn a_list_hides_no_pod_that_can_be_read_and_entered(
        rules in vec(some_rule(), 0..6),
        asked in some_question(),
        others in vec(name(), 0..2),
    ) {
        let Some(container) = asked.options.container.clone() else { return Ok(()) };
        let ExecTarget { cluster, namespace, pod } = asked.target.clone();
        let policy = policy(&rules);
        let read = |resource| {
            policy.authorize_read(asked.principal.clone(), ReadTarget { cluster: cluster.clone(), resource })
        };
        if asked.is_let_in_by(&rules) && read(Resource::Pod(namespace.clone(), pod.clone())).is_ok() {
            let mut containers: Vec<_> =
                others.into_iter().map(|name| ContainerName::parse(name).unwrap()).collect();
            containers.push(container);
            let list = read(Resource::Pods(namespace.clone())).unwrap();
            prop_assert!(list.shows_pod(&namespace, &pod, Inside::Known(&containers)));
            prop_assert!(list.shows_pod(&namespace, &pod, Inside::Unknown));
            prop_assert!(read(Resource::Namespaces).unwrap().shows_namespace(&namespace));
            prop_assert!(read(Resource::Namespace(namespace)).is_ok());
            prop_assert!(read(Resource::Version).is_ok());
        }
    }

    #[test]
    fn a_pattern_matches_as_the_naive_model_does(pattern in "[ab*?é]{0,8}", text in "[abé]{0,10}") {
        let (glob, chars): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
        prop_assert_eq!(Pattern::new(&pattern).matches(&text), globs(&glob, &chars));
    }

    #[test]
    fn a_program_with_two_dots_matches_no_pattern_but_a_star_alone(
        pattern in "[ab*?./]{1,8}",
        program in "([ab]/|/)?\\.\\.(/[ab])?",
    ) {
        prop_assume!(!pattern.chars().all(|c| c == '*'));
        prop_assert!(!CommandPattern::new([&*pattern]).matches(&Command::new([program])));
    }
}
