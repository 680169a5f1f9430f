//! The log: a line opens a session and a line closes it, each with what an operator asks for, and no line ever holds a secret.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use secrecy::ExposeSecret as _;
use serde_json::Value;

use crate::support::ask::{Ask, PIPES};
use crate::support::clusters::{cluster, cluster_named};
use crate::support::process::Process;
use crate::support::setup::{ALICE, BOB, Setup};

const V4: &str = "v4.channel.k8s.io";
const V5: &str = "v5.channel.k8s.io";

/// What stands in the session's span, in every line about it.
fn assert_of_session<'a>(line: &'a Value, user: &str) -> &'a str {
    let span = &line["span"];
    assert_eq!(span["user.name"], user, "{line}");
    assert_eq!(span["k8s.cluster.name"], "alpha", "{line}");
    assert_eq!(span["k8s.namespace.name"], "default", "{line}");
    assert_eq!(span["k8s.pod.name"], "web-0", "{line}");
    assert_eq!(span["k8s.container.name"], "app", "{line}");
    let id = span["session.id"].as_str().unwrap();
    assert!(id.len() == 16 && id.bytes().all(|byte| byte.is_ascii_hexdigit()), "{id}");
    id
}

async fn json_with(process: &mut Process, text: &str) -> Value {
    let line = process.line_with(text).await;
    serde_json::from_str(&line).unwrap_or_else(|_| panic!("no JSON: {line}"))
}

#[tokio::test]
async fn one_line_opens_a_session_and_one_closes_it() {
    let cluster = cluster().await;
    let mut process = Process::start(Setup::new().cluster(&cluster), "info").await;
    let mut session = Ask::script(&process, "cat; exit 7").offer(V5).open().await;
    let opened = json_with(&mut process, "session opened").await;
    let id = assert_of_session(&opened, "alice").to_owned();
    assert_eq!((&opened["level"], &opened["verb"]), (&"INFO".into(), &"exec".into()));
    assert_eq!(opened["command"], r#"sh -c "cat; exit 7""#);
    assert_eq!((&opened["subprotocol.downstream"], &opened["tty"]), (&V5.into(), &false.into()));
    assert!(opened["client.address"].as_str().unwrap().starts_with("127.0.0.1:"), "{opened}");
    session.type_in("hello").await;
    session.send(&[255, 0]).await;
    session.transcript().await;
    drop(session);
    let closed = json_with(&mut process, "session closed").await;
    assert_eq!(assert_of_session(&closed, "alice"), id);
    assert_eq!((&closed["bytes.in"], &closed["bytes.out"]), (&5.into(), &5.into()), "{closed}");
    assert_eq!((&closed["exit.code"], &closed["ended.by"]), (&7.into(), &"command".into()), "{closed}");
    assert_eq!((&closed["close.code"], &closed["close.reason"]), (&1000.into(), &"exit code 7".into()));
    assert_eq!(closed["command"], opened["command"]);
    assert!(closed["duration_ms"].as_u64().is_some(), "{closed}");
}

#[tokio::test]
async fn the_closing_line_says_who_ended_it() {
    let cluster = cluster().await;
    let mut process = Process::start(Setup::new().cluster(&cluster), "info").await;
    let cat = |process: &Process| {
        Ask::exec(process, &format!("command=cat&{PIPES}")).bearing(BOB).offer("base64.channel.k8s.io")
    };
    cat(&process).open().await.reset();
    let closed = json_with(&mut process, "session closed").await;
    assert_of_session(&closed, "bob");
    assert_eq!((&closed["ended.by"], &closed["exit.code"]), (&"client".into(), &Value::Null), "{closed}");
    // It was sent no close frame.
    assert_eq!((&closed["close.code"], &closed["close.reason"]), (&1006.into(), &Value::Null));
    let mut session = cat(&process).open().await;
    session.frame(0x81, b"0***").await;
    session.transcript().await;
    drop(session);
    let closed = json_with(&mut process, "session closed").await;
    assert_eq!(closed["ended.by"], "protocol violation of the client");
    assert_eq!(closed["close.code"], 1007);
    let mut session = cat(&process).open().await;
    drop(cluster);
    session.transcript().await;
    drop(session);
    let closed = json_with(&mut process, "session closed").await;
    assert_eq!(closed["ended.by"], "cluster");
}

#[tokio::test]
async fn no_line_holds_a_secret_however_much_is_logged() {
    let cluster = cluster_named("alpha").await;
    let mut process = Process::start(Setup::new().cluster(&cluster), "trace").await;
    let typed = "typed-9f2c41";
    let entry =
        |token: &str| format!("base64url.bearer.authorization.k8s.io.{}", URL_SAFE_NO_PAD.encode(token));
    let cat = || Ask::exec(&process, &format!("command=cat&{PIPES}")).without("Authorization");
    for ask in [
        cat().header("Authorization", &format!("Bearer {ALICE}")).offer(V5),
        cat().offer(V5).offer(&entry(ALICE)),
        cat().header("Cookie", &format!("gate={ALICE}")).offer(V5),
    ] {
        let mut session = ask.open().await;
        session.type_in(typed).await;
        session.until(typed).await;
        session.send(&[255, 0]).await;
        session.transcript().await;
    }
    let wrong = "wrong-77aa0142";
    for ask in [
        cat().header("Authorization", &format!("Bearer {wrong}")).offer(V4),
        cat().offer(&format!("{V4}, {}", entry(wrong))),
        cat().header("Cookie", &format!("gate={wrong}")).offer(V4),
        cat().header("Cookie", &format!("gate={wrong}")).bearing(ALICE).header("Cookie", "x=1").offer(V4),
    ] {
        assert!(matches!(ask.refused().await.code(), 400 | 401));
    }
    assert_eq!(cat().offer(V4).refused().await.code(), 401);
    let old = cluster.token();
    let new = cluster.rotate_token();
    assert_eq!(cat().bearing(ALICE).offer(V4).refused().await.code(), 502);
    process.setup.rotate(&cluster);
    cat().bearing(ALICE).offer(V4).open().await;
    process.terminate();
    while process.line().await.is_some() {}
    let secrets = [ALICE, wrong, typed, old.expose_secret(), new.expose_secret()];
    let log = process.lines.join("\n");
    for secret in secrets {
        for spelling in [secret.to_owned(), STANDARD.encode(secret), URL_SAFE_NO_PAD.encode(secret)] {
            assert!(!log.contains(&spelling), "{spelling} is in the log");
        }
    }
    assert!(log.contains(r#""level":"DEBUG""#), "the log is as talkative as it can be");
}
