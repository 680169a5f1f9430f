//! `execgate can-i`: what the policy says, without a session.

use super::{house::House, process::Execgate};

#[test]
fn yes_and_no_name_the_rule_that_decides_and_are_told_by_exit_codes() {
    let house = House::alone();
    let ended = can_i(&house, &["--user", "bob", "prod", "default/web-0", "--", "sh"]);
    assert_eq!(ended, (0, "yes\nuser \"bob\" may exec in pod \"web-0\" of namespace \"default\" on cluster \"prod\" with command [\"sh\"]: rule \"bob reaches the rest\" allows it\njudged with no groups (from the users file)\n".to_owned(), String::new()));
    let (code, words, _) = can_i(&house, &["--user", "bob", "--verb", "attach", "prod", "default/vault"]);
    assert_eq!((code, words.contains("rule \"bob keeps out of the vault\" denies it")), (1, true), "{words}");
}

#[test]
fn a_question_that_makes_no_sense_exits_with_64_and_says_why() {
    let house = House::alone();
    let asked = |arguments: &[&str]| {
        let (code, _, words) = can_i(&house, arguments);
        assert_eq!(code, 64);
        words
    };
    assert_eq!(
        asked(&["--user", "bob", "produ", "default/web-0"]),
        "execgate can-i: no cluster \"produ\" in the configuration; it has prod\n"
    );
    let words = asked(&["--user", "bob", "prod", "web-0"]);
    assert!(words.contains("with one slash between them, as in default/web-0"), "{words}");
    house.change("subjects: {users: [alice]}", "subjects: {user: [alice]}");
    let words = asked(&["--user", "bob", "prod", "default/web-0"]);
    assert!(words.starts_with("config.yaml:13:16: policy[0].subjects.user: "), "{words}");
}

#[test]
fn the_clusters_secrets_need_not_be_there_but_the_users_are_needed_for_their_groups() {
    let house = House::alone();
    std::fs::remove_file(house.path("prod.token")).unwrap();
    assert_eq!(can_i(&house, &["--user", "alice", "prod", "default/vault"]).0, 0);
    std::fs::remove_file(house.path("users.yaml")).unwrap();
    let (code, _, words) = can_i(&house, &["--user", "alice", "prod", "default/vault"]);
    assert_eq!((code, words.contains("say with --group")), (64, true), "{words}");
    assert_eq!(can_i(&house, &["--user", "alice", "--group", "x", "prod", "default/vault"]).0, 0);
}

/// Exit code, stdout and stderr.
fn can_i(house: &House, arguments: &[&str]) -> (i32, String, String) {
    let config = house.path("config.yaml");
    let arguments = [&["can-i", "--config", config.to_str().unwrap()], arguments].concat();
    let ended = Execgate::run(&arguments);
    (ended.code.unwrap(), ended.stdout, house.without_folder(&ended.stderr))
}
