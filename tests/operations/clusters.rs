//! Clusters that fail: a program reads a Status, a page's user reads words in the terminal and a close code, and the operator reads in
//! the log what to do.

use std::fs;

use super::{
    demo::Demo,
    house::{ALICE, Authority, House, NOW, PAST},
    process::Execgate,
    servers,
    wire::{self, Message, UPGRADE, V4, bearer, exec},
};

/// What the two of them are told.
struct Told<'a> {
    code: u16,
    close: u16,
    user: &'a str,
    operator: &'a str,
}

/// Asks for a shell as a program and as a page.
fn check(house: &House, told: &Told<'_>) {
    let (mut gate, address) = house.serve();
    let (line, alice) = (exec("prod", "web-0", "command=sh&stdin=1&stdout=1&tty=1"), bearer(ALICE));
    let status = wire::ask(address, &[&line, &alice, UPGRADE, V4]).status();
    assert_eq!(status, (told.code, told.user.to_owned()));
    let (words, code, reason) = wire::ask_as_page(address, &[&line, &alice]);
    assert_eq!(words, format!("execgate: {}\r\n", told.user));
    assert_eq!(code, told.close);
    // A close reason has room for 123 bytes.
    assert!(told.user.starts_with(reason.trim_end_matches(['.', '…'])), "{reason:?}");
    for _ in ["program", "page"] {
        let logged = gate.logged("the pod was not reached");
        assert_eq!(logged["level"], "WARN");
        assert_eq!(house.without_folder(logged["error"].as_str().unwrap()), told.operator);
        assert_eq!(logged["span"]["k8s.pod.name"], "web-0", "{logged}");
    }
}

#[test]
fn one_that_is_down() {
    let nobody = servers::nobody();
    let told = Told {
        code: 502,
        close: 1011,
        user: "cluster \"prod\" cannot be reached; try again later, or tell your administrator",
        operator: &format!(
            "cannot reach the API server of cluster prod; check its server: cannot connect to {nobody}; check that a server listens there and that no firewall is in between: Connection refused (os error 111)"
        ),
    };
    check(&House::before(&format!("https://{nobody}")), &told);
}

#[test]
fn one_whose_host_name_means_nothing() {
    let house = House::before("https://no-such-host.invalid:6443");
    let (mut gate, address) = house.serve();
    let line = exec("prod", "web-0", "command=sh&stdout=1");
    let (code, words) = wire::ask(address, &[&line, &bearer(ALICE), UPGRADE, V4]).status();
    assert_eq!((code, words.contains("no-such-host")), (502, false), "{words}");
    let logged = gate.logged("the pod was not reached");
    let words = logged["error"].as_str().unwrap();
    let advice =
        "cannot resolve the host \"no-such-host.invalid\"; check its spelling and this machine's DNS";
    assert!(words.contains(advice), "{words}");
}

#[test]
fn one_that_accepts_and_says_nothing() {
    let house = House::before(&format!("http://{}", servers::silent()));
    house.change("credential:", "connectTimeout: 200ms\n    credential:");
    let told = Told {
        code: 504,
        close: 1011,
        user: "cluster \"prod\" did not answer within 200ms; try again later, or tell your administrator",
        operator: "the API server of cluster prod was given 200ms and is still silent about the request; check that it works, or raise connectTimeout",
    };
    check(&house, &told);
}

#[test]
fn one_that_accepts_and_does_not_speak_tls() {
    let house = House::before(&format!("https://{}", servers::silent()));
    house.change("credential:", "connectTimeout: 200ms\n    credential:");
    let told = Told {
        code: 504,
        close: 1011,
        user: "cluster \"prod\" did not answer within 200ms; try again later, or tell your administrator",
        operator: "the API server of cluster prod was given 200ms and is still in the middle of the TLS handshake; check that it works, or raise connectTimeout",
    };
    check(&house, &told);
}

