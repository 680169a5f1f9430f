//! Reading: who may, and what a list shows them.

use super::*;
use crate::target::{Discovery, ReadTarget, Resource};

fn names(texts: &[&str]) -> Vec<ContainerName> {
    texts.iter().map(|text| ContainerName::parse(*text).unwrap()).collect()
}

fn namespace(text: &str) -> Namespace {
    Namespace::parse(text).unwrap()
}

fn pod(text: &str) -> Resource {
    Resource::Pod(namespace("default"), PodName::parse(text).unwrap())
}

fn read(rules: &[Rule], resource: Resource) -> Result<ReadGrant, Denial> {
    let principal = Principal::for_explaining("bob", ["ops"]);
    policy(rules)
        .authorize_read(principal, ReadTarget { cluster: ClusterName::parse("alpha").unwrap(), resource })
}

fn list(rules: &[Rule]) -> ReadGrant {
    read(rules, Resource::Pods(namespace("default"))).unwrap()
}

fn shows(rules: &[Rule], pod: &str, containers: &[&str]) -> bool {
    let containers = names(containers);
    let pod = PodName::parse(pod).unwrap();
    list(rules).shows_pod(&namespace("default"), &pod, Inside::Known(&containers))
}

fn open(change: impl FnOnce(&mut Rule)) -> Rule {
    allow(|rule| {
        rule.verbs = vec![Permission::Exec, Permission::Read];
        change(rule);
    })
}

#[test]
fn reading_is_allowed_only_where_it_is_written() {
    assert!(read(&[allow(|_| {})], pod("web-0")).is_err());
    assert!(read(&[allow(|rule| rule.verbs = Vec::new())], pod("web-0")).is_err());
    let grant = read(&[open(|_| {})], pod("web-0")).unwrap();
    assert_eq!(grant.target().resource, pod("web-0"));
    assert_eq!((grant.principal().user(), grant.rule()), ("bob", "allow"));
    let only_read = [allow(|rule| rule.verbs = vec![Permission::Read])];
    assert!(read(&only_read, pod("web-0")).is_ok());
    assert!(!asked().is_let_in_by(&only_read));
}

#[test]
fn a_read_of_a_pod_is_limited_by_place_and_not_by_containers_or_commands() {
    let limited = |change: fn(&mut Rule)| read(&[open(change)], pod("web-0")).is_ok();
    assert!(limited(|rule| rule.containers = patterns(&["app"])));
    assert!(limited(|rule| rule.commands = commands(&["ls"])));
    assert!(limited(|rule| rule.pods = patterns(&["web-*"])));
    assert!(!limited(|rule| rule.pods = patterns(&["db-*"])));
    assert!(!limited(|rule| rule.namespaces = patterns(&["team-*"])));
    assert!(!limited(|rule| rule.clusters = patterns(&["beta"])));
    let but = |change: fn(&mut Rule)| {
        let deny = deny(|rule| {
            rule.verbs = vec![Permission::Read];
            change(rule);
        });
        read(&[open(|_| {}), deny], pod("web-0")).is_ok()
    };
    assert!(!but(|rule| rule.pods = patterns(&["web-0"])));
    assert!(!but(|rule| rule.containers = patterns(&["sidecar"])), "a pod is read as a whole");
    assert!(but(|rule| rule.pods = patterns(&["vault"])));
    assert!(but(|rule| rule.verbs = vec![Permission::Exec]), "exec alone");
}

#[test]
fn documents_are_for_whoever_may_read_anything_there() {
    for document in [Resource::Version, Resource::Discovery(Discovery::Core), Resource::Namespaces] {
        let asked = |rules: &[Rule]| read(rules, document.clone()).is_ok();
        assert!(asked(&[open(|rule| rule.pods = patterns(&["web-0"]))]));
        assert!(!asked(&[open(|rule| rule.clusters = patterns(&["beta"]))]));
        assert!(!asked(&[allow(|_| {})]));
        let deny_read = |change: fn(&mut Rule)| {
            deny(|rule| {
                rule.verbs = vec![Permission::Read];
                change(rule);
            })
        };
        assert!(asked(&[open(|_| {}), deny_read(|rule| rule.pods = patterns(&["vault"]))]));
        assert!(!asked(&[open(|_| {}), deny_read(|_| {})]));
        assert!(!asked(&[open(|_| {}), deny_read(|rule| rule.pods = patterns(&["*"]))]));
    }
}

#[test]
fn a_list_shows_the_pods_that_can_be_read_and_entered() {
    assert!(shows(&[open(|_| {})], "web-0", &["app"]));
    let read_all = allow(|rule| rule.verbs = vec![Permission::Read]);
    assert!(!shows(std::slice::from_ref(&read_all), "web-0", &["app"]), "nothing to enter");
    let attach_web = allow(|rule| {
        rule.verbs = vec![Permission::Attach];
        rule.pods = patterns(&["web-*"]);
    });
    let rules = [read_all, attach_web];
    assert!(shows(&rules, "web-0", &["app"]) && !shows(&rules, "vault", &["app"]));
    let not_the_vault = deny(|rule| rule.pods = patterns(&["vault"]));
    let rules = [open(|_| {}), not_the_vault];
    assert!(shows(&rules, "web-0", &["app"]) && !shows(&rules, "vault", &["app"]));
    assert!(read(&rules, pod("vault")).is_ok(), "a rule about exec does not forbid to read");
}

