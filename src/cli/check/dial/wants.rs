//! What execgate's work on a cluster takes, as the policy has it.

use crate::{
    cluster::Access,
    policy::{Effect, Pattern, Permission, Rule},
    target::{ClusterName, Namespace},
};

/// A part of that work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Duty {
    Exec,
    Attach,
    ReadPods,
    ListNamespaces,
}

/// Whether somebody misses it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Need {
    /// Without it, something that the configuration promises fails.
    Needed,
    /// It is told, and not missed.
    Welcome,
}

/// Where it has to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Places {
    /// In these namespaces, and no other.
    Named(Vec<Namespace>),
    /// In every namespace, as far as anybody can tell: some rule names none.
    Every,
    /// In namespaces that match these patterns.
    Matching(Vec<String>),
}

/// How sessions find their pods.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Finding {
    /// Every address names its pod.
    ByName,
    /// Some routes have resolvers find it, which read pods with execgate's own credential.
    ByResolvers,
}

/// One duty, as it is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wanted {
    pub(super) duty: Duty,
    pub(super) need: Need,
    /// Where the rules want this one.
    pub(super) places: Places,
}

/// All that is wanted of one cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wants {
    pub(super) duties: Vec<Wanted>,
    /// Of all duties together.
    pub(super) places: Places,
}

impl Duty {
    /// What RBAC has to allow for it.
    pub(super) fn accesses(self) -> Vec<Access> {
        let get_and_create = |resource| vec![Access::new("get", resource), Access::new("create", resource)];
        match self {
            Self::Exec => get_and_create("pods/exec"),
            Self::Attach => get_and_create("pods/attach"),
            Self::ReadPods => vec![Access::new("get", "pods"), Access::new("list", "pods")],
            Self::ListNamespaces => vec![Access::new("list", "namespaces")],
        }
    }

    /// After "execgate may".
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Exec => "exec",
            Self::Attach => "attach",
            Self::ReadPods => "read pods",
            Self::ListNamespaces => "list namespaces",
        }
    }

    /// Namespaces are in none.
    pub(super) fn is_namespaced(self) -> bool {
        self != Self::ListNamespaces
    }
}

impl Wants {
    /// What `rules` want of `cluster`; `namespaces` are those that the operator asks about, if any.
    pub(super) fn of(
        cluster: &ClusterName,
        rules: &[Rule],
        namespaces: &[Namespace],
        finding: Finding,
    ) -> Self {
        let rules: Vec<&Rule> = rules.iter().filter(|rule| allows_on(rule, cluster)).collect();
        let places = |rules: &[&Rule]| {
            if namespaces.is_empty() { places(rules) } else { Places::Named(namespaces.to_vec()) }
        };
        let all = places(&rules);
        let wanted = |duty, permissions: &[Permission]| {
            let is_about = |rule: &Rule| permissions.iter().any(|one| rule.verbs.contains(one));
            let about: Vec<&Rule> = rules.iter().filter(|rule| is_about(rule)).copied().collect();
            if about.is_empty() {
                Wanted { duty, need: Need::Welcome, places: all.clone() }
            } else {
                Wanted { duty, need: Need::Needed, places: places(&about) }
            }
        };
        let duties = vec![
            wanted(Duty::Exec, &[Permission::Exec]),
            wanted(Duty::Attach, &[Permission::Attach]),
            match finding {
                Finding::ByName => wanted(Duty::ReadPods, &[Permission::Read]),
                Finding::ByResolvers => wanted(Duty::ReadPods, &[Permission::Read, Permission::Exec]),
            },
            Wanted { duty: Duty::ListNamespaces, need: Need::Welcome, places: all.clone() },
        ];
        Self { duties, places: all }
    }
}

fn allows_on(rule: &Rule, cluster: &ClusterName) -> bool {
    let covers = |pattern: &Pattern| pattern.matches(cluster.as_str());
    rule.effect == Effect::Allow && (rule.clusters.is_empty() || rule.clusters.iter().any(covers))
}

