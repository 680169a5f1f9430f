use std::io::Write as _;

use tempfile::NamedTempFile;

use super::*;
use crate::identity::{Place, token_hash};

fn load(yaml: impl AsRef<[u8]>) -> Result<Arc<UsersFile>, UsersFileError> {
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(yaml.as_ref()).unwrap();
    let path = file.path().to_owned();
    UsersFile::load(UsersFileSettings { path })
}

/// Line, column and problem of a file that is refused; and that its text holds none of the hashes.
fn refused(yaml: impl AsRef<[u8]>) -> (u64, u64, UsersFileProblem) {
    let error = load(yaml).unwrap_err();
    let text = format!("{error} {error:?}");
    for secret in [digits("a"), digits("b"), "hunter2".to_owned()] {
        assert!(!text.contains(&secret), "{text}");
    }
    match error {
        UsersFileError::Invalid { line, column, problem, .. } => (line, column, problem),
        UsersFileError::Read { .. } => panic!("{error}"),
    }
}

fn digits(token: &str) -> String {
    token_hash(token).replace("sha256:", "")
}

fn ask(file: &UsersFile, token: &str) -> Verdict {
    file.authenticate(&Presented::Token { token: token.into(), place: Place::Authorization })
}

fn two_users() -> String {
    let (a, b) = (token_hash("a"), token_hash("b"));
    format!(
        "users:\n- name: alice\n  groups: [admins, developers]\n  tokenHash: \"{a}\"\n- name: bob\n  tokenHash: {b}\n"
    )
}

#[test]
fn a_token_is_whose_hash_is_listed() {
    let file = load(two_users()).unwrap();
    let alice = Principal::for_explaining("alice", ["admins", "developers"]);
    assert_eq!(ask(&file, "a"), Verdict::Accepted(alice));
    let bob = Principal::for_explaining("bob", [""; 0]);
    assert_eq!(ask(&file, "b"), Verdict::Accepted(bob));
}

#[test]
fn an_unknown_token_is_left_to_the_next_file() {
    let file = load(two_users()).unwrap();
    for token in ["", "c", "A", "a ", &digits("a"), &token_hash("a")] {
        assert_eq!(ask(&file, token), Verdict::Absent, "{token:?}");
    }
    let unusable = Presented::Unusable { place: Place::Authorization };
    assert_eq!(file.authenticate(&unusable), Verdict::Absent);
    assert_eq!(file.authenticate(&Presented::Absent), Verdict::Absent);
}

#[test]
fn a_file_may_list_nobody() {
    assert_eq!(ask(&load("users: []").unwrap(), "a"), Verdict::Absent);
}

#[test]
fn one_user_may_have_two_tokens_while_one_is_rotated() {
    let (a, b) = (token_hash("a"), token_hash("b"));
    let file = load(format!(
        "users:\n- {{name: alice, groups: [x, y], tokenHash: \"{a}\"}}\n- {{name: alice, groups: [y, x], tokenHash: \"{b}\"}}\n"
    ))
    .unwrap();
    let user = |token| match ask(&file, token) {
        Verdict::Accepted(principal) => principal.user().to_owned(),
        other => panic!("{other:?}"),
    };
    assert_eq!((user("a"), user("b")), ("alice".to_owned(), "alice".to_owned()));
    assert_eq!(file.principals().len(), 1);
}

#[test]
fn entries_of_one_user_must_have_the_same_groups() {
    let (a, b) = (token_hash("a"), token_hash("b"));
    let yaml = format!(
        "users:\n- {{name: alice, groups: [x], tokenHash: \"{a}\"}}\n- {{name: alice, tokenHash: \"{b}\"}}\n"
    );
    let problem = UsersFileProblem::OtherGroups { name: "alice".to_owned(), first_line: 2 };
    assert_eq!(refused(yaml), (3, 10, problem));
}

#[test]
fn one_token_has_one_owner() {
    let a = token_hash("a");
    let upper = format!("sha256:{}", digits("a").to_uppercase());
    let yaml =
        format!("users:\n- name: alice\n  tokenHash: \"{a}\"\n- name: bob\n  tokenHash: \"{upper}\"\n");
    assert_eq!(refused(yaml), (5, 14, UsersFileProblem::RepeatedHash { first_line: 3 }));
}

#[test]
fn a_hash_that_is_none_is_refused_without_being_shown() {
    for hash in ["hunter2", "sha256:hunter2", &format!("md5:{}", digits("a")), "\"\""] {
        let yaml = format!("users:\n- name: alice\n  tokenHash: {hash}\n");
        assert_eq!(refused(yaml), (3, 14, UsersFileProblem::MalformedHash), "{hash}");
    }
    let yaml = format!("users:\n- name: alice\n  tokenHash: {}\n", token_hash(""));
    assert_eq!(refused(yaml), (3, 14, UsersFileProblem::EmptyToken));
}

