//! Bad input at the start: each ends with a sentence that says what to do, and an exit code.

use std::{fs, net::TcpListener, os::unix::fs::PermissionsExt as _};

use super::{
    house::{Authority, House, NOW, PAST},
    process::Execgate,
};

#[test]
fn a_port_that_is_taken_is_named() {
    let house = House::alone();
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = other.local_addr().unwrap().to_string();
    house.change("127.0.0.1:0", &address);
    assert_eq!(
        house.refusal(),
        (
            1,
            format!(
                "execgate: cannot listen on {address}: another program already does; stop it or choose another port\n"
            )
        )
    );
}

#[test]
fn an_address_of_another_machine_is_refused() {
    let house = House::alone();
    // TEST-NET-1 of RFC 5737: nobody's.
    house.change("127.0.0.1:0", "192.0.2.1:8443");
    let words = "execgate: cannot listen on 192.0.2.1:8443: this machine has no such address; 0.0.0.0 or [::] listens on all of its own\n";
    assert_eq!(house.refusal(), (1, words.to_owned()));
}

#[test]
fn a_configuration_that_is_not_there_is_named() {
    let ended = Execgate::run(&["serve", "--config", "/nowhere/config.yaml"]);
    let words = "/nowhere/config.yaml: no such file; put it there, or correct the path\n";
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(64), words));
}

#[test]
fn a_certificate_that_is_not_there_is_named_with_its_place_in_the_configuration() {
    let house = House::alone();
    house.change("127.0.0.1:0", "127.0.0.1:0\n    tls: {certFile: tls.crt, keyFile: tls.key}");
    let words = "\
        config.yaml:3:21: listen[0].tls.certFile: tls.crt: no such file; put it there, or correct the path\n\
        config.yaml:3:39: listen[0].tls.keyFile: tls.key: no such file; put it there, or correct the path\n";
    assert_eq!(house.refusal(), (64, words.to_owned()));
    assert_eq!(house.checked(), (1, words.to_owned()));
}

#[test]
fn a_key_that_this_user_may_not_read_is_told_as_such() {
    let house = House::alone();
    with_tls(&house, NOW);
    let key = house.path("tls.key");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o000)).unwrap();
    if fs::read(&key).is_ok() {
        // Root may read everything.
        return;
    }
    let words = "config.yaml:3:39: listen[0].tls.keyFile: tls.key: this user may not read it; look at its owner and mode, and at those of its folder\n";
    assert_eq!(house.refusal(), (64, words.to_owned()));
}

#[test]
fn a_key_that_does_not_fit_its_certificate_is_refused() {
    let house = House::alone();
    with_tls(&house, NOW);
    house.put("tls.key", &Authority::new(NOW).certify("gate.example", NOW).key);
    let words = "config.yaml:3:39: listen[0].tls.keyFile: is not the key of the certificate in certFile; the two must be made together\n";
    assert_eq!(house.refusal(), (64, words.to_owned()));
}

#[test]
fn a_file_that_holds_no_certificate_is_refused() {
    let house = House::alone();
    with_tls(&house, NOW);
    house.put("tls.crt", "not a certificate\n");
    let words = "config.yaml:3:21: listen[0].tls.certFile: holds no certificate; it must be PEM, with -----BEGIN CERTIFICATE----- in it\n";
    assert_eq!(house.refusal(), (64, words.to_owned()));
}

#[test]
fn a_folder_in_the_place_of_a_file_is_told_as_such() {
    let house = House::alone();
    with_tls(&house, NOW);
    fs::remove_file(house.path("tls.crt")).unwrap();
    fs::create_dir(house.path("tls.crt")).unwrap();
    let words = "config.yaml:3:21: listen[0].tls.certFile: tls.crt: is a folder, not a file\n";
    assert_eq!(house.refusal(), (64, words.to_owned()));
}

