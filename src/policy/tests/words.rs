//! Denials, explanations and near misses.

use super::*;

#[test]
fn a_denial_says_what_was_asked_and_not_which_rules_exist() {
    let secret = [allow(|_| {}), deny(|rule| rule.name = "the audit of May".to_owned())];
    let denial = asked().pod("vault").of(&policy(&secret)).unwrap_err();
    assert_eq!(
        denial.to_string(),
        "user \"bob\" may not exec in pod \"vault\" of namespace \"default\" on cluster \"alpha\" with command [\"sh\"]"
    );
    assert_eq!(denial.rule(), Some("the audit of May"));
    let by_default = asked().of(&policy(&[])).unwrap_err();
    assert_eq!(by_default.rule(), None);
}

#[test]
fn a_denial_names_the_verb_the_container_and_no_more_of_the_command_than_is_read() {
    let said = |asked: Asked| asked.of(&policy(&[])).unwrap_err().to_string();
    let place = "pod \"web-0\" of namespace \"default\" on cluster \"alpha\"";
    assert_eq!(said(asked().attach()), format!("user \"bob\" may not attach to {place}"));
    assert_eq!(
        said(asked().attach().container("app")),
        format!("user \"bob\" may not attach to {place} with container \"app\"")
    );
    assert_eq!(
        said(asked().container("app").command(&["sh", "-c", "a\n\"b\""])),
        format!(
            r#"user "bob" may not exec in {place} with container "app" and command ["sh", "-c", "a\n\"b\""]"#
        )
    );
    let long = said(asked().command(&["sh", "-c", &"ä".repeat(30_000)]));
    assert!(long.ends_with("ää...") && long.chars().count() < 400, "{long}");
}

#[test]
fn a_user_cannot_break_out_of_the_sentence() {
    let said = asked().user("a\"\nb", &[]).of(&policy(&[])).unwrap_err().to_string();
    assert!(said.starts_with(r#"user "a\"\nb" may not exec"#), "{said}");
}

#[test]
fn the_explanation_names_the_rule_that_decides() {
    let allowed = [allow(|rule| rule.name = "devs".to_owned())];
    let (sentence, near) = asked().explained(&allowed);
    assert!(sentence.starts_with("user \"bob\" may exec in pod \"web-0\""), "{sentence}");
    assert!(sentence.ends_with(": rule \"devs\" allows it"), "{sentence}");
    assert!(near.is_empty());

    let denied = [allow(|_| {}), deny(|rule| rule.name = "not now".to_owned())];
    let (sentence, near) = asked().explained(&denied);
    assert!(sentence.ends_with(": rule \"not now\" denies it"), "{sentence}");
    assert!(near.is_empty());

    let (sentence, _) = asked().explained(&[]);
    assert!(sentence.starts_with("user \"bob\" may not exec"), "{sentence}");
    assert!(sentence.ends_with(": no rule allows it"), "{sentence}");
}

#[test]
fn a_near_miss_says_where_the_rule_stops() {
    let near = |asked: Asked, change: fn(&mut Rule)| {
        let (_, near) = asked.explained(&[allow(change)]);
        near.join("; ").replace("rule \"allow\" allows this ", "")
    };
    let namespaces: fn(&mut Rule) = |rule| rule.namespaces = patterns(&["team-*", "dev"]);
    assert_eq!(near(asked(), namespaces), "in namespaces team-*, dev, not in default");
    assert_eq!(near(asked(), |rule| rule.clusters = patterns(&["beta"])), "on clusters beta, not on alpha");
    assert_eq!(near(asked(), |rule| rule.pods = patterns(&["db-*"])), "in pods db-*, not in web-0");
    assert_eq!(near(asked().attach(), |rule| rule.verbs = Vec::new()), "for exec, not for attach");
    let containers: fn(&mut Rule) = |rule| rule.containers = patterns(&["app"]);
    assert_eq!(near(asked(), containers), "in containers app, and none was named");
    assert_eq!(near(asked().container("x"), containers), "in containers app, not in x");
    let ls: fn(&mut Rule) = |rule| rule.commands = commands(&["ls -l", "id **"]);
    assert_eq!(near(asked(), ls), "with commands `ls -l`, `id **`, not with `sh`");
    assert_eq!(near(asked().command(&[]), ls), "with commands `ls -l`, `id **`, and none was given");
}

#[test]
fn rules_about_others_and_deny_rules_are_no_near_misses() {
    let rules = [
        allow(|rule| rule.subjects.users = patterns(&["alice"])),
        deny(|rule| rule.pods = patterns(&["vault"])),
        allow(|rule| rule.clusters = patterns(&["beta"])),
    ];
    let policy = policy(&rules);
    let asked = asked().namespace("kube-system").cluster("gamma");
    let decision = policy.explain(&asked.principal, &asked.target, &asked.options);
    let fields: Vec<Field> = decision.near_misses().iter().map(NearMiss::field).collect();
    assert_eq!(fields, [Field::Clusters]);
    assert_eq!(decision.effect(), Effect::Deny);
    assert!(decision.rule().is_none());
}