#[test]
fn names_that_could_be_taken_for_others_are_refused() {
    let a = token_hash("a");
    let user = |name: &str| refused(format!("users:\n- name: {name}\n  tokenHash: \"{a}\"\n"));
    let what = "user's name";
    assert_eq!(user("\"\""), (2, 9, UsersFileProblem::EmptyName { what }));
    assert_eq!(user("\"a\\nb\""), (2, 9, UsersFileProblem::ControlCharacter { what }));
    let name = " a".to_owned();
    assert_eq!(user("\" a\""), (2, 9, UsersFileProblem::SurroundingSpace { what, name }));
    let name = "system:admin".to_owned();
    assert_eq!(user("system:admin"), (2, 9, UsersFileProblem::Reserved { what, name }));
}

#[test]
fn groups_that_kubernetes_keeps_for_itself_are_refused_with_the_reason() {
    let a = token_hash("a");
    let yaml = format!("users:\n- name: alice\n  groups: [ok, \"system:masters\"]\n  tokenHash: \"{a}\"\n");
    let error = load(yaml).unwrap_err().to_string();
    assert!(error.contains(":3:16: the group's name \"system:masters\""), "{error}");
    assert!(error.contains("Kubernetes keeps for itself"), "{error}");
}

#[test]
fn a_key_that_does_not_exist_is_named_with_those_that_do() {
    let a = token_hash("a");
    let problem = |key: &str| {
        let (line, _, problem) =
            refused(format!("users:\n- name: alice\n  {key}: [x]\n  tokenHash: \"{a}\"\n"));
        assert_eq!(line, 3);
        problem.to_string()
    };
    assert_eq!(problem("group"), "unknown key `group`; known here are name, groups, tokenHash");
    assert_eq!(problem(&digits("b")), "unknown key; known here are name, groups, tokenHash");
    assert_eq!(problem("hunter2"), "unknown key; known here are name, groups, tokenHash");
    assert_eq!(problem("name"), "the key `name` is given twice; keep one");
}

#[test]
fn what_is_missing_is_named() {
    let missing = |key| UsersFileProblem::MissingKey { key };
    assert_eq!(refused("users:\n- name: alice\n").2, missing("tokenHash"));
    assert_eq!(refused(format!("users:\n- tokenHash: {}\n", token_hash("a"))).2, missing("name"));
    assert_eq!(refused("{}").2, missing("users"));
}

#[test]
fn a_value_that_was_left_out_is_asked_for() {
    for value in ["", "~", "null"] {
        let yaml = format!("users:\n- name: {value}\n  tokenHash: {}\n", token_hash("a"));
        let (line, _, problem) = refused(yaml);
        assert_eq!((line, problem), (2, UsersFileProblem::MissingValue), "{value}");
    }
}

#[test]
fn a_name_that_looks_like_a_number_is_still_a_name() {
    for name in ["123", "yes", "1.5"] {
        let file = load(format!("users: [{{name: {name}, tokenHash: \"{}\"}}]", token_hash("a"))).unwrap();
        assert_eq!(file.principals()[0].user(), name);
    }
}

#[test]
fn another_shape_is_refused_without_repeating_it() {
    for yaml in [
        "",
        "hunter2",
        "- hunter2",
        "users: hunter2",
        "users: [hunter2]",
        "users:\n  hunter2: alice",
        "users: [{name: [hunter2], tokenHash: x}]",
        "users: [{name: a, tokenHash: {x: hunter2}}]",
        "users: [{name: a, groups: hunter2, tokenHash: x}]",
        "users: []\n---\nusers: [hunter2]",
    ] {
        let (line, _, problem) = refused(yaml);
        assert!(line >= 1, "{yaml}");
        assert_eq!(problem, UsersFileProblem::Shape, "{yaml}");
    }
}

#[test]
fn what_is_no_yaml_is_refused_with_its_place() {
    let (line, _, problem) = refused("users:\n- {name: \"hunter2\n");
    assert!(line >= 2);
    assert_eq!(problem, UsersFileProblem::NotYaml);
    let (line, column, problem) = refused(b"users:\n- name: \xc3\xa9\xff");
    assert_eq!((line, column, problem), (2, 10, UsersFileProblem::NotUtf8));
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let path = PathBuf::from("/nowhere/users.yaml");
    let error = UsersFile::load(UsersFileSettings { path }).unwrap_err();
    assert_eq!(error.to_string(), "the users file /nowhere/users.yaml can't be read");
}

#[test]
fn debug_shows_no_hash() {
    let text = format!("{:?}", load(two_users()).unwrap());
    assert!(text.ends_with("users: 2 }"), "{text}");
}

#[test]
fn a_path_that_leads_to_no_file_or_to_a_huge_one_is_refused_at_once() {
    let said = |path: &Path| {
        let error = UsersFile::load(UsersFileSettings { path: path.to_owned() }).unwrap_err();
        let UsersFileError::Read { source, .. } = error else { panic!("{error}") };
        source.to_string()
    };
    assert_eq!(said(Path::new("/dev/zero")), "not a regular file");
    let huge = NamedTempFile::new().unwrap();
    huge.as_file().set_len(SIZE_LIMIT + 1).unwrap();
    assert_eq!(said(huge.path()), "larger than 16 MiB");
}