#[test]
fn one_that_speaks_plain_http_where_https_is_configured() {
    let told = Told {
        code: 502,
        close: 1011,
        user: "cluster \"prod\" cannot be reached safely: its TLS does not check out; tell your administrator",
        operator: "cannot speak TLS with the API server of cluster prod: the server does not speak TLS; check the port, or write http:// if it really speaks plain HTTP",
    };
    check(&House::before(&format!("https://{}", servers::plain_http())), &told);
}

#[test]
fn one_whose_certificate_has_expired() {
    let authority = Authority::new(NOW);
    let house = trusting(&authority, &authority.certify("127.0.0.1", PAST));
    let told = Told {
        code: 502,
        close: 1011,
        user: "cluster \"prod\" cannot be reached safely: its TLS does not check out; tell your administrator",
        operator: "cannot speak TLS with the API server of cluster prod: the server's certificate is not accepted: it expired on 2021-01-01 00:00 UTC; renew it on the server, or check this machine's clock",
    };
    check(&house, &told);
}

#[test]
fn one_of_another_authority() {
    let house =
        trusting(&Authority::new(NOW), &Authority::named("somebody else", NOW).certify("127.0.0.1", NOW));
    let told = Told {
        code: 502,
        close: 1011,
        user: "cluster \"prod\" cannot be reached safely: its TLS does not check out; tell your administrator",
        operator: "cannot speak TLS with the API server of cluster prod: the server's certificate is not accepted: it was not issued by any authority trusted here; check that certificateAuthority is the server's own",
    };
    check(&house, &told);
}

#[test]
fn one_whose_authority_was_made_anew_under_its_old_name() {
    let house = trusting(&Authority::new(NOW), &Authority::new(NOW).certify("127.0.0.1", NOW));
    let told = Told {
        code: 502,
        close: 1011,
        user: "cluster \"prod\" cannot be reached safely: its TLS does not check out; tell your administrator",
        operator: "cannot speak TLS with the API server of cluster prod: the server's certificate is not accepted: it names an authority that is trusted here, but that one's key did not sign it; certificateAuthority may be an old one: put the server's current one there",
    };
    check(&house, &told);
}

#[test]
fn one_whose_certificate_is_for_another_name() {
    let authority = Authority::new(NOW);
    let house = trusting(&authority, &authority.certify("kubernetes", NOW));
    let told = Told {
        code: 502,
        close: 1011,
        user: "cluster \"prod\" cannot be reached safely: its TLS does not check out; tell your administrator",
        operator: "cannot speak TLS with the API server of cluster prod: the server's certificate is not accepted: it is not for \"127.0.0.1\" but for kubernetes; set tlsServerName to one of these, or correct the server's address",
    };
    check(&house, &told);
}

#[test]
fn one_that_does_not_know_our_token() {
    let demo = Demo::start();
    fs::copy(demo.path("beta.token"), demo.path("alpha.token")).unwrap();
    let mut gate = Execgate::serve(&demo.config());
    let address = gate.address();
    let line = exec("alpha", "web-0", "command=sh&stdout=1");
    let alice = bearer(&demo.token("alice"));
    let words = "cluster \"alpha\" does not accept execgate's own credential; tell your administrator";
    let status = wire::ask(address, &[&line, &alice, UPGRADE, V4]).status();
    assert_eq!(status, (502, words.to_owned()));
    let (page, code, reason) = wire::ask_as_page(address, &[&line, &alice]);
    assert_eq!((page, code, reason), (format!("execgate: {words}\r\n"), 1011, words.to_owned()));
    let logged = gate.logged("the pod was not reached");
    let error = logged["error"].as_str().unwrap();
    assert_eq!(
        error,
        format!(
            "cluster alpha does not accept execgate's credential, the token in the file {}: it answered 401 and \"Unauthorized\"; renew it or check that it belongs to this cluster",
            demo.path("alpha.token").display()
        )
    );
}

