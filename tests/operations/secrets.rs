//! No secret is logged or printed, however much is logged and however a secret travels.

use std::fmt::Write as _;

use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine as _, prelude::*};

use super::{
    demo::Demo,
    house::House,
    process::{Execgate, Signal},
    servers,
    wire::{self, UPGRADE, V4, bearer, exec},
};

/// A token that nobody knows, as users present them: mistyped, of another gate, stolen.
const WRONG: &str = "wr0ng-t0ken-0123456789";

/// A page whose token stands in its address.
const ROUTES: &str = r#"
routes:
  - name: page
    path: "/ws/{pod}"
    target: {cluster: alpha, namespace: default, pod: "{pod}", container: app}
    command: {fixed: [echo, hello]}
    dialect: kubemgr
    credential: [{query: clusterinfo}]
"#;

#[test]
fn a_gate_that_logs_everything_logs_no_credential() {
    let demo = Demo::start();
    let config = demo.config();
    let routed = std::fs::read_to_string(&config).unwrap() + ROUTES;
    std::fs::write(&config, routed).unwrap();
    let arguments = ["serve", "--log", "trace", "--log-format", "json", "--config", config.to_str().unwrap()];
    let mut gate = Execgate::start(&arguments, config.parent().unwrap());
    let address = gate.address();
    let in_offer = |token: &str| {
        format!("{V4}, base64url.bearer.authorization.k8s.io.{}", BASE64_URL_SAFE_NO_PAD.encode(token))
    };
    let cookie = |token: &str| format!("Cookie: execgate_demo={token}");
    let query = "container=app&command=echo&command=hello&stdout=1";
    let line = exec("alpha", "web-0", query);
    let foreign = "Origin: https://evil.example";
    for token in [&demo.token("alice"), &demo.token("bob"), WRONG] {
        for address_of_page in ["/ws/web-0", "/ws/vault", "/ws/WEB", "/ws/a%2fb", "/ws"] {
            let line = format!("GET {address_of_page}?clusterinfo={token}&size=x&clusterinfo2={token}");
            for more in [foreign, "Accept: *", "Upgrade: h2c", "Content-Length: x"] {
                drop(wire::try_open(address, &[&line, UPGRADE, more]));
            }
        }
        for lines in [
            vec![V4.to_owned(), bearer(token)],
            vec![in_offer(token)],
            vec![V4.to_owned(), cookie(token)],
            vec![V4.to_owned(), cookie(token), bearer(WRONG)],
            vec![in_offer(token).replace("v4", "v9")],
            vec![in_offer(token) + "=="],
            vec![V4.to_owned(), format!("Authorization: Basic {token}")],
            vec![V4.to_owned(), bearer(token), foreign.to_owned()],
        ] {
            for line in [&line, &exec("beta", "vault", query), &line.replacen("GET", "POST", 1)] {
                let lines: Vec<&str> =
                    [line, UPGRADE].into_iter().chain(lines.iter().map(String::as_str)).collect();
                if let Ok(session) = wire::try_open(address, &lines) {
                    session.rest();
                }
            }
        }
    }
    let ended = gate.stop();
    let log = ended.stdout + &ended.stderr;
    for told in ["session opened", "not authenticated", "denied", "different credentials", "evil.example"] {
        assert!(log.contains(told), "{told:?} is not in\n{log}");
    }
    let names = ["alice", "bob", "alpha", "beta"];
    let mut secrets: Vec<String> = names.iter().map(|name| demo.token(name)).collect();
    secrets.push(WRONG.to_owned());
    assert_clean(&log, &secrets);
}

#[test]
fn a_gate_whose_cluster_refuses_its_token_logs_neither_that_nor_what_it_is_told() {
    let answer = "HTTP/1.1 401 Unauthorized\r\nContent-Length: 12\r\nConnection: close\r\n\r\nUnauthorized";
    let house = House::before(&format!("http://{}", servers::answering(answer)));
    let config = house.path("config.yaml");
    let arguments = ["serve", "--log", "trace", "--log-format", "json", "--config", config.to_str().unwrap()];
    let mut gate = Execgate::start(&arguments, house.folder());
    let address = gate.address();
    let line = exec("prod", "web-0", "command=sh&stdout=1");
    let alice = super::house::ALICE;
    assert_eq!(wire::ask(address, &[&line, &bearer(alice), UPGRADE, V4]).code, 502);
    gate.logged("the pod was not reached");
    // A users file with a token where its hash belongs.
    house.put("users.yaml", &format!("users:\n  - {{name: alice, tokenHash: {WRONG}}}\n"));
    gate.logged_line("stay in force");
    house.put("users.yaml", &format!("users:\n  - {{name: alice, {WRONG}: 1}}\n"));
    gate.logged_line("stay in force");
    let ended = gate.stop();
    let secrets = ["the-cluster-token", alice, WRONG].map(str::to_owned);
    assert_clean(&(ended.stdout + &ended.stderr), &secrets);
}

#[test]
fn a_demo_prints_its_login_links_and_logs_neither_their_codes_nor_the_tokens() {
    let demo = Demo::start_with(&["--log", "trace", "--log-format", "json"]);
    let code = demo.login.split_once("code=").unwrap().1.to_owned();
    let login = wire::ask(demo.address, &[&format!("GET {}", demo.login)]);
    let cookie = login.header("set-cookie").unwrap().split_once(';').unwrap().0.to_owned();
    let with_cookie = format!("Cookie: {cookie}");
    assert_eq!(wire::ask(demo.address, &["GET /targets", &with_cookie]).code, 200);
    wire::ask(demo.address, &[&format!("GET {}x", demo.login)]);
    let line = exec("alpha", "vault", "command=echo&command=hello&stdout=1");
    wire::open(demo.address, &[&line, &with_cookie, UPGRADE, V4]).rest();
    let names = ["alice", "bob", "alpha", "beta"];
    let mut secrets: Vec<String> = names.iter().map(|name| demo.token(name)).collect();
    demo.process.signal(Signal::Terminate);
    let (ended, _) = demo.end();
    assert_clean(&(ended.stdout + &ended.stderr), &secrets);
    secrets.push(code);
    assert!(ended.stderr.contains("session opened") && ended.stderr.contains("TRACE"));
    assert_clean(&ended.stderr, &secrets);
}

/// None of the secrets stands there as it is, in base64 of either kind, or as its hash.
fn assert_clean(text: &str, secrets: &[String]) {
    for secret in secrets {
        let hash = digest(&SHA256, secret.as_bytes());
        let hex = hash.as_ref().iter().fold(String::new(), |mut hex, byte| {
            write!(hex, "{byte:02x}").unwrap();
            hex
        });
        let forms = [
            ("itself", secret.clone()),
            ("base64url", BASE64_URL_SAFE_NO_PAD.encode(secret)),
            ("base64", BASE64_STANDARD_NO_PAD.encode(secret)),
            ("hash", hex),
            ("hash in base64", BASE64_STANDARD_NO_PAD.encode(hash.as_ref())),
            ("bytes", format!("{:?}", secret.as_bytes()).replace(['[', ']'], "")),
        ];
        for (form, bytes) in forms {
            let line = text.lines().find(|line| line.contains(&bytes));
            assert_eq!(line, None, "{form} of {secret} is told");
        }
    }
}
