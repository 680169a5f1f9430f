//! The commands that need no network: what they print, and their exit codes.

#![allow(clippy::unwrap_used, reason = "a test ends where its surroundings fail")]

use std::{
    fs,
    io::Write,
    process::{Command, Output, Stdio},
};

use tempfile::TempDir;

#[test]
fn check_tells_what_a_configuration_means() {
    let output = execgate(&["check", "--no-files", "--config", "config/many-clusters.yaml"]);
    let (stdout, stderr) = texts(&output);
    assert_eq!(output.status.code(), Some(0), "{stderr}");
    for line in [
        "  0.0.0.0:8443 with TLS, certificate /etc/execgate/tls/tls.crt",
        "  us: https://rancher.example.com:443/k8s/clusters/c-m-1a2b3c, for /clusters/us/api/v1/...",
        "    execgate's credential: the token in the environment variable US_TOKEN",
        "  Whoever is in admins may run any command and attach anywhere. (rule \"admins reach everything\")",
        "  Everything else is denied.",
        "  an idle session ends after 15m, any session after 8h",
    ] {
        assert!(stdout.contains(&format!("{line}\n")), "no line {line:?} in\n{stdout}");
    }
    assert!(stderr.starts_with("warning: cluster lab is believed whatever certificate it shows"), "{stderr}");
}

#[test]
fn check_tells_of_each_route_where_it_leads_and_what_runs_there() {
    let folder = TempDir::new().unwrap();
    let config = folder.path().join("config.yaml");
    fs::write(&config, ROUTES).unwrap();
    let output = execgate(&["check", "--no-files", "--config", config.to_str().unwrap()]);
    let (stdout, stderr) = texts(&output);
    assert_eq!(output.status.code(), Some(0), "{stderr}");
    let routes = "\
Routes
  console: /ws/{cluster}/{pod}/{shell}, in the dialect kubemgr
    to pod {pod} in namespace default on cluster {cluster}, container app
    runs by {shell}: `bash` for b, `sh -l` for s
    the user's token: as \"Authorization: Bearer\", in the cookie SID, or in the query parameter token; browsers keep URLs, and so does what is in front of execgate
    a terminal whose user leaves is typed exit and Enter, and hung up after 5s so that its shell ends
  job: /job?jobId={job}, in the dialect raw
    to the pod that the resolver \"job\" finds on cluster prod
    runs the first shell that there is of bash, sh
  top: /top, in the dialect channel
    to pod web-0 in namespace default on cluster prod
    runs `top -d 1`
  own: /own/exec, in the dialect channel
    to pod web-0 in namespace default on cluster prod
    runs what the query says
    the user's token: as a subprotocol

";
    assert!(stdout.contains(routes), "{stdout}");
}

const ROUTES: &str = r#"
listen: [{address: "127.0.0.1:8080"}]
defaultCluster: prod
clusters: [{name: prod, server: "https://10.0.0.10:6443", credential: {tokenEnv: A}}]
authentication: [usersFile: {path: users.yaml}]
policy: [{name: everybody, effect: allow, subjects: {users: ["*"]}}]
routes:
  - name: console
    path: /ws/{cluster}/{pod}/{shell}
    target: {cluster: "{cluster}", namespace: default, pod: "{pod}", container: app}
    command: {table: {capture: shell, commands: {b: bash, s: [sh, -l]}}}
    dialect: kubemgr
    credential: [authorization, {cookie: SID}, {query: token}]
    onDisconnect: {send: exit, grace: 5s}
  - name: job
    path: /job
    query: {jobId: job}
    target: {resolver: job}
    command: {shell: {try: [bash, sh]}}
    dialect: raw
  - name: top
    path: /top
    target: {namespace: default, pod: web-0}
    command: {fixed: top -d 1}
  - name: own
    path: /own/exec
    target: {namespace: default, pod: web-0}
    command: query
    credential: [subprotocol]
targetResolvers:
  - {name: job, find: {labels: {selector: "job-id={job}", namespace: default}}}
"#;

#[test]
fn check_of_a_wrong_configuration_says_all_that_is_wrong_and_exits_with_1() {
    let output = execgate(&["check", "--config", "tests/config/invalid/several-wrong-types.yaml"]);
    let (stdout, stderr) = texts(&output);
    assert_eq!((output.status.code(), stdout.as_str()), (Some(1), ""));
    assert_eq!(stderr.lines().count(), 5, "{stderr}");
    assert!(
        stderr.starts_with("tests/config/invalid/several-wrong-types.yaml:3:5: listen[0].tsl: "),
        "{stderr}"
    );
}

#[test]
fn bad_usage_exits_with_64_and_help_with_0() {
    for arguments in [&["check"][..], &["nonsense"], &["--log", "loud", "schema"], &[]] {
        assert_eq!(execgate(arguments).status.code(), Some(64), "{arguments:?}");
    }
    for arguments in [&["--help"][..], &["can-i", "--help"], &["token", "hash", "--help"], &["--version"]] {
        assert_eq!(execgate(arguments).status.code(), Some(0), "{arguments:?}");
    }
}