#[test]
fn an_expired_certificate_of_ours_is_warned_about_and_served() {
    let house = House::alone();
    with_tls(&house, PAST);
    let mut gate = Execgate::serve(&house.path("config.yaml"));
    let line = gate.logged("the listener's certificate");
    let words = "the listener's certificate \"CN=a server\" in the file tls.crt expired on 2021-01-01 00:00 UTC; browsers will refuse it";
    assert_eq!(
        (&line["level"], house.without_folder(line["message"].as_str().unwrap()).as_str()),
        (&"WARN".into(), words)
    );
    gate.address();
    let (code, warning) = house.checked();
    assert_eq!(code, 0);
    let line = "warning: tls.crt: the certificate expired on 2021-01-01 00:00 UTC: connections with it will fail; renew it, or set this machine's clock";
    assert!(warning.lines().any(|warning| warning == line), "{warning}");
}

#[test]
fn an_authority_that_has_expired_is_refused_by_serve_and_by_check() {
    let house = House::before("https://127.0.0.1:6443");
    house.put("ca.crt", Authority::new(PAST).pem());
    house.change("credential:", "certificateAuthority: {file: ca.crt}\n    credential:");
    let words = "cluster prod: TLS cannot be set up: the certificate authority \"CN=the authority\" in the file ca.crt expired on 2021-01-01 00:00 UTC; put the current one there\n";
    assert_eq!(house.refusal(), (1, format!("execgate: {words}")));
    assert_eq!(house.checked(), (1, words.to_owned()));
}

#[test]
fn a_users_file_with_a_mistake_is_refused_with_its_line_by_serve_and_by_check() {
    let house = House::alone();
    house.put("users.yaml", "users:\n  - name: alice\n    tokenhash: 1234\n");
    let words = "users.yaml:3:5: unknown key `tokenhash`; known here are name, groups, tokenHash\n";
    assert_eq!(house.refusal(), (1, format!("execgate: {words}")));
    assert_eq!(house.checked(), (1, words.to_owned()));
}

#[test]
fn a_token_in_the_place_of_its_hash_is_refused_and_not_repeated() {
    let house = House::alone();
    house.put("users.yaml", "users:\n  - name: alice\n    tokenHash: s3cr3t-s3cr3t\n");
    let (code, words) = house.refusal();
    assert_eq!(code, 1);
    assert!(
        words.starts_with("execgate: users.yaml:3:16: tokenHash is not a hash: write `sha256:`"),
        "{words}"
    );
    assert!(words.contains("`execgate token hash` makes one") && !words.contains("s3cr3t"), "{words}");
}

#[test]
fn a_token_file_with_more_than_a_token_is_refused_and_not_repeated() {
    let house = House::alone();
    house.put("prod.token", "token: s3cr3t\nca: s3cr3t\n");
    let words = "cluster prod: the credential cannot be used: the token file prod.token holds white space, control or non-ASCII characters inside its text; it must hold one bearer token and nothing else\n";
    assert_eq!(house.refusal(), (1, format!("execgate: {words}")));
    assert_eq!(house.checked(), (1, words.to_owned()));
}

#[test]
fn a_variable_that_is_not_set_is_named() {
    let house = House::alone();
    house.change("tokenFile: prod.token", "tokenEnv: NO_SUCH_TOKEN_HERE");
    let words = "config.yaml:7:28: clusters[0].credential.tokenEnv: the environment variable of this name is not set or is empty; it must hold a bearer token\n";
    assert_eq!(house.refusal(), (64, words.to_owned()));
}

#[test]
fn a_misspelt_key_is_refused_with_the_right_one() {
    let house = House::alone();
    house.change("defaultCluster", "defaultcluster");
    let (code, words) = house.refusal();
    assert_eq!(code, 64);
    assert!(
        words.starts_with("config.yaml:3:1: defaultcluster: ") && words.contains("defaultCluster"),
        "{words}"
    );
}

fn with_tls(house: &House, years: (i32, i32)) {
    let certificate = Authority::new(NOW).certify("gate.example", years);
    house.put("tls.crt", &certificate.chain);
    house.put("tls.key", &certificate.key);
    house.change("127.0.0.1:0", "127.0.0.1:0\n    tls: {certFile: tls.crt, keyFile: tls.key}");
}
