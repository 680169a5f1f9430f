//! Who is let in, by what they show and from which page; and in which order they are asked.

use std::net::SocketAddr;

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};

use super::{
    house::{ALICE, BOB, House},
    process::Execgate,
    servers,
    wire::{self, BASE64, Reply, UPGRADE, V4, bearer, exec},
};

const SHELL: &str = "command=sh&stdin=1&stdout=1&tty=1";

/// A gate before a cluster that opens every session. The cookie is called "gate".
struct Gate {
    process: Execgate,
    address: SocketAddr,
    _house: House,
}

impl Gate {
    fn start() -> Self {
        Self::start_with("")
    }

    fn start_with(more: &str) -> Self {
        let house = House::before(&format!("http://{}", servers::quiet()));
        house.change("defaultCluster: prod\n", &format!("defaultCluster: prod\ntokenCookie: gate\n{more}"));
        let (process, address) = house.serve();
        Self { process, address, _house: house }
    }

    /// Asks for a shell in web-0.
    fn ask(&self, lines: &[&str]) -> Reply {
        wire::ask(self.address, &[&[&*exec("prod", "web-0", SHELL), UPGRADE], lines].concat())
    }
}

/// The subprotocol that carries a token.
fn offered(token: &str) -> String {
    format!("base64url.bearer.authorization.k8s.io.{}", BASE64_URL_SAFE_NO_PAD.encode(token))
}

fn cookie(token: &str) -> String {
    format!("Cookie: other=1; gate={token}; more=2")
}

#[test]
fn a_token_may_come_as_header_subprotocol_or_cookie() {
    let gate = Gate::start();
    let in_offer = |token| format!("{V4}, {}", offered(token));
    for lines in [
        vec![V4, &bearer(ALICE)],
        vec![V4, &bearer(ALICE).replace("Bearer", "bearer")],
        vec![&in_offer(ALICE)],
        vec![&format!("Sec-WebSocket-Protocol: {}", offered(ALICE)), V4],
        vec![V4, &cookie(ALICE)],
        // The same one three times is one.
        vec![&in_offer(ALICE), &cookie(ALICE), &bearer(ALICE)],
    ] {
        let reply = gate.ask(&lines);
        assert_eq!(reply.code, 101, "{lines:?}");
        // The token is never sent back.
        assert_eq!(reply.header("sec-websocket-protocol"), Some("v4.channel.k8s.io"));
    }
}

#[test]
fn no_credential_and_a_bad_one_are_401_and_told_how_to_send_one() {
    let gate = Gate::start();
    let none = gate.ask(&[V4]);
    let words = "no credential was presented; send a token as \"Authorization: Bearer\", or as a subprotocol if you are a page";
    assert_eq!(none.status(), (401, words.to_owned()));
    let words =
        words.replace("no credential was presented", "the credential that was presented is not accepted");
    for bad in [
        vec![V4, "Authorization: Bearer wrong"],
        vec![V4, "Authorization: Basic YWxpY2U6YWxpY2U="],
        vec![V4, &cookie("wrong")],
        vec![&format!("{V4}, {}", offered("wrong"))],
        // A credential that is there and bad is not made good by another one.
    ] {
        let reply = gate.ask(&bad);
        assert_eq!(reply.status(), (401, words.clone()), "{bad:?}");
        assert_eq!(reply.header("www-authenticate"), Some("Bearer"));
    }
    assert_eq!(none.header("www-authenticate"), Some("Bearer"));
    // A cookie of another name is no credential.
    let other = gate.ask(&[V4, &format!("Cookie: token={ALICE}")]);
    assert!(other.status().1.starts_with("no credential"));
}

