use clap::Parser as _;

use super::*;
use crate::policy::{CommandPattern, Pattern, Permission, Rule, Settings, Subjects};

#[derive(clap::Parser)]
struct Cli {
    #[command(flatten)]
    can_i: CanI,
}

fn parse(line: &str) -> Result<CanI, String> {
    let words = ["can-i", "--config", "c.yaml"].into_iter().chain(line.split(' '));
    Cli::try_parse_from(words).map(|cli| cli.can_i).map_err(|error| error.to_string())
}

/// Developers may run sh and `ls` in team namespaces of alpha; nobody may enter the pod vault.
fn policy() -> Settings {
    let rule = |name: &str, effect, subjects| Rule {
        name: name.to_owned(),
        effect,
        subjects,
        clusters: vec![Pattern::new("alpha")],
        verbs: vec![Permission::Exec],
        namespaces: Vec::new(),
        pods: Vec::new(),
        containers: Vec::new(),
        commands: Vec::new(),
    };
    let developers = Subjects { users: Vec::new(), groups: vec![Pattern::new("developers")] };
    let everybody = Subjects { users: vec![Pattern::new("*")], groups: Vec::new() };
    let mut allow = rule("own namespaces", Effect::Allow, developers);
    allow.namespaces = vec![Pattern::new("team-*")];
    allow.commands = vec![CommandPattern::new(["sh"]), CommandPattern::new(["ls", "**"])];
    let mut deny = rule("the vault is shut", Effect::Deny, everybody);
    deny.pods = vec![Pattern::new("vault")];
    Settings { rules: vec![allow, deny] }
}

fn ask_with(line: &str, users: &[Principal]) -> Result<String, QuestionError> {
    let clusters = [ClusterName::parse("alpha").unwrap(), ClusterName::parse("beta").unwrap()];
    let question = parse(line).unwrap().question(&clusters, users.iter().cloned())?;
    Ok(question.ask(&Policy::new(policy())).to_string())
}

fn ask(line: &str) -> String {
    ask_with(line, &[]).unwrap()
}

#[test]
fn yes_names_the_rule_that_allows() {
    assert_eq!(
        ask("--user bob --group developers alpha team-a/web-0 -- ls -l"),
        "yes\n\
         user \"bob\" may exec in pod \"web-0\" of namespace \"team-a\" on cluster \"alpha\" with command [\"ls\", \"-l\"]: rule \"own namespaces\" allows it\n\
         judged with groups developers (as given)\n"
    );
}

#[test]
fn no_names_the_rule_that_denies() {
    assert_eq!(
        ask("--user bob --group developers --group ops alpha team-a/vault -- sh"),
        "no\n\
         user \"bob\" may not exec in pod \"vault\" of namespace \"team-a\" on cluster \"alpha\" with command [\"sh\"]: rule \"the vault is shut\" denies it\n\
         judged with groups developers, ops (as given)\n"
    );
}

#[test]
fn no_by_default_says_how_far_the_rules_about_the_user_reach() {
    assert_eq!(
        ask("--user bob --group developers --container app alpha default/web-0 -- sh"),
        "no\n\
         user \"bob\" may not exec in pod \"web-0\" of namespace \"default\" on cluster \"alpha\" with container \"app\" and command [\"sh\"]: no rule allows it\n  \
         rule \"own namespaces\" allows this in namespaces team-*, not in default\n\
         judged with groups developers (as given)\n"
    );
}

#[test]
fn a_user_whom_no_rule_is_about_is_told_so() {
    let answer = ask("--user bob --group ops alpha team-a/web-0 -- sh");
    assert!(answer.contains("\n  no allow rule is about this user or these groups\n"), "{answer}");
}

#[test]
fn groups_come_from_the_users_file_unless_they_are_given() {
    let users =
        [Principal::for_explaining("alice", [""; 0]), Principal::for_explaining("bob", ["developers"])];
    let answer = ask_with("--user bob alpha team-a/web-0 -- sh", &users).unwrap();
    assert!(answer.starts_with("yes\n"), "{answer}");
    assert!(answer.ends_with("judged with groups developers (from the users file)\n"), "{answer}");

    let answer = ask_with("--user bob --group ops alpha team-a/web-0 -- sh", &users).unwrap();
    assert!(answer.starts_with("no\n"), "{answer}");

    let answer = ask_with("--user carol alpha team-a/web-0 -- sh", &users).unwrap();
    assert!(answer.starts_with("no\n"), "{answer}");
    assert!(
        answer.ends_with("judged with no groups (no users file lists this user; name groups with --group)\n"),
        "{answer}"
    );
}

#[test]
fn a_user_with_different_groups_in_two_files_has_to_be_told_apart() {
    let users = [Principal::for_explaining("bob", ["developers"]), Principal::for_explaining("bob", ["ops"])];
    assert_eq!(
        ask_with("--user bob alpha team-a/web-0", &users),
        Err(QuestionError::AmbiguousGroups { user: "bob".to_owned() })
    );
    let same = [users[0].clone(), users[0].clone()];
    assert!(ask_with("--user bob alpha team-a/web-0 -- sh", &same).unwrap().starts_with("yes"));
}

#[test]
fn attach_is_another_question_and_takes_no_command() {
    let answer = ask("--user bob --group developers --verb attach alpha team-a/web-0");
    assert!(answer.contains("may not attach to pod"), "{answer}");
    assert!(answer.contains("allows this for exec, not for attach"), "{answer}");
    assert_eq!(
        ask_with("--user bob --verb attach alpha team-a/web-0 -- sh", &[]),
        Err(QuestionError::CommandForAttach)
    );
}

#[test]
fn an_unknown_cluster_is_answered_with_those_that_exist() {
    let error = ask_with("--user bob gamma team-a/web-0", &[]).unwrap_err();
    assert_eq!(error.to_string(), "no cluster \"gamma\" in the configuration; it has alpha, beta");
}

#[test]
fn a_pod_is_written_with_its_namespace() {
    let complaint = |pod: &str| parse(&format!("--user bob alpha {pod}")).unwrap_err();
    assert!(complaint("web-0").contains("as in default/web-0"));
    assert!(complaint("default/a/b").contains("pod name"));
    assert!(complaint("../web-0").contains("namespace"));
    assert!(complaint("/web-0").contains("the namespace is empty"));
}

#[test]
fn exit_codes_tell_yes_from_no_from_nonsense() {
    let code = |line: &str| {
        let clusters = [ClusterName::parse("alpha").unwrap()];
        format!("{:?}", parse(line).unwrap().run(policy(), &clusters, []))
    };
    let expected = |code: u8| format!("{:?}", ExitCode::from(code));
    assert_eq!(code("--user bob --group developers alpha team-a/web-0 -- sh"), expected(0));
    assert_eq!(code("--user bob alpha team-a/web-0 -- sh"), expected(1));
    assert_eq!(code("--user bob beta team-a/web-0 -- sh"), expected(64));
}

#[test]
fn a_read_is_asked_about_a_whole_pod() {
    assert_eq!(
        ask("--user bob --group developers --verb read alpha team-a/web-0"),
        "no\n\
         user \"bob\" may not read pod \"web-0\" of namespace \"team-a\" on cluster \"alpha\": no rule allows it\n  \
         rule \"own namespaces\" allows this for exec, not for read\n\
         judged with groups developers (as given)\n"
    );
    for part in ["--container app alpha team-a/web-0", "alpha team-a/web-0 -- sh"] {
        let asked = ask_with(&format!("--user bob --verb read {part}"), &[]);
        assert_eq!(asked.unwrap_err(), QuestionError::PartOfARead, "{part}");
    }
}
