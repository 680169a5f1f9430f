//! The terminal page of a gate that is configured to have one: its login, and what it lists.

use std::{io::Write as _, net::SocketAddr};

use execgate::demo::{DemoCluster, DemoSettings, RbacRule, Scheme};
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use super::{
    house::{ALICE, BOB, House},
    process::Execgate,
    servers,
    wire::{self, Reply, bearer},
};

/// A gate with a page before the demo's cluster alpha, and beta, where nobody answers. Alice may do everything, bob may only reach
/// alpha and not the vault, carol may exec there and read nothing.
struct Street {
    house: House,
    alpha: DemoCluster,
    _runtime: Runtime,
}

const CAROL: &str = "carol-0123456789";

impl Street {
    fn new() -> Self {
        let runtime = Runtime::new().unwrap();
        let settings = DemoSettings { scheme: Scheme::Http, ..DemoSettings::default() };
        let alpha = runtime.block_on(DemoCluster::start(settings)).unwrap();
        let house = House::alone();
        house.put("alpha.token", alpha.token().expose_secret());
        house.put("beta.token", "any");
        let people = [("alice", ALICE), ("bob", BOB), ("carol", CAROL)];
        house.put("users.yaml", &super::house::users(&people));
        let config = CONFIG.replace("ALPHA", &alpha.server_url());
        house.put("config.yaml", &config.replace("BETA", &format!("http://{}", servers::nobody())));
        Self { house, alpha, _runtime: runtime }
    }

    fn serve(&self) -> (Execgate, SocketAddr) {
        self.house.serve()
    }
}

/// What a browser sends from the gate's own page.
fn post(address: SocketAddr, path: &str, lines: &[&str], body: &str) -> Reply {
    let mut tcp = wire::connect(address);
    let (line, length) = (format!("POST {path}"), format!("Content-Length: {}", body.len()));
    let lines = [&[line.as_str(), length.as_str()], lines].concat();
    tcp.write_all(format!("{}{body}", wire::head(address, &lines)).as_bytes()).unwrap();
    Reply::read(&mut tcp)
}

const JSON: &str = "Content-Type: application/json";

fn log_in(address: SocketAddr, token: &str) -> Reply {
    let origin = format!("Origin: http://{address}");
    post(address, "/login", &[&origin, JSON], &json!({ "token": token }).to_string())
}

fn ask(address: SocketAddr, path: &str, token: &str) -> Reply {
    wire::ask(address, &[&format!("GET {path}"), &bearer(token)])
}

fn json_of(reply: &Reply) -> Value {
    assert_eq!(reply.code, 200, "{reply:?}");
    serde_json::from_slice(&reply.body).unwrap()
}

#[test]
fn a_token_that_is_accepted_becomes_a_cookie_that_no_script_reads_until_it_is_logged_out() {
    let street = Street::new();
    let (gate, address) = street.serve();
    let reply = log_in(address, &format!(" {ALICE}\n"));
    let cookie = reply.header("set-cookie").unwrap();
    assert_eq!(cookie, format!("execgate_token={ALICE}; HttpOnly; SameSite=Strict; Path=/"));
    assert_eq!((reply.code, reply.header("cache-control")), (204, Some("no-store")));
    let (cookie, _) = cookie.split_once(';').unwrap();
    let targets = wire::ask(address, &["GET /targets", &format!("Cookie: {cookie}")]);
    assert_eq!(json_of(&targets)["user"], "alice");

    let origin = format!("Origin: http://{address}");
    let reply = post(address, "/logout", &[&origin], "");
    let forgets = "execgate_token=; HttpOnly; SameSite=Strict; Path=/; Max-Age=0";
    assert_eq!((reply.code, reply.header("set-cookie")), (204, Some(forgets)));
    assert!(!gate.stop().stderr.contains(ALICE), "the token is logged");
}

#[test]
fn a_wrong_login_is_told_why_and_gets_no_cookie() {
    let street = Street::new();
    let (gate, address) = street.serve();
    let origin = format!("Origin: http://{address}");
    let refused = |reply: Reply| {
        assert_eq!(reply.header("set-cookie"), None);
        reply.status()
    };
    let wrong = "this token is not accepted; check that it was copied whole, and that it is still valid";
    for token in ["s3cret-but-wrong", "two words", "a;b", "ü"] {
        assert_eq!(refused(log_in(address, token)), (401, wrong.to_owned()), "{token}");
    }
    assert_eq!(refused(log_in(address, " ")), (400, "no token was entered; paste yours".to_owned()));
    let (code, words) = refused(log_in(address, &"a".repeat(4000)));
    assert_eq!((code, words.contains("too long for a browser")), (400, true), "{words}");
    for (lines, body) in [
        (&[&*origin][..], "{\"token\":\"alice-0123456789\"}"),
        (&[&*origin, "Content-Type: application/x-www-form-urlencoded"], "token=alice-0123456789"),
        (&[&*origin, JSON], "{}"),
        (&[&*origin, JSON], "alice-0123456789"),
    ] {
        let (code, words) = refused(post(address, "/login", lines, body));
        assert_eq!((code, words.contains("a login is JSON")), (400, true), "{words}");
    }
    let logged = gate.stop().stderr;
    assert!(logged.contains("not logged in: this token is not accepted"), "{logged}");
    assert!(!logged.contains("s3cret"), "{logged}");
}

