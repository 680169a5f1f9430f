//! What the rules promise; `properties` has what holds for any rules, `words` what people read.

mod properties;
mod reads;
mod words;

use super::*;
use crate::target::{ClusterName, Command, ContainerName, Namespace, PodName, Streams, Verb};

/// A question with every part owned, changed by chaining.
#[derive(Debug, Clone)]
struct Asked {
    principal: Principal,
    target: ExecTarget,
    options: ExecOptions,
}

/// bob, of the group ops, wants `sh` in pod web-0 of namespace default on cluster alpha.
fn asked() -> Asked {
    Asked {
        principal: Principal::for_explaining("bob", ["ops"]),
        target: ExecTarget {
            cluster: ClusterName::parse("alpha").unwrap(),
            namespace: Namespace::parse("default").unwrap(),
            pod: PodName::parse("web-0").unwrap(),
        },
        options: ExecOptions {
            verb: Verb::Exec,
            container: None,
            command: Command::new(["sh"]),
            streams: Streams::default(),
        },
    }
}

impl Asked {
    fn user(mut self, user: &str, groups: &[&str]) -> Self {
        self.principal = Principal::for_explaining(user, groups.iter().copied());
        self
    }

    fn namespace(mut self, namespace: &str) -> Self {
        self.target.namespace = Namespace::parse(namespace).unwrap();
        self
    }

    fn pod(mut self, pod: &str) -> Self {
        self.target.pod = PodName::parse(pod).unwrap();
        self
    }

    fn cluster(mut self, cluster: &str) -> Self {
        self.target.cluster = ClusterName::parse(cluster).unwrap();
        self
    }

    fn container(mut self, container: &str) -> Self {
        self.options.container = Some(ContainerName::parse(container).unwrap());
        self
    }

    fn command(mut self, words: &[&str]) -> Self {
        self.options.command = Command::new(words.iter().copied());
        self
    }

    fn attach(mut self) -> Self {
        self.options.verb = Verb::Attach;
        self.command(&[])
    }

    fn of(&self, policy: &Policy) -> Result<Grant, Denial> {
        let Self { principal, target, options } = self.clone();
        policy.authorize(principal, target, options)
    }

    fn is_let_in_by(&self, rules: &[Rule]) -> bool {
        self.of(&policy(rules)).is_ok()
    }

    fn explained(&self, rules: &[Rule]) -> (String, Vec<String>) {
        let policy = policy(rules);
        let decision = policy.explain(&self.principal, &self.target, &self.options);
        let near_misses = decision.near_misses().iter().map(ToString::to_string);
        (decision.to_string(), near_misses.collect())
    }
}

fn policy(rules: &[Rule]) -> Policy {
    Policy::new(Settings { rules: rules.to_vec() })
}

fn patterns(texts: &[&str]) -> Vec<Pattern> {
    texts.iter().map(|text| Pattern::new(text)).collect()
}

fn commands(texts: &[&str]) -> Vec<CommandPattern> {
    texts.iter().map(|text| CommandPattern::new(text.split(' '))).collect()
}

/// A rule about everybody that limits nothing.
fn rule(name: &str, effect: Effect) -> Rule {
    Rule {
        name: name.to_owned(),
        effect,
        subjects: Subjects { users: patterns(&["*"]), groups: Vec::new() },
        clusters: Vec::new(),
        verbs: vec![Permission::Exec],
        namespaces: Vec::new(),
        pods: Vec::new(),
        containers: Vec::new(),
        commands: Vec::new(),
    }
}

fn allow(change: impl FnOnce(&mut Rule)) -> Rule {
    let mut rule = rule("allow", Effect::Allow);
    change(&mut rule);
    rule
}

fn deny(change: impl FnOnce(&mut Rule)) -> Rule {
    let mut rule = rule("deny", Effect::Deny);
    change(&mut rule);
    rule
}

#[test]
fn without_a_rule_the_answer_is_no() {
    assert!(!asked().is_let_in_by(&[]));
    assert!(asked().is_let_in_by(&[allow(|_| {})]));
}

#[test]
fn a_grant_carries_what_was_judged_and_by_which_rule() {
    let asked = asked().container("app");
    let grant = asked.of(&policy(&[allow(|_| {})])).unwrap();
    assert_eq!(grant.principal(), &asked.principal);
    assert_eq!(grant.target(), &asked.target);
    assert_eq!(grant.options(), &asked.options);
    assert_eq!(grant.rule(), "allow");
}