#[test]
fn a_pod_is_shown_for_one_container_that_can_be_entered_with_any_command() {
    let app_only = [open(|rule| {
        rule.containers = patterns(&["app"]);
        rule.commands = commands(&["ls **"]);
    })];
    assert!(shows(&app_only, "web-0", &["sidecar", "app"]));
    assert!(!shows(&app_only, "web-0", &["sidecar"]));
    assert!(!shows(&app_only, "web-0", &[]), "nothing to enter");
    let unknown = |rules: &[Rule]| {
        let pod = PodName::parse("web-0").unwrap();
        list(rules).shows_pod(&namespace("default"), &pod, Inside::Unknown)
    };
    assert!(unknown(&app_only), "there may be such a container");
    let no_shells = deny(|rule| rule.commands = commands(&["sh **"]));
    assert!(shows(&[open(|_| {}), no_shells], "web-0", &["app"]));
    let nothing = deny(|rule| rule.commands = commands(&["**"]));
    assert!(!shows(&[open(|_| {}), nothing.clone()], "web-0", &["app"]));
    assert!(!unknown(&[open(|_| {}), nothing]));
}

#[test]
fn a_namespace_is_shown_where_something_in_it_can_be_read_and_entered() {
    let rules = [
        open(|rule| rule.namespaces = patterns(&["team-*"])),
        deny(|rule| rule.namespaces = patterns(&["team-z"])),
        allow(|rule| {
            rule.verbs = vec![Permission::Read];
            rule.namespaces = patterns(&["docs"]);
        }),
    ];
    let grant = read(&rules, Resource::Namespaces).unwrap();
    for (name, expected) in [("team-a", true), ("team-z", false), ("docs", false), ("default", false)] {
        assert_eq!(grant.shows_namespace(&namespace(name)), expected, "{name}");
        assert_eq!(read(&rules, Resource::Namespace(namespace(name))).is_ok(), expected, "{name}");
    }
}

#[test]
fn what_may_not_be_read_is_told_in_words() {
    let said = |resource| read(&[], resource).unwrap_err().to_string();
    assert_eq!(
        said(pod("web-0")),
        "user \"bob\" may not read pod \"web-0\" of namespace \"default\" on cluster \"alpha\""
    );
    assert_eq!(
        said(Resource::Pods(namespace("default"))),
        "user \"bob\" may not list pods of namespace \"default\" on cluster \"alpha\""
    );
    assert_eq!(said(Resource::Namespaces), "user \"bob\" may not list namespaces on cluster \"alpha\"");
    assert_eq!(said(Resource::Version), "user \"bob\" may not read the version on cluster \"alpha\"");
}

#[test]
fn the_explanation_of_a_read_says_which_rule_or_how_near_one_came() {
    let principal = Principal::for_explaining("bob", ["ops"]);
    let target = ReadTarget { cluster: ClusterName::parse("alpha").unwrap(), resource: pod("web-0") };
    let yes = policy(&[open(|_| {})]);
    let sentence = yes.explain_read(&principal, &target).to_string();
    assert!(sentence.ends_with(": rule \"allow\" allows it"), "{sentence}");
    let no = policy(&[allow(|_| {})]);
    let decision = no.explain_read(&principal, &target);
    let near: Vec<String> = decision.near_misses().iter().map(ToString::to_string).collect();
    assert_eq!(near, ["rule \"allow\" allows this for exec, not for read"]);
}

#[test]
fn what_somebody_reaches_is_known_without_a_pod() {
    let principal = Principal::for_explaining("bob", ["ops"]);
    let (alpha, beta) = (ClusterName::parse("alpha").unwrap(), ClusterName::parse("beta").unwrap());
    let policy = policy(&[open(|rule| {
        rule.clusters = patterns(&["alpha"]);
        rule.containers = patterns(&["app"]);
    })]);
    assert!(policy.reaches(&principal, Permission::Exec, &alpha));
    assert!(policy.reaches(&principal, Permission::Read, &alpha));
    assert!(!policy.reaches(&principal, Permission::Attach, &alpha));
    assert!(!policy.reaches(&principal, Permission::Exec, &beta));
}

#[test]
fn a_namespace_is_the_only_one_where_every_rule_names_it_and_no_other() {
    let principal = Principal::for_explaining("bob", ["ops"]);
    let alpha = ClusterName::parse("alpha").unwrap();
    let within = |texts: &'static [&str]| open(move |rule| rule.namespaces = patterns(texts));
    let sole = |rules: &[Rule]| policy(rules).sole_namespace(&principal, &alpha).map(|name| name.to_string());
    assert_eq!(sole(&[within(&["team-a"])]).as_deref(), Some("team-a"));
    assert_eq!(sole(&[within(&["team-a"]), within(&["team-a"])]).as_deref(), Some("team-a"));
    for rules in [vec![], vec![within(&[])], vec![within(&["team-*"])], vec![within(&["a", "b"])]] {
        assert_eq!(sole(&rules), None);
    }
    assert_eq!(sole(&[within(&["team-a"]), within(&["team-b"])]), None);
    let elsewhere = open(|rule| rule.clusters = patterns(&["beta"]));
    assert_eq!(sole(&[within(&["team-a"]), elsewhere]).as_deref(), Some("team-a"));
}