#[test]
fn no_other_page_logs_anybody_in_or_out_not_even_one_that_may_connect() {
    let street = Street::new();
    let (_gate, address) = street.serve();
    let own = format!("Origin: http://{address}");
    let body = json!({ "token": ALICE }).to_string();
    for (lines, code) in [
        (&[JSON][..], 403),
        (&["Origin: https://console.example.com", JSON], 403),
        (&["Origin: https://evil.example.com", JSON], 403),
        (&["Origin: null", JSON], 403),
        (&[&*own, "Sec-Fetch-Site: cross-site", JSON], 403),
        (&[&*own, "Sec-Fetch-Site: same-origin", JSON], 204),
    ] {
        for path in ["/login", "/logout"] {
            let reply = post(address, path, lines, &body);
            assert_eq!((reply.code, reply.header("set-cookie").is_some()), (code, code == 204), "{lines:?}");
        }
    }
    // Behind something that ends TLS the browser says https, and then the cookie is for https alone.
    let lines = ["Origin: https://console.example.com", "Sec-Fetch-Site: same-origin", JSON];
    let reply = post(address, "/login", &lines, &body);
    assert!(reply.header("set-cookie").unwrap().ends_with("; Path=/; Secure"), "{reply:?}");
}

#[test]
fn everybody_is_listed_what_they_may_open_and_nothing_else() {
    let street = Street::new();
    let (_gate, address) = street.serve();
    let clusters = |token| {
        let targets = json_of(&ask(address, "/targets", token));
        targets["clusters"].as_array().unwrap().iter().map(|each| each["name"].clone()).collect::<Vec<_>>()
    };
    assert_eq!((clusters(ALICE), clusters(BOB)), (vec!["alpha".into(), "beta".into()], vec!["alpha".into()]));
    let pod = |name: &str, containers: Value| json!({"namespace": "default", "name": name, "containers": containers});
    let web = pod("web-0", json!(["app", "sidecar"]));
    let listed = json_of(&ask(address, "/targets/alpha", ALICE));
    let app = |name| pod(name, json!(["app"]));
    let bobs = [app("console"), app("no-shell"), app("pipe"), app("sh-only"), web.clone()];
    let [all @ .., _] = &bobs;
    let all = [&all[..], &[app("vault"), web]].concat();
    assert_eq!(listed, json!({"name": "alpha", "pods": all, "more": false}));
    assert_eq!(json_of(&ask(address, "/targets/alpha", BOB))["pods"], json!(bobs));
    // What is closed to bob is to him as good as not there.
    let words = |cluster: &str| ask(address, &format!("/targets/{cluster}"), BOB).status();
    assert_eq!(words("beta"), (404, "cluster \"beta\" not found".to_owned()));
    assert_eq!(words("gamma"), (404, "cluster \"gamma\" not found".to_owned()));
    let words = "user \"carol\" may not list namespaces on cluster \"alpha\"";
    assert_eq!(ask(address, "/targets/alpha", CAROL).status(), (403, words.to_owned()));
    assert_eq!(wire::ask(address, &["GET /targets/alpha"]).code, 401);
    let embedded = ["GET /targets", &bearer(ALICE), "Sec-Fetch-Site: cross-site"];
    assert_eq!(wire::ask(address, &embedded).code, 403);
}

#[test]
fn a_cluster_that_does_not_answer_is_told_as_such_and_holds_up_no_other() {
    let street = Street::new();
    let (mut gate, address) = street.serve();
    let down = "cluster \"beta\" cannot be reached; try again later, or tell your administrator";
    assert_eq!(ask(address, "/targets/beta", ALICE).status(), (502, down.to_owned()));
    let logged = gate.logged("pods not listed");
    assert_eq!((&logged["level"], &logged["user.name"]), (&"WARN".into(), &"alice".into()));
    assert_eq!(json_of(&ask(address, "/targets/alpha", ALICE))["pods"].as_array().unwrap().len(), 6);
    assert_eq!(gate.logged("pods listed")["pods"], 6);
}

#[test]
fn where_the_cluster_lists_no_namespaces_those_that_the_policy_names_are_asked_for() {
    let street = Street::new();
    street.alpha.set_rules(vec![RbacRule::new("get,list", "pods").in_namespace("default")]);
    let (_gate, address) = street.serve();
    // Bob's rule names default, alice's names none.
    assert_eq!(json_of(&ask(address, "/targets/alpha", BOB))["pods"][0]["name"], "console");
    street.alpha.set_rules(Vec::new());
    let (code, words) = ask(address, "/targets/alpha", BOB).status();
    assert_eq!(code, 403);
    assert!(words.starts_with("cluster \"alpha\" refused (403): pods is forbidden: User "), "{words}");
}

const CONFIG: &str = "\
listen: [{address: 127.0.0.1:0}]
page: {}
allowedOrigins: [\"https://console.example.com\"]
clusters:
  - {name: alpha, server: ALPHA, credential: {tokenFile: alpha.token}}
  - {name: beta, server: BETA, credential: {tokenFile: beta.token}}
authentication:
  - usersFile: {path: users.yaml}
policy:
  - name: alice reaches everything
    effect: allow
    subjects: {users: [alice]}
    verbs: [exec, attach, read]
  - name: bob keeps out of the vault
    effect: deny
    subjects: {users: [bob]}
    verbs: [exec, attach, read]
    pods: [vault]
  - name: bob reaches alpha
    effect: allow
    subjects: {users: [bob]}
    verbs: [exec, read]
    clusters: [alpha]
    namespaces: [default]
  - name: carol has a page of her own
    effect: allow
    subjects: {users: [carol]}
    clusters: [alpha]
";
