//! `execgate kubeconfig`: what a user's kubectl is given, and what it is not.

use std::{
    fs,
    io::Write as _,
    process::{Command, Stdio},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::house::{ALICE, Authority, BOB, House, NOW};

/// Alice may do everything on two clusters, of which staging is the default; bob may only in one namespace of prod, and not read.
fn house() -> House {
    let house = House::alone();
    let certificate = Authority::new(NOW).certify("gate.example", NOW);
    house.put("tls.crt", &certificate.chain);
    house.put("tls.key", &certificate.key);
    house.put("config.yaml", CONFIG);
    house
}

const CONFIG: &str = "\
listen:
  - address: 127.0.0.1:8080
  - address: 0.0.0.0:8443
    tls: {certFile: tls.crt, keyFile: tls.key}
defaultCluster: staging
clusters:
  - {name: prod, server: 'https://10.0.0.1:6443', credential: {tokenFile: absent}}
  - {name: staging, server: 'https://10.0.0.2:6443', credential: {tokenFile: absent}}
authentication:
  - usersFile: {path: users.yaml}
policy:
  - {name: alice, effect: allow, subjects: {users: [alice]}, verbs: [exec, attach, read]}
  - {name: bob, effect: allow, subjects: {users: [bob]}, clusters: [prod], namespaces: [team-b]}
";

struct Said {
    code: i32,
    stdout: String,
    stderr: String,
}

impl Said {
    fn kubeconfig(&self) -> Value {
        assert_eq!(self.code, 0, "{}", self.stderr);
        serde_yaml::from_str(&self.stdout).unwrap()
    }
}

fn kubeconfig(house: &House, arguments: &[&str], stdin: &str) -> Said {
    let mut child = Command::new(env!("CARGO_BIN_EXE_execgate"))
        .args(["kubeconfig", "--config", house.path("config.yaml").to_str().unwrap()])
        .args(arguments)
        .current_dir(house.folder())
        .env_remove("EXECGATE_LOG")
        .env_remove("EXECGATE_CONFIG")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that reads nothing may have ended: its pipe is closed then.
    let _ = child.stdin.take().unwrap().write_all(stdin.as_bytes());
    let output = child.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Said {
        code: output.status.code().unwrap(),
        stdout: text(output.stdout),
        stderr: house.without_folder(&text(output.stderr)),
    }
}

#[test]
fn every_cluster_that_a_user_may_enter_is_a_context_and_the_default_one_is_current() {
    let house = house();
    house.put("alice.token", &format!("{ALICE}\n"));
    let said = kubeconfig(&house, &["--user", "alice", "--token-file", "alice.token"], "");
    let file = said.kubeconfig();
    assert_eq!((&file["apiVersion"], &file["kind"]), (&json!("v1"), &json!("Config")));
    assert_eq!(file["current-context"], "staging");
    let servers: Vec<&Value> =
        file["clusters"].as_array().unwrap().iter().map(|entry| &entry["cluster"]["server"]).collect();
    assert_eq!(
        servers,
        ["https://gate.example:8443/clusters/prod", "https://gate.example:8443/clusters/staging"]
    );
    let contexts = [
        json!({"name": "prod", "context": {"cluster": "prod", "user": "alice"}}),
        json!({"name": "staging", "context": {"cluster": "staging", "user": "alice"}}),
    ];
    assert_eq!(file["contexts"], json!(contexts));
    let token_file = fs::canonicalize(house.folder()).unwrap().join("alice.token");
    assert_eq!(file["users"], json!([{"name": "alice", "user": {"tokenFile": token_file}}]));
    assert!(!said.stdout.contains(ALICE) && !said.stderr.contains(ALICE));
}

#[test]
fn a_user_of_one_namespace_of_one_cluster_has_it_in_the_only_context_and_is_told_what_is_missing() {
    let house = house();
    let said = kubeconfig(&house, &["--user", "bob"], "");
    let file = said.kubeconfig();
    assert_eq!(file["current-context"], "prod");
    assert_eq!(
        file["contexts"],
        json!([{"name": "prod", "context": {"cluster": "prod", "user": "bob", "namespace": "team-b"}}])
    );
    assert_eq!(file["users"], json!([{"name": "bob", "user": {}}]));
    let notes: Vec<&str> = said.stderr.lines().collect();
    assert!(
        notes[0].starts_with("note: the listener's certificate is signed by \"CN=the authority\""),
        "{}",
        said.stderr
    );
    assert!(notes[1].contains("no rule lets \"bob\" read on cluster prod"), "{}", said.stderr);
    assert!(
        notes[2]
            .ends_with("kubectl config set-credentials bob --kubeconfig FILE --token \"$(cat TOKEN_FILE)\""),
        "{}",
        said.stderr
    );
}

#[test]
fn a_token_from_stdin_stands_in_the_file_and_nobody_elses_does() {
    let house = house();
    let file =
        kubeconfig(&house, &["--user", "alice", "--token-file", "-"], &format!("{ALICE}\n")).kubeconfig();
    assert_eq!(file["users"], json!([{"name": "alice", "user": {"token": ALICE}}]));
    for (token, words) in [
        (BOB, "stdin holds the token of \"bob\", not of \"alice\""),
        ("nobodys-0123456789", "stdin holds a token that no users file lists"),
        ("", "stdin holds a token that no users file lists"),
    ] {
        let said = kubeconfig(&house, &["--user", "alice", "--token-file", "-"], token);
        assert_eq!((said.code, said.stdout.as_str()), (1, ""));
        assert!(said.stderr.contains(words), "{}", said.stderr);
        assert!(token.is_empty() || !said.stderr.contains(token), "{}", said.stderr);
    }
    let said = kubeconfig(&house, &["--user", "alice", "--token-file", "nowhere"], "");
    assert_eq!(said.code, 1);
    assert!(said.stderr.contains("cannot read a token from nowhere"), "{}", said.stderr);
}

#[test]
fn the_authority_that_is_named_stands_in_the_file_without_its_key() {
    let house = house();
    let authority = Authority::named("the other authority", NOW);
    house
        .put("ca.pem", &format!("{}{}", fs::read_to_string(house.path("tls.key")).unwrap(), authority.pem()));
    let arguments =
        ["--user", "alice", "--server", "https://front.example/gate/", "--certificate-authority", "ca.pem"];
    let file = kubeconfig(&house, &arguments, "").kubeconfig();
    let cluster = &file["clusters"][0]["cluster"];
    assert_eq!(cluster["server"], "https://front.example/gate/clusters/prod");
    let data = STANDARD.decode(cluster["certificate-authority-data"].as_str().unwrap()).unwrap();
    let data = String::from_utf8(data).unwrap();
    assert_eq!(data.replace('\n', ""), authority.pem().replace(['\r', '\n'], ""));
}

#[test]
fn what_cannot_be_made_is_told_in_words_and_by_exit_codes() {
    let house = house();
    let said = |arguments: &[&str]| {
        let said = kubeconfig(&house, arguments, "");
        assert_eq!(said.stdout, "");
        (said.code, said.stderr)
    };
    assert_eq!(
        said(&["--user", "carol"]),
        (1, "execgate: no users file lists \"carol\"; known are alice, bob\n".to_owned())
    );
    let (code, words) = said(&["--user", "alice", "--server", "http://gate.example"]);
    assert_eq!((code, words.contains("write --server https://HOST")), (1, true), "{words}");
    house.change("subjects: {users: [bob]}", "subjects: {users: [dave]}");
    let (code, words) = said(&["--user", "bob"]);
    assert_eq!(
        (code, words.contains("no rule lets \"bob\" open a session on any cluster")),
        (1, true),
        "{words}"
    );
    house.change("    tls: {certFile: tls.crt, keyFile: tls.key}\n", "");
    let (code, words) = said(&["--user", "alice"]);
    assert_eq!((code, words.contains("no listener of the configuration has TLS")), (1, true), "{words}");
    house.change("effect: allow, subjects: {users: [alice]}", "effect: allowed, subjects: {users: [alice]}");
    assert_eq!(said(&["--user", "alice"]).0, 64);
}

#[test]
fn names_that_yaml_would_take_for_something_else_are_quoted() {
    let house = house();
    house.change("{name: prod,", "{name: '7',");
    house.change("clusters: [prod]", "clusters: ['7']");
    house.change("defaultCluster: staging", "defaultCluster: '7'");
    let file = kubeconfig(&house, &["--user", "alice"], "").kubeconfig();
    assert_eq!((&file["current-context"], &file["clusters"][0]["name"]), (&json!("7"), &json!("7")));
}