#[test]
fn a_deny_rule_wins_wherever_it_stands() {
    for rules in [
        [allow(|_| {}), deny(|rule| rule.pods = patterns(&["vault"]))],
        [deny(|rule| rule.pods = patterns(&["vault"])), allow(|_| {})],
    ] {
        assert!(!asked().pod("vault").is_let_in_by(&rules));
        assert!(asked().is_let_in_by(&rules));
    }
}

#[test]
fn subjects_are_any_of_the_users_or_any_of_the_groups() {
    let rules = [allow(|rule| {
        rule.subjects =
            Subjects { users: patterns(&["alice", "team-*"]), groups: patterns(&["dev", "ops-?"]) };
    })];
    for (user, groups) in [("alice", &[][..]), ("team-7", &[]), ("x", &["y", "dev"]), ("x", &["ops-1"])] {
        assert!(asked().user(user, groups).is_let_in_by(&rules), "{user} {groups:?}");
    }
    for (user, groups) in [("dev", &[][..]), ("x", &["alice"]), ("x", &["ops-"]), ("Alice", &["DEV"])] {
        assert!(!asked().user(user, groups).is_let_in_by(&rules), "{user} {groups:?}");
    }
}

#[test]
fn a_rule_without_subjects_is_about_nobody() {
    let nobody = [allow(|rule| rule.subjects = Subjects::default())];
    assert!(!asked().is_let_in_by(&nobody));
    assert!(!asked().user("", &[""]).is_let_in_by(&nobody));
}

#[test]
fn each_field_limits_an_allow_rule_and_an_empty_one_does_not() {
    let app = || asked().container("app");
    let limited = |change: fn(&mut Rule)| app().is_let_in_by(&[allow(change)]);
    assert!(limited(|rule| rule.clusters = patterns(&["beta", "al*"])));
    assert!(!limited(|rule| rule.clusters = patterns(&["beta"])));
    assert!(limited(|rule| rule.namespaces = patterns(&["team-*", "default"])));
    assert!(!limited(|rule| rule.namespaces = patterns(&["team-*"])));
    assert!(limited(|rule| rule.pods = patterns(&["web-?"])));
    assert!(!limited(|rule| rule.pods = patterns(&["web"])));
    assert!(limited(|rule| rule.containers = patterns(&["a*"])));
    assert!(!limited(|rule| rule.containers = patterns(&["sidecar"])));
    assert!(limited(|rule| rule.commands = commands(&["bash", "sh"])));
    assert!(!limited(|rule| rule.commands = commands(&["bash"])));
}

#[test]
fn a_request_that_names_no_container_is_denied_by_a_rule_for_one_and_not_allowed() {
    let for_app = |rule: &mut Rule| rule.containers = patterns(&["app"]);
    assert!(!asked().is_let_in_by(&[allow(for_app)]));
    assert!(!asked().is_let_in_by(&[allow(|_| {}), deny(for_app)]));
    assert!(asked().container("sidecar").is_let_in_by(&[allow(|_| {}), deny(for_app)]));
    assert!(!asked().container("app").is_let_in_by(&[allow(|_| {}), deny(for_app)]));
}

#[test]
fn a_rule_that_names_no_verb_is_for_exec() {
    let rules = [allow(|rule| rule.verbs = Vec::new())];
    assert!(asked().is_let_in_by(&rules));
    assert!(!asked().attach().is_let_in_by(&rules));
    assert!(!asked().attach().is_let_in_by(&[allow(|_| {})]));
}

#[test]
fn commands_limit_exec_and_not_attach() {
    let rules = [allow(|rule| {
        rule.verbs = vec![Permission::Exec, Permission::Attach];
        rule.commands = commands(&["ls **"]);
    })];
    assert!(asked().attach().is_let_in_by(&rules));
    assert!(asked().command(&["ls", "-l"]).is_let_in_by(&rules));
    assert!(!asked().is_let_in_by(&rules));
    let attach_only = [allow(|rule| rule.verbs = vec![Permission::Attach])];
    assert!(!asked().is_let_in_by(&attach_only));
}

#[test]
fn a_command_is_judged_by_its_whole_argv() {
    let rules = [allow(|rule| rule.commands = commands(&["sh", "/bin/*"]))];
    for (words, expected) in [
        (&["sh"][..], true),
        (&["/bin/ls"], true),
        (&["sh", "-c", "id"], false),
        (&["/bin/ls", "-l"], false),
        (&["/bin/../tmp/x"], false),
        (&["sh "], false),
        (&[], false),
    ] {
        assert_eq!(asked().command(words).is_let_in_by(&rules), expected, "{words:?}");
    }
}