#[test]
fn two_different_credentials_are_400_and_their_places_named() {
    let gate = Gate::start();
    let subprotocol = format!("{V4}, {}", offered(BOB));
    let places = ["the Authorization header", "the Sec-WebSocket-Protocol header", "the cookie"];
    for (lines, first, second) in [
        (vec![&*bearer(ALICE), &subprotocol], 0, 1),
        (vec![&*bearer(ALICE), V4, &cookie(BOB)], 0, 2),
        (vec![&subprotocol, &cookie(ALICE)], 1, 2),
        (vec![&*bearer(ALICE), V4, &cookie("wrong")], 0, 2),
    ] {
        let words = format!("{} and {} carry different credentials; send one", places[first], places[second]);
        assert_eq!(gate.ask(&lines).status(), (400, words));
    }
    let twice = gate.ask(&[V4, &bearer(ALICE), &bearer(ALICE)]);
    assert_eq!(twice.status(), (400, "the Authorization header is sent more than once; send one".to_owned()));
}

#[test]
fn a_token_among_the_subprotocols_follows_kubernetes_rules() {
    let gate = Gate::start();
    let alice = offered(ALICE);
    for (offer, word) in [
        (alice.clone(), "no subprotocol beside it"),
        (format!("v4.channel.k8s.io, {alice}, {alice}"), "more than one"),
        (format!("v4.channel.k8s.io, {alice}="), "base64url"),
        ("v4.channel.k8s.io, base64url.bearer.authorization.k8s.io.%%%".to_owned(), "base64url"),
        ("v4.channel.k8s.io, base64url.bearer.authorization.k8s.io._w".to_owned(), "UTF-8"),
    ] {
        let reply = gate.ask(&[&format!("Sec-WebSocket-Protocol: {offer}")]);
        let (code, words) = reply.status();
        assert_eq!(code, 401, "{offer}");
        assert!(words.contains(word), "{words:?} for {offer}");
        assert!(!words.contains(ALICE) && !words.contains(&alice));
    }
    // An empty token is none, as on the API server.
    let empty =
        gate.ask(&["Sec-WebSocket-Protocol: v4.channel.k8s.io, base64url.bearer.authorization.k8s.io."]);
    assert!(empty.status().1.starts_with("no credential was presented"));
    // Only a WebSocket has subprotocols.
    let line = exec("prod", "web-0", SHELL);
    let plain = wire::ask(gate.address, &[&line, &format!("{V4}, {alice}")]);
    assert!(plain.status().1.starts_with("no credential was presented"));
}

#[test]
fn a_page_of_the_gates_own_origin_is_let_in_and_no_other() {
    let gate = Gate::start();
    let own = format!("Origin: http://{}", gate.address);
    assert_eq!(gate.ask(&[BASE64, &own, &cookie(ALICE)]).code, 101);
    let other_port = format!("Origin: http://{}", servers::nobody());
    let https = own.replace("http:", "https:");
    for foreign in [&*other_port, &https, "Origin: https://evil.example", "Origin: null"] {
        let (code, words) = gate.ask(&[BASE64, foreign, &cookie(ALICE)]).status();
        let origin = foreign.strip_prefix("Origin: ").unwrap();
        let expected = format!(
            "pages of the origin {origin:?} may not connect here; the operator can list it under allowedOrigins"
        );
        assert_eq!((code, words), (403, expected));
    }
}

#[test]
fn with_a_list_only_its_origins_are_let_in() {
    let gate = Gate::start_with("allowedOrigins: [\"https://console.example\"]\n");
    let own = format!("Origin: http://{}", gate.address);
    assert_eq!(gate.ask(&[BASE64, "Origin: https://console.example", &cookie(ALICE)]).code, 101);
    assert_eq!(gate.ask(&[BASE64, "Origin: https://CONSOLE.example:443", &cookie(ALICE)]).code, 101);
    assert_eq!(gate.ask(&[BASE64, &own, &cookie(ALICE)]).code, 403);
    // Programs send none.
    assert_eq!(gate.ask(&[V4, &bearer(ALICE)]).code, 101);
}

