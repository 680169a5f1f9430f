//! Configurations as people write them: what is right loads, and what is wrong is refused in these very words.

#![allow(clippy::unwrap_used, reason = "a test ends where its surroundings fail")]

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use execgate::config::{self, Surroundings};
use rcgen::{CertificateParams, KeyPair};
use tempfile::TempDir;

/// Set to write what is refused into the `.expected` files, to be read before it is committed.
const BLESS: &str = "EXECGATE_BLESS";

#[test]
fn every_valid_configuration_loads() {
    let house = House::new();
    for case in house.cases("valid") {
        if let Err(error) = config::load(&case) {
            panic!("{} is refused:\n{error}", case.display());
        }
    }
}

#[test]
fn every_invalid_configuration_is_refused_in_the_expected_words() {
    let house = House::new();
    let mut wrong = Vec::new();
    for case in house.cases("invalid") {
        let words = refusal(&case);
        let name = case.with_extension("expected");
        let expected = source("invalid").join(name.file_name().unwrap());
        if env::var_os(BLESS).is_some() {
            fs::write(&expected, &words).unwrap();
        }
        let expected = fs::read_to_string(&expected).unwrap_or_default();
        if words != expected {
            wrong.push(format!("expected:\n{expected}is:\n{words}"));
        }
        assert!(!words.contains("s3cr3t"), "a secret is shown:\n{words}");
    }
    assert!(wrong.is_empty(), "if the new words are right, set {BLESS}=1\n\n{}", wrong.join("\n"));
}

#[test]
fn every_example_loads() {
    let house = Path::new(env!("CARGO_MANIFEST_DIR"));
    let pages = ["k8s-channel", "scow", "kubemgr", "kubeutil", "alodi"];
    let folders = pages.map(|page| house.join("examples/pages").join(page));
    let of_pages: Vec<PathBuf> = folders.iter().flat_map(|folder| yaml_files(folder)).collect();
    assert_eq!(of_pages.len(), pages.len());
    for example in yaml_files(&house.join("config")).into_iter().chain(of_pages) {
        if example.ends_with("users.yaml") {
            continue;
        }
        if let Err(error) = config::load_for(&example, Surroundings::Elsewhere) {
            panic!("{error}");
        }
    }
}

#[test]
fn what_is_elsewhere_need_not_be_here_but_must_be_right() {
    let house = House::new();
    let load = |name: &str| config::load_for(&house.invalid(name), Surroundings::Elsewhere);
    assert!(load("missing-files").is_ok());
    assert!(load("variable-not-set").is_ok());
    assert!(load("token-instead-of-variable").is_err());
    assert!(load("empty-path").is_err());
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let error = config::load(Path::new("nowhere/config.yaml")).unwrap_err();
    assert_eq!(error.to_string(), "nowhere/config.yaml: no such file; put it there, or correct the path");
}

#[test]
fn paths_are_relative_to_the_configuration_s_folder() {
    let house = House::new();
    let settings = config::load(&house.folder.path().join("valid/least.yaml")).unwrap();
    assert_eq!(settings.users_files[0].path, house.folder.path().join("valid/../files/users.yaml"));
}

#[test]
fn what_is_left_out_is_as_the_rooms_have_it() {
    let house = House::new();
    let settings = config::load(&house.folder.path().join("valid/least.yaml")).unwrap();
    assert_eq!(settings.relay, execgate::relay::Settings::default());
    assert_eq!(settings.sessions, execgate::session::Settings::default());
    assert_eq!(settings.front.origins, execgate::front::Origins::Same);
    assert_eq!(settings.policy.rules[0].verbs, [execgate::policy::Permission::Exec]);
    assert_eq!(settings.clusters[0].trust, execgate::cluster::Trust::SystemRoots);
    assert!(settings.default_cluster.is_none());
}

