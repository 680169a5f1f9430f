//! What the operator reads about a session: one line when it opens and one when it closes, and what nobody can write into them.

use std::io::Write as _;

use serde_json::{Value, json};

use super::{
    demo::Demo,
    house::{ALICE, House},
    process::{Execgate, PATIENCE},
    servers,
    wire::{self, UPGRADE, V4, bearer, exec},
};

/// Reads a line, says three bytes more, and exits with 7.
const GREETING: &str =
    "container=app&command=sh&command=-c&command=read+x;echo+got+$x;exit+7&stdin=1&stdout=1";

fn greet(demo: &Demo, address: std::net::SocketAddr) {
    let alice = bearer(&demo.token("alice"));
    let mut shell = wire::open(address, &[&exec("beta", "web-0", GREETING), &alice, UPGRADE, V4]);
    shell.send(b"hi\n");
    let (said, close) = shell.rest();
    assert_eq!((wire::text(&said, &[1]).as_str(), close.unwrap().1.as_str()), ("got hi\n", "exit code 7"));
}

#[test]
fn a_session_is_one_line_of_json_when_it_opens_and_one_when_it_closes() {
    let demo = Demo::start();
    let mut gate = Execgate::serve(&demo.config());
    let address = gate.address();
    greet(&demo, address);
    let (opened, closed) = (gate.logged("session opened"), gate.logged("session closed"));
    for line in [&opened, &closed] {
        assert_eq!(line["level"], "INFO");
        assert_eq!(line["command"], r#"sh -c "read x;echo got $x;exit 7""#);
        let span = &line["span"];
        let who_and_where: Vec<&Value> =
            ["user.name", "k8s.cluster.name", "k8s.namespace.name", "k8s.pod.name", "k8s.container.name"]
                .map(|key| &span[key])
                .to_vec();
        assert_eq!(json!(who_and_where), json!(["alice", "beta", "default", "web-0", "app"]));
    }
    let id = opened["span"]["session.id"].as_str().unwrap();
    assert!(id.len() == 16 && closed["span"]["session.id"] == id, "{id}");
    assert!(opened["client.address"].as_str().unwrap().starts_with("127.0.0.1:"));
    assert_eq!((&opened["verb"], &opened["tty"]), (&"exec".into(), &false.into()));
    assert_eq!(opened["subprotocol.downstream"], "v4.channel.k8s.io");
    for (key, value) in [
        ("bytes.in", json!(3)),
        ("bytes.out", json!(7)),
        ("bytes.lost.in", json!(0)),
        ("bytes.lost.out", json!(0)),
        ("exit.code", json!(7)),
        ("ended.by", json!("command")),
        ("close.code", json!(1000)),
        ("close.reason", json!("exit code 7")),
    ] {
        assert_eq!(closed[key], value, "{key}");
    }
    assert!(closed["duration_ms"].is_u64(), "{closed}");
}

#[test]
fn people_read_the_same_on_one_line_each() {
    let demo = Demo::start();
    let (mut gate, address) = serve_for_people(&demo.config());
    greet(&demo, address);
    let (opened, closed) = (gate.logged_line("session opened"), gate.logged_line("session closed"));
    let who_and_where = r#" user.name="alice" k8s.cluster.name=beta k8s.namespace.name=default k8s.pod.name=web-0 k8s.container.name=app}"#;
    let command = r#" command=sh -c "read x;echo got $x;exit 7" "#;
    for line in [&opened, &closed] {
        assert!(line.contains(" INFO session{session.id="), "{line}");
        assert!(line.contains(who_and_where) && line.contains(command), "{line}");
    }
    let end = r#" exit.code=7 ended.by=command close.code=1000 close.reason="exit code 7""#;
    assert!(closed.contains(" bytes.in=3 bytes.out=7 ") && closed.ends_with(end), "{closed}");
}

#[test]
fn who_ended_it_is_told() {
    let house = House::before(&format!("http://{}", servers::quiet()));
    let (mut gate, address) = house.serve();
    let line = exec("prod", "web-0", "command=sh&stdin=1&stdout=1&tty=1");
    let open = || wire::open(address, &[&line, &bearer(ALICE), UPGRADE, V4]);
    let mut polite = open();
    polite.send_close(4321);
    polite.rest();
    let closed = gate.logged("session closed");
    assert_eq!((&closed["ended.by"], &closed["close.code"]), (&"client".into(), &4321.into()));
    // One that is gone without a word.
    drop(open());
    let closed = gate.logged("session closed");
    assert_eq!((&closed["ended.by"], closed.get("exit.code")), (&"client".into(), None));
    let kept = open();
    gate.logged("session opened");
    // The second signal keeps it from waiting for the session.
    gate.signal(super::process::Signal::Terminate);
    gate.logged("accepting no more");
    gate.signal(super::process::Signal::Terminate);
    kept.rest();
    assert_eq!(gate.logged("session closed")["ended.by"], "drain");
}

/// A command runs from the moment of the dial: whoever hangs up before the answer must not keep it out of the log.
#[test]
fn a_command_whose_client_left_during_the_dial_is_told_all_the_same() {
    let (server, asked) = servers::pondering();
    let (mut gate, address) = House::before(&format!("http://{server}")).serve();
    let line = exec("prod", "web-0", "command=rm&command=-rf&command=/srv&stdout=1");
    let mut tcp = wire::connect(address);
    tcp.write_all(wire::head(address, &[&line, &bearer(ALICE), UPGRADE, V4]).as_bytes()).unwrap();
    asked.recv_timeout(PATIENCE).unwrap();
    drop(tcp);
    let line = gate.logged("the client left before its session began");
    assert_eq!((&line["level"], &line["command"]), (&"INFO".into(), &"rm -rf /srv".into()));
    assert_eq!((&line["span"]["user.name"], &line["verb"]), (&"alice".into(), &"exec".into()));
    assert!(line["client.address"].as_str().unwrap().starts_with("127.0.0.1:"), "{line}");
}

#[test]
fn what_a_client_sends_makes_no_line_and_no_colour_of_its_own() {
    let house = House::before(&format!("http://{}", servers::quiet()));
    let (mut gate, address) = serve_for_people(&house.path("config.yaml"));
    let forged = "%0a2026-01-01T00:00:00Z++INFO+forged%0d%1b[2J%c2%9b31m%e2%80%a8forged";
    let line = exec("prod", "web-0", &format!("command=sh&command={forged}&stdin=1&stdout=1"));
    drop(wire::open(address, &[&line, &bearer(ALICE), UPGRADE, V4]));
    gate.logged_line("session closed");
    let log = gate.stop().stderr;
    assert_eq!(log.lines().filter(|line| line.contains("forged")).count(), 2, "{log}");
    let is_steering = |c: char| c != '\n' && (c.is_control() || matches!(c, '\u{2028}' | '\u{2029}'));
    assert!(!log.contains(is_steering), "{log:?}");
}

fn serve_for_people(config: &std::path::Path) -> (Execgate, std::net::SocketAddr) {
    let arguments = ["serve", "--config", config.to_str().unwrap()];
    let mut gate = Execgate::start(&arguments, config.parent().unwrap());
    let line = gate.logged_line("listening on http://");
    let address = line.rsplit_once("http://").unwrap().1.parse().unwrap();
    (gate, address)
}

#[test]
fn a_read_is_one_line_with_who_where_what_and_how_much_and_a_denied_one_says_so() {
    let demo = Demo::start();
    let mut gate = Execgate::serve(&demo.config());
    let address = gate.address();
    let path = "/clusters/alpha/api/v1/namespaces/default/pods";
    let get = |user: &str, path: &str| {
        let mut stream = std::net::TcpStream::connect(address).unwrap();
        let token = bearer(&demo.token(user));
        let head = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n{token}\r\n\r\n");
        stream.write_all(head.as_bytes()).unwrap();
        std::io::read_to_string(stream).unwrap()
    };
    assert!(get("bob", path).starts_with("HTTP/1.1 200 OK\r\n"));
    let line = gate.logged("read");
    assert_eq!((&line["level"], &line["code"]), (&"INFO".into(), &200.into()));
    assert_eq!(line["path"], "/api/v1/namespaces/default/pods");
    assert!(line["bytes"].as_u64().unwrap() > 500, "{line}");
    let span = &line["span"];
    let who_and_where = ["user.name", "k8s.cluster.name", "k8s.namespace.name"].map(|key| &span[key]);
    assert_eq!(json!(who_and_where), json!(["bob", "alpha", "default"]));

    assert!(get("bob", &format!("{path}/vault")).starts_with("HTTP/1.1 403 "));
    let denied = gate.logged("denied: user \"bob\" may not read pod \"vault\"");
    assert_eq!(denied["policy.rule"], "the vault is not for bob");

    assert!(get("bob", &format!("{path}/nope")).starts_with("HTTP/1.1 404 "));
    let missing = gate.logged("not read");
    assert_eq!((&missing["code"], &missing["level"]), (&404.into(), &"INFO".into()));
    assert_eq!(missing["span"]["k8s.pod.name"], "nope");
}