fn places(rules: &[&Rule]) -> Places {
    if rules.iter().any(|rule| rule.namespaces.is_empty()) {
        return Places::Every;
    }
    let patterns = rules.iter().flat_map(|rule| &rule.namespaces).map(ToString::to_string);
    let mut texts: Vec<String> = patterns.collect();
    texts.sort();
    texts.dedup();
    let names: Result<Vec<Namespace>, _> = texts.iter().map(Namespace::parse).collect();
    match names {
        Ok(names) => Places::Named(names),
        Err(_) if texts.iter().any(|text| text == "*") => Places::Every,
        Err(_) => Places::Matching(texts),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(namespaces: &[&str]) -> Rule {
        Rule {
            name: "r".to_owned(),
            effect: Effect::Allow,
            subjects: crate::policy::Subjects::default(),
            clusters: Vec::new(),
            verbs: vec![Permission::Exec],
            namespaces: namespaces.iter().map(|text| Pattern::new(text)).collect(),
            pods: Vec::new(),
            containers: Vec::new(),
            commands: Vec::new(),
        }
    }

    #[test]
    fn the_places_are_the_namespaces_that_the_rules_name() {
        let places = |rules: &[Rule]| places(&rules.iter().collect::<Vec<_>>());
        let named = |names: &[&str]| {
            Places::Named(names.iter().map(|name| Namespace::parse(*name).unwrap()).collect())
        };
        assert_eq!(places(&[rule(&["b", "a"]), rule(&["b"])]), named(&["a", "b"]));
        assert_eq!(places(&[rule(&["a"]), rule(&[])]), Places::Every);
        assert_eq!(places(&[rule(&["a", "*"])]), Places::Every);
        let patterns = vec!["a".to_owned(), "team-*".to_owned()];
        assert_eq!(places(&[rule(&["a"]), rule(&["team-*"])]), Places::Matching(patterns));
    }

    #[test]
    fn each_duty_is_wanted_where_the_rules_about_it_say() {
        let reads_elsewhere = Rule { verbs: vec![Permission::Read], ..rule(&["b"]) };
        let wants = Wants::of(
            &ClusterName::parse("alpha").unwrap(),
            &[rule(&["a"]), reads_elsewhere],
            &[],
            Finding::ByName,
        );
        let named = |names: &[&str]| {
            Places::Named(names.iter().map(|name| Namespace::parse(*name).unwrap()).collect())
        };
        let wanted = |duty, need, names: &[&str]| Wanted { duty, need, places: named(names) };
        assert_eq!(
            wants.duties,
            [
                wanted(Duty::Exec, Need::Needed, &["a"]),
                wanted(Duty::Attach, Need::Welcome, &["a", "b"]),
                wanted(Duty::ReadPods, Need::Needed, &["b"]),
                wanted(Duty::ListNamespaces, Need::Welcome, &["a", "b"]),
            ]
        );
    }

    #[test]
    fn a_rule_is_about_a_cluster_when_it_names_it_or_none_and_allows() {
        let (alpha, mut of_beta, mut deny) = (ClusterName::parse("alpha").unwrap(), rule(&[]), rule(&[]));
        of_beta.clusters = vec![Pattern::new("beta")];
        deny.effect = Effect::Deny;
        assert!(allows_on(&rule(&[]), &alpha));
        assert!(!allows_on(&of_beta, &alpha) && !allows_on(&deny, &alpha));
        of_beta.clusters.push(Pattern::new("al*"));
        assert!(allows_on(&of_beta, &alpha));
    }

    #[test]
    fn whoever_finds_pods_by_resolvers_has_to_read_them_where_there_are_sessions() {
        let alpha = ClusterName::parse("alpha").unwrap();
        let needs = |finding| {
            let wants = Wants::of(&alpha, &[rule(&["a"])], &[], finding);
            let reads = wants.duties.into_iter().find(|wanted| wanted.duty == Duty::ReadPods).unwrap();
            (reads.need, reads.places)
        };
        let places = Places::Named(vec![Namespace::parse("a").unwrap()]);
        assert_eq!(needs(Finding::ByName).0, Need::Welcome);
        assert_eq!(needs(Finding::ByResolvers), (Need::Needed, places));
    }
}