#[test]
fn one_whose_token_file_is_put_right_is_reached_without_a_restart() {
    let demo = Demo::start();
    let (file, good) = (demo.path("alpha.token"), fs::read(demo.path("alpha.token")).unwrap());
    fs::copy(demo.path("beta.token"), &file).unwrap();
    let mut gate = Execgate::serve(&demo.config());
    let address = gate.address();
    let line = exec("alpha", "vault", "command=true&stdout=1");
    let alice = bearer(&demo.token("alice"));
    let ask = || wire::try_open(address, &[&line, &alice, UPGRADE, V4]);
    // As a script leaves it that writes an error message where the token should be.
    fs::write(&file, "no such secret\n").unwrap();
    assert_eq!(ask().err().map(|reply| reply.code), Some(502));
    let warned = gate.logged("keeping the last good token");
    let words = format!(
        "the token file {} holds white space, control or non-ASCII characters inside its text; it must hold one bearer token and nothing else",
        file.display()
    );
    assert_eq!((&warned["level"], &warned["error"]), (&"WARN".into(), &words.into()));
    fs::write(&file, good).unwrap();
    assert!(ask().is_ok());
}

#[test]
fn one_that_the_url_names_and_nobody_configured() {
    let (_gate, address) = House::alone().serve();
    let line = exec("produ", "web-0", "command=sh&stdout=1");
    let words = "cluster \"produ\" not found";
    let status = wire::ask(address, &[&line, &bearer(ALICE), UPGRADE, V4]).status();
    assert_eq!(status, (404, words.to_owned()));
    let (page, code, _) = wire::ask_as_page(address, &[&line, &bearer(ALICE)]);
    assert_eq!((page, code), (format!("execgate: {words}\r\n"), 4404));
}

#[test]
fn one_that_ends_in_the_middle_of_a_session() {
    // A frame with one byte of input: 2 bytes of head, 4 of mask, the channel and the byte.
    drops(8, "the cluster ended the connection without a status; connect again");
}

#[test]
fn one_whose_connection_breaks_in_the_middle_of_a_session() {
    drops(1, "the connection to the cluster broke; connect again");
}

fn drops(after_bytes: usize, words: &str) {
    let house = House::before(&format!("http://{}", servers::leaving_after(after_bytes)));
    let (mut gate, address) = house.serve();
    let line = exec("prod", "web-0", "command=sh&stdin=1&stdout=1&tty=1");

    let mut program = wire::open(address, &[&line, &bearer(ALICE), UPGRADE, V4]);
    assert_eq!(program.next(), Message::Data(1, Vec::new()));
    program.send(b"x");
    let (said, close) = program.rest();
    let status: serde_json::Value = serde_json::from_str(&wire::text(&said, &[3])).unwrap();
    assert_eq!((&status["status"], &status["code"]), (&"Failure".into(), &500.into()));
    assert_eq!(status["message"], format!("Internal error occurred: {words}"));
    // client-go acts on channel 3 only at 1000.
    assert_eq!(close, Some((1000, words.to_owned())));

    let origin = format!("Origin: http://{address}");
    let mut page = wire::open(address, &[&line, &bearer(ALICE), UPGRADE, wire::BASE64, &origin]);
    page.next();
    page.send_base64(b"x");
    let (said, close) = page.rest();
    assert!(wire::text(&said, &[1]).starts_with("$ "), "{said:?}");
    assert_eq!((wire::text(&said, &[3]), close), (words.to_owned(), Some((1011, words.to_owned()))));

    for _ in ["program", "page"] {
        let closed = gate.logged("session closed");
        assert_eq!((&closed["ended.by"], &closed["close.reason"]), (&"cluster".into(), &words.into()));
        assert_eq!(closed.get("exit.code"), None);
    }
}

fn trusting(authority: &Authority, shown: &super::house::Certificate) -> House {
    let house = House::before(&format!("https://{}", servers::showing(shown)));
    house.put("ca.crt", authority.pem());
    house.change("credential:", "certificateAuthority: {file: ca.crt}\n    credential:");
    house
}