#[test]
fn each_is_told_only_of_the_first_check_that_they_fail() {
    let mut gate = Gate::start();
    let vault = exec("prod", "vault", SHELL);
    let nowhere = exec("nowhere", "vault", SHELL);
    let malformed = exec("prod", "vault", "command=sh&stdout=1&tyt=1");
    let foreign = "Origin: https://evil.example";
    let (alice, bob) = (bearer(ALICE), bearer(BOB));
    let ask = |lines: &[&str]| wire::ask(gate.address, lines).status();
    // A foreign page, whatever else is wrong.
    assert_eq!(ask(&[&malformed, UPGRADE, V4, foreign]).0, 403);
    assert!(ask(&[&vault, UPGRADE, V4, foreign, &bob]).1.contains("allowedOrigins"));
    // A malformed request, whoever sends it.
    assert!(ask(&[&malformed, UPGRADE, V4]).1.contains("tyt"));
    // A stranger, wherever they want to go.
    let (code, stranger) = ask(&[&vault, UPGRADE, V4]);
    assert_eq!((code, &stranger), (401, &ask(&[&nowhere, UPGRADE, V4]).1));
    assert_eq!(stranger, ask(&[&vault, V4]).1, "nor is a stranger told what an upgrade needs");
    // One who may not, however they ask.
    let (code, denied) = ask(&[&vault, UPGRADE, V4, &bob]);
    assert_eq!(
        (code, denied.as_str()),
        (
            403,
            "user \"bob\" may not exec in pod \"vault\" of namespace \"default\" on cluster \"prod\" with command [\"sh\"]"
        )
    );
    assert_eq!(ask(&[&vault, V4, &bob]), (403, denied));
    assert_eq!(ask(&[&nowhere, UPGRADE, V4, &bob]).0, 403);
    // One who may, but not so.
    assert_eq!(ask(&[&vault, V4, &alice]), (400, "Upgrade request required".to_owned()));
    // The operator reads which rule it was; the user does not.
    let logged = gate.process.logged("denied: ");
    assert_eq!(logged["policy.rule"], "bob keeps out of the vault");
    assert!(logged["client.address"].as_str().unwrap().starts_with("127.0.0.1:"));
}

#[test]
fn a_post_is_told_what_a_get_is_told() {
    let gate = Gate::start();
    let (alice, bob) = (bearer(ALICE), bearer(BOB));
    let spdy = "Upgrade: SPDY/3.1\r\nConnection: Upgrade\r\nX-Stream-Protocol-Version: v4.channel.k8s.io";
    for (line, lines) in [
        (exec("prod", "web-0", SHELL), vec![]),
        (exec("prod", "web-0", SHELL), vec!["Authorization: Bearer wrong"]),
        (exec("prod", "vault", SHELL), vec![&*bob]),
        (exec("nowhere", "web-0", SHELL), vec![&*alice]),
        (exec("prod", "web-0", "command=sh&stdout=1&tyt=1"), vec![&*alice]),
        (exec("prod", "web-0", SHELL), vec![&*alice, "Origin: https://evil.example"]),
    ] {
        let get = wire::ask(gate.address, &[&[&*line, UPGRADE, V4], &*lines].concat());
        let post = wire::ask(gate.address, &[&[&*line.replacen("GET", "POST", 1), spdy], &*lines].concat());
        assert!(get.code >= 400, "{line}");
        assert_eq!(post.status(), get.status());
        assert_eq!(post.header("www-authenticate"), get.header("www-authenticate"));
    }
    let line = exec("prod", "web-0", SHELL).replacen("GET", "POST", 1);
    let post = wire::ask(gate.address, &[&line, spdy, &alice]);
    let words = "exec over SPDY (POST) is not supported here, only over WebSocket (GET); kubectl 1.31 and later speak it unless KUBECTL_REMOTE_COMMAND_WEBSOCKETS=false";
    assert_eq!(post.status(), (405, words.to_owned()));
    assert_eq!(post.header("allow"), Some("GET"));
}
