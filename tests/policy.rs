//! Whether somebody may, as the policies that people write first decide it.

#![allow(clippy::unwrap_used, reason = "a test that can't go on says so by panicking")]

use execgate::{
    identity::Principal,
    policy::{CommandPattern, Denial, Effect, Grant, Pattern, Permission, Policy, Rule, Settings, Subjects},
    target::{ClusterName, ExecOptions, ExecTarget, Namespace, PodName, Verb},
};

/// A rule about one user or one group, for exec everywhere.
fn rule(name: &str, effect: Effect, subjects: Subjects) -> Rule {
    Rule {
        name: name.to_owned(),
        effect,
        subjects,
        clusters: Vec::new(),
        verbs: vec![Permission::Exec],
        namespaces: Vec::new(),
        pods: Vec::new(),
        containers: Vec::new(),
        commands: Vec::new(),
    }
}

fn user(name: &str) -> Subjects {
    Subjects { users: vec![Pattern::new(name)], groups: Vec::new() }
}

fn group(name: &str) -> Subjects {
    Subjects { users: Vec::new(), groups: vec![Pattern::new(name)] }
}

/// `path` is CLUSTER/NAMESPACE/POD, `query` that of the request.
fn ask(policy: &Policy, who: &Principal, path: &str, query: &str) -> Result<Grant, Denial> {
    let [cluster, namespace, pod] = path.split('/').collect::<Vec<_>>().try_into().unwrap();
    let target = ExecTarget {
        cluster: ClusterName::parse(cluster).unwrap(),
        namespace: Namespace::parse(namespace).unwrap(),
        pod: PodName::parse(pod).unwrap(),
    };
    let options = ExecOptions::parse_query(Verb::Exec, query).unwrap();
    policy.authorize(who.clone(), target, options)
}

#[test]
fn alice_reaches_everything_and_bob_only_alpha_without_the_vault() {
    let mut bob = rule("bob on alpha", Effect::Allow, user("bob"));
    bob.clusters = vec![Pattern::new("alpha")];
    let mut vault = rule("bob stays out of the vault", Effect::Deny, user("bob"));
    vault.pods = vec![Pattern::new("vault")];
    let policy =
        Policy::new(Settings { rules: vec![rule("alice", Effect::Allow, user("alice")), bob, vault] });
    let alice = Principal::for_explaining("alice", [""; 0]);
    let bob = Principal::for_explaining("bob", [""; 0]);
    for cluster in ["alpha", "beta"] {
        for pod in ["web-0", "vault"] {
            let path = format!("{cluster}/default/{pod}");
            assert!(ask(&policy, &alice, &path, "command=sh").is_ok(), "{path}");
            let bobs = ask(&policy, &bob, &path, "command=sh").is_ok();
            assert_eq!(bobs, path == "alpha/default/web-0", "{path}");
        }
    }
    let denial = ask(&policy, &bob, "alpha/default/vault", "").unwrap_err();
    assert_eq!(
        denial.to_string(),
        "user \"bob\" may not exec in pod \"vault\" of namespace \"default\" on cluster \"alpha\""
    );
    assert_eq!(denial.rule(), Some("bob stays out of the vault"));
}

#[test]
fn developers_reach_their_own_namespaces_with_shells_and_what_is_in_bin() {
    let mut own = rule("developers reach their own namespaces", Effect::Allow, group("developers"));
    own.clusters = vec![Pattern::new("prod")];
    own.namespaces = vec![Pattern::new("team-*")];
    own.commands = ["sh", "bash", "/bin/*"].map(|word| CommandPattern::new([word])).to_vec();
    let policy = Policy::new(Settings { rules: vec![own] });
    let developer = Principal::for_explaining("dora", ["people", "developers"]);
    for (path, query, expected) in [
        ("prod/team-a/web-0", "command=bash&tty=1", true),
        ("prod/team-a/web-0", "command=%2Fbin%2Fls", true),
        ("prod/team-a/web-0", "command=%2Fbin%2F..%2Ftmp%2Fx", false),
        ("prod/team-a/web-0", "command=sh&command=-c&command=id", false),
        ("prod/team-a/web-0", "", false),
        ("prod/kube-system/web-0", "command=sh", false),
        ("staging/team-a/web-0", "command=sh", false),
    ] {
        let answer = ask(&policy, &developer, path, query);
        assert_eq!(answer.is_ok(), expected, "{path} {query}");
    }
    let stranger = Principal::for_explaining("developers", ["people"]);
    assert!(ask(&policy, &stranger, "prod/team-a/web-0", "command=sh").is_err());
}

#[test]
fn what_is_granted_is_what_was_asked() {
    let policy = Policy::new(Settings { rules: vec![rule("all", Effect::Allow, user("*"))] });
    let who = Principal::for_explaining("alice", ["a", "b"]);
    let query = "command=sh&command=-c&command=a%20b&container=app&stdin=true&tty=true";
    let grant = ask(&policy, &who, "alpha/default/web-0", query).unwrap();
    assert_eq!(grant.principal(), &who);
    assert_eq!(grant.target().api_path(grant.options().verb), "/api/v1/namespaces/default/pods/web-0/exec");
    assert_eq!(grant.options().to_query(), query);
    assert_eq!(grant.rule(), "all");
}