#[test]
fn schema_prints_json_that_refuses_unknown_keys_and_keys_without_a_value() {
    let (schema, _) = texts(&execgate(&["schema"]));
    let schema: serde_json::Value = serde_json::from_str(&schema).unwrap();
    assert_eq!(schema["additionalProperties"], false);
    assert_eq!(schema["$defs"]["Rule"]["properties"]["pods"]["type"], "array");
    assert_eq!(schema["$defs"]["Cluster"]["properties"]["connectTimeout"]["default"], "10s");
    assert!(!schema.to_string().contains("null"));
}

#[test]
fn token_hash_reads_a_token_and_prints_the_entry_without_it() {
    let output = execgate_with_input(
        &["token", "hash", "--name", "jo", "--group", "dev", "--group", "ops"],
        "abc\r\n",
    );
    let (stdout, stderr) = texts(&output);
    assert_eq!(
        stdout,
        "  - name: \"jo\"\n    groups: [\"dev\",\"ops\"]\n    tokenHash: \
         \"sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\"\n"
    );
    assert!(stderr.contains("can be guessed"), "{stderr}");
}

#[test]
fn token_hash_makes_up_another_token_each_time() {
    let generate = || texts(&execgate(&["token", "hash", "--generate", "--name", "jo"]));
    let ((first_entry, first), (_, second)) = (generate(), generate());
    let token = first.strip_prefix("token, shown this once: ").unwrap().trim_end();
    assert_eq!(token.len(), 43, "256 bits in base64url");
    assert_ne!(first, second);
    assert!(first_entry.contains(&execgate::identity::token_hash(token)));
    assert!(!first_entry.contains(token));
}

#[test]
fn token_hash_refuses_what_is_no_token() {
    let output = execgate_with_input(&["token", "hash", "--name", "jo"], "two words\n");
    let (stdout, stderr) = texts(&output);
    assert_eq!((output.status.code(), stdout.as_str()), (Some(1), ""));
    assert!(stderr.contains("one word") && !stderr.contains("two words"), "{stderr}");
}

#[test]
fn a_configuration_that_is_no_text_is_refused() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("config.yaml");
    fs::write(&path, [0xff, 0xfe, 0x00]).unwrap();
    let output = execgate(&["check", "--config", path.to_str().unwrap()]);
    let (_, stderr) = texts(&output);
    assert_eq!(stderr, format!("{}: is not UTF-8 text\n", path.display()));
}

#[test]
fn init_writes_what_check_takes_and_serve_needs_and_overwrites_nothing() {
    let folder = kubeconfig("");
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let init = |more: &[&str]| {
        let token = at("token");
        let dir = folder.path().to_str().unwrap();
        execgate(&[&["init", "--token-file", &token, "--dir", dir, "--user", "jo \"x\""], more].concat())
    };
    let output = init(&["--kubeconfig", &at("kubeconfig")]);
    let (stdout, stderr) = texts(&output);
    assert_eq!(output.status.code(), Some(0), "{stderr}");
    assert!(
        stdout.contains("execgate check --config ") && stdout.contains("http://127.0.0.1:8080/"),
        "{stdout}"
    );
    let token = stderr.trim().strip_prefix("token of jo \"x\", shown this once: ").unwrap();
    let (config, users) = (at("config.yaml"), at("users.yaml"));
    let (config_text, users_text) =
        (fs::read_to_string(&config).unwrap(), fs::read_to_string(&users).unwrap());
    assert!(!config_text.contains(token) && !users_text.contains(token) && !stdout.contains(token));
    assert!(users_text.contains(&execgate::identity::token_hash(token)));
    assert_eq!(fs::read_to_string(at("kind.ca.crt")).unwrap(), fs::read_to_string(at("ca.crt")).unwrap());
    let (means, doubts) = texts(&execgate(&["check", "--config", &config]));
    assert_eq!(doubts, "");
    assert!(means.contains("  a terminal page at /, which proposes sh, bash\n"), "{means}");
    let question = ["can-i", "--config", &config, "--user", "jo \"x\"", "kind", "default/web-0", "--", "sh"];
    assert_eq!(execgate(&question).status.code(), Some(0));

    let again = init(&["--server", "https://10.0.0.1", "--name", "other"]);
    assert_eq!(again.status.code(), Some(1));
    assert!(texts(&again).1.contains("config.yaml is there already, and nothing is overwritten"));
    assert_eq!(fs::read_to_string(&config).unwrap(), config_text);
}

#[test]
fn init_confines_the_user_to_namespaces_when_it_is_told_to() {
    let folder = kubeconfig("");
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (token, dir) = (at("token"), at("new"));
    let server = ["--server", "https://10.0.0.1:6443", "--name", "prod"];
    let places = ["--namespace", "team-a", "--namespace", "team-b", "--user", "jo"];
    let output = execgate(&[&["init", "--token-file", &token, "--dir", &dir][..], &server, &places].concat());
    assert_eq!(output.status.code(), Some(0), "{}", texts(&output).1);
    let config = at("new/config.yaml");
    let may = |pod: &str| {
        execgate(&["can-i", "--config", &config, "--user", "jo", "prod", pod, "--", "sh"]).status.code()
    };
    assert_eq!((may("team-b/x"), may("default/x")), (Some(0), Some(1)));
}