#[test]
fn doubtful_settings_are_warned_about() {
    let warnings = |text: &str| {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("config.yaml");
        fs::write(&path, text).unwrap();
        let settings = config::load_for(&path, Surroundings::Elsewhere).unwrap();
        let warnings = config::warnings(&settings);
        warnings.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let doubtful = "\
listen: [{address: 0.0.0.0:8080}, {address: 127.0.0.1:8081}]
frontend: {server: {url: 'https://page', insecureSkipTlsVerify: true}}
clusters:
  - {name: a, server: 'https://a', insecureSkipTlsVerify: true, credential: {tokenEnv: A}}
  - {name: b, server: 'http://b', credential: {tokenEnv: B}}
authentication: [usersFile: {path: u}]
policy:
  - {name: no, effect: deny, subjects: {groups: [dev]}, verbs: [exec, attach]}
  - {name: never, effect: allow, subjects: {groups: [dev]}, clusters: [a], pods: [web_0]}
  - {name: program, effect: allow, subjects: {users: [x]}, commands: ['/bin/../sh']}
  - {name: ajar, effect: deny, subjects: {users: [x]}, pods: [vault]}
  - {name: in, effect: allow, subjects: {users: [x]}, verbs: [attach]}
  - {name: show, effect: allow, subjects: {users: [x]}, verbs: [read]}
  - {name: half, effect: deny, subjects: {users: [x]}, verbs: [exec, attach, read], containers: [proxy]}
sessions: {readAhead: 0, readAheadTotal: 0}
targetResolvers:
  - {name: far, find: {http: {url: 'http://jobs.internal/resolve'}}}
  - {name: near, find: {http: {url: 'http://[::1]:9/resolve'}}}
";
    let found = warnings(doubtful);
    let begin: Vec<&str> = found.iter().map(|text| text.split(':').next().unwrap()).collect();
    assert_eq!(
        begin,
        [
            "0.0.0.0",
            "cluster a is believed whatever certificate it shows (insecureSkipTlsVerify)",
            "cluster b is reached without TLS",
            "target resolver far asks its service without TLS",
            "the page's server is believed whatever certificate it shows (frontend.server.insecureSkipTlsVerify)",
            "sessions.readAhead is 0",
            "rule \"never\" can't match through \"web_0\" in pods",
            "rule \"never\" can never decide",
            "rule \"program\" can't match through \"/bin/../sh\" in commands",
            "rule \"ajar\" does not deny attach, and rule \"in\" allows it; add attach to the verbs that it denies",
            "rule \"ajar\" does not deny read, and rule \"show\" allows it; add read to the verbs that it denies",
            "rule \"half\" denies reading the pods that it is about as a whole, because containers do not limit read; give read a rule of its own, or take it out",
        ],
        "{found:#?}"
    );
    let minimal =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("config/minimal.yaml")).unwrap();
    assert_eq!(warnings(&minimal), Vec::<String>::new());
}

#[test]
fn a_certificate_that_is_out_of_date_is_warned_about() {
    let house = House::new();
    let certificate = |from: i32, to: i32| {
        let mut params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        params.not_before = rcgen::date_time_ymd(from, 1, 1);
        params.not_after = rcgen::date_time_ymd(to, 1, 1);
        params.self_signed(&KeyPair::generate().unwrap()).unwrap().pem()
    };
    let warnings = |authorities: &str| {
        fs::write(house.folder.path().join("files/ca.crt"), authorities).unwrap();
        let path = house.folder.path().join("valid/authority.yaml");
        let found = config::warnings(&config::load(&path).unwrap());
        found
            .iter()
            .map(|warning| warning.to_string().replace(house.folder.path().to_str().unwrap(), ""))
            .collect::<Vec<_>>()
    };
    let (past, present, future) = (certificate(2001, 2002), certificate(2001, 4001), certificate(4000, 4001));
    let words = |when: &str| {
        format!(
            "/valid/../files/ca.crt: the certificate {when} 00:00 UTC: connections with it will fail; renew it, or set this machine's clock"
        )
    };
    assert_eq!(warnings(&past), [words("expired on 2002-01-01")]);
    assert_eq!(warnings(&future), [words("is not valid before 4000-01-01")]);
    assert_eq!(warnings(&format!("{past}{present}")), Vec::<String>::new());
}

#[test]
fn the_reference_is_up_to_date() {
    let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/configuration.md");
    let committed = fs::read_to_string(committed).unwrap_or_default();
    assert!(
        committed == config::reference(),
        "docs/configuration.md is stale; renew it with: cargo run -- schema --markdown > docs/configuration.md"
    );
}

/// The cases in a folder of their own, with the files that they name beside them.
struct House {
    folder: TempDir,
}

impl House {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let house = Self { folder };
        for kind in ["valid", "invalid"] {
            let copies = house.folder.path().join(kind);
            fs::create_dir(&copies).unwrap();
            for case in yaml_files(&source(kind)) {
                fs::copy(&case, copies.join(case.file_name().unwrap())).unwrap();
            }
        }
        house.write_files();
        house
    }

    fn write_files(&self) {
        let files = self.folder.path().join("files");
        fs::create_dir(&files).unwrap();
        let write = |name: &str, content: &str| fs::write(files.join(name), content).unwrap();
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        let certificate = params.self_signed(&key).unwrap().pem();
        write("ca.crt", &certificate);
        write("tls.crt", &certificate);
        write("tls.key", &key.serialize_pem());
        write("other.key", &KeyPair::generate().unwrap().serialize_pem());
        write("token", "s3cr3t\n");
        write("empty", "\n");
        write("users.yaml", "users: []\n");
        write("index.html", "<!doctype html>");
    }

    fn cases(&self, kind: &str) -> Vec<PathBuf> {
        let cases = yaml_files(&self.folder.path().join(kind));
        assert!(!cases.is_empty(), "no {kind} case");
        cases
    }

    fn invalid(&self, name: &str) -> PathBuf {
        self.folder.path().join("invalid").join(name).with_extension("yaml")
    }
}

/// The words of the refusal, without this machine's folders.
fn refusal(case: &Path) -> String {
    let Err(error) = config::load(case) else {
        panic!("{} is taken", case.display());
    };
    let folder = format!("{}/", case.parent().unwrap().display());
    format!("{error}\n").replace(&folder, "")
}

fn source(kind: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/config").join(kind)
}

fn yaml_files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> =
        entries.filter(|path| path.extension().is_some_and(|end| end == "yaml")).collect();
    files.sort();
    files
}