#[test]
fn init_takes_no_kubeconfig_that_it_can_not_follow_and_shows_none_of_its_secrets() {
    for (more, words) in [
        (", proxy-url: \"http://proxy\"", "through a proxy (proxy-url), which execgate can't"),
        (", tls-server-name: [s3cr3t]", "is no kubeconfig"),
        ("", "has no context \"x\"; it has dev"),
    ] {
        let folder = kubeconfig(more);
        let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
        let (file, token, dir) = (at("kubeconfig"), at("token"), at("new"));
        let mut arguments = vec!["init", "--kubeconfig", &file, "--token-file", &token, "--dir", &dir];
        if more.is_empty() {
            arguments.extend(["--context", "x"]);
        }
        let output = execgate(&arguments);
        let (_, stderr) = texts(&output);
        assert_eq!(output.status.code(), Some(1));
        assert!(stderr.contains(words) && !stderr.contains("s3cr3t"), "{stderr}");
        assert!(!fs::exists(&dir).unwrap(), "nothing is written");
    }
}

#[test]
fn init_names_a_token_by_its_link_because_what_that_leads_to_changes() {
    let folder = kubeconfig("");
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    fs::create_dir_all(at("mounted/..1")).unwrap();
    fs::rename(at("token"), at("mounted/..1/token")).unwrap();
    std::os::unix::fs::symlink("..1/token", at("mounted/token")).unwrap();
    let (token, dir) = (at("mounted/token"), folder.path().to_str().unwrap());
    let server = ["--server", "https://10.0.0.1:6443", "--name", "prod"];
    let output = execgate(&[&["init", "--token-file", &token, "--dir", dir][..], &server].concat());
    assert_eq!(output.status.code(), Some(0), "{}", texts(&output).1);
    let config = fs::read_to_string(at("config.yaml")).unwrap();
    assert!(config.contains("tokenFile: \"mounted/token\""), "{config}");
}

#[test]
fn init_that_fails_leaves_nothing_in_the_way_of_the_next_try() {
    let folder = kubeconfig("");
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (file, kubeconfig, dir) = (at("token"), at("kubeconfig"), folder.path().to_str().unwrap());
    let init = |user| {
        let cluster = ["--kubeconfig", &kubeconfig, "--token-file", &file, "--dir", dir];
        execgate(&[&["init", "--user", user][..], &cluster].concat())
    };
    let output = init("");
    let (_, stderr) = texts(&output);
    assert!(output.status.code() == Some(1) && stderr.contains("what was written can't be used"), "{stderr}");
    for name in ["config.yaml", "users.yaml", "kind.ca.crt"] {
        assert!(!fs::exists(at(name)).unwrap(), "{name} stays");
    }
    let output = init("jo");
    assert_eq!(output.status.code(), Some(0), "{}", texts(&output).1);
}

#[test]
fn rbac_prints_what_the_documentation_shows() {
    let (printed, _) = texts(&execgate(&["rbac"]));
    assert_eq!(printed, fs::read_to_string("docs/execgate-rbac.yaml").unwrap());
    let (printed, _) = texts(&execgate(&["rbac", "--namespace", "team-a"]));
    assert_eq!(printed, fs::read_to_string("docs/execgate-rbac-namespace.yaml").unwrap());
    let (printed, _) = texts(&execgate(&["rbac", "--impersonation"]));
    assert_eq!(printed, fs::read_to_string("docs/execgate-rbac-impersonation.yaml").unwrap());
}

/// A folder with a token, an authority, and a kubeconfig with `more` in its cluster.
fn kubeconfig(more: &str) -> TempDir {
    use base64::{Engine as _, prelude::BASE64_STANDARD};
    let folder = TempDir::new().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    let key = rcgen::KeyPair::generate().unwrap();
    let authority = rcgen::CertificateParams::default().self_signed(&key).unwrap().pem();
    write("token", "s3cr3t\n");
    write("ca.crt", &authority);
    let data = BASE64_STANDARD.encode(&authority);
    write(
        "kubeconfig",
        &format!(
            "current-context: dev\ncontexts: [{{name: dev, context: {{cluster: kind, user: me}}}}]\n\
             clusters: [{{name: kind, cluster: {{server: \"https://127.0.0.1:6443\", certificate-authority-data: {data}{more}}}}}]\n\
             users: [{{name: me, user: {{token: s3cr3t}}}}]\n"
        ),
    );
    folder
}

fn execgate(arguments: &[&str]) -> Output {
    execgate_with_input(arguments, "")
}

fn execgate_with_input(arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_execgate"))
        .args(arguments)
        .env_remove("EXECGATE_LOG")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that reads nothing may have ended: its pipe is closed then.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

fn texts(output: &Output) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (text(&output.stdout), text(&output.stderr))
}
