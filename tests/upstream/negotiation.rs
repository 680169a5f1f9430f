//! What is offered, in which order, and what is remembered of a cluster.

use execgate::{
    cluster::Cluster,
    protocol::{Status, Subprotocol, Wanted},
    upstream::{Connected, DialError, dial},
};

use super::rude_server::{Reply, RudeServer};
use crate::{House, chain, grant};

const V4: &str = "v4.channel.k8s.io";
const V5: &str = "v5.channel.k8s.io";
const BOTH: &str = "v5.channel.k8s.io, v4.channel.k8s.io";
const OLDER: &str = "v4.base64.channel.k8s.io, channel.k8s.io, base64.channel.k8s.io";
const CONNECTED: &[u8] = b"\x82\x01\x01";

/// Each dial's subprotocol, and every offer that the server saw.
async fn play(script: Vec<Reply>, wanted: &[Wanted]) -> (Vec<Result<Subprotocol, DialError>>, Vec<String>) {
    let connections = script.len();
    let mut server = RudeServer::start(None, script).await;
    let cluster = House::plain(server.address).cluster();
    let mut results = Vec::new();
    for wanted in wanted {
        let result = open(&cluster, *wanted).await;
        results.push(result.map(|connected| connected.subprotocol));
    }
    let mut offers = Vec::new();
    for _ in 0..connections {
        let seen = server.seen().await;
        assert_eq!(seen.header("sec-websocket-protocol").len(), 1, "one line only");
        offers.push(seen.header("sec-websocket-protocol").concat());
    }
    (results, offers)
}

async fn open(cluster: &Cluster, wanted: Wanted) -> Result<Connected, DialError> {
    dial(&grant("alpha"), cluster, wanted).await
}

fn late_refusal() -> Vec<u8> {
    let json = Status::internal_error(
        "error sending request: Post \"https://node-1:10250/exec\": http: server gave HTTP response to HTTPS client",
    )
    .to_json();
    let length = u16::try_from(json.len() + 1).unwrap().to_be_bytes();
    [CONNECTED, &[0x82, 126, length[0], length[1], 3], &json].concat()
}

#[tokio::test]
async fn v4_alone_is_offered_where_no_half_close_is_needed() {
    let (results, offers) = play(vec![Reply::switch(V4, CONNECTED)], &[Wanted::V4]).await;
    assert!(matches!(results[..], [Ok(Subprotocol::V4)]));
    assert_eq!(offers, [V4]);
}

#[tokio::test]
async fn a_server_that_knows_only_old_names_is_found_out_once() {
    let script = vec![
        Reply::empty_forbidden(),
        Reply::empty_forbidden(),
        Reply::switch("channel.k8s.io", CONNECTED),
        Reply::switch("channel.k8s.io", CONNECTED),
    ];
    let (results, offers) = play(script, &[Wanted::V4, Wanted::V4]).await;
    assert!(matches!(results[..], [Ok(Subprotocol::Channel), Ok(Subprotocol::Channel)]), "{results:?}");
    assert_eq!(offers, [V4, V5, OLDER, OLDER]);
}

#[tokio::test]
async fn a_403_with_anything_in_it_is_an_answer() {
    let script =
        vec![Reply::body("403 Forbidden", "text/plain", "Forbidden (user=x, verb=get, resource=nodes)")];
    let (results, offers) = play(script, &[Wanted::V4]).await;
    assert!(matches!(results[..], [Err(DialError::Refused { .. })]), "{results:?}");
    assert_eq!(offers, [V4]);
}

#[tokio::test]
async fn a_half_close_is_asked_for_in_one_line_and_v4_in_its_answer_is_fine() {
    let (results, offers) = play(vec![Reply::switch(V4, CONNECTED); 2], &[Wanted::V5; 2]).await;
    assert!(matches!(results[..], [Ok(Subprotocol::V4), Ok(Subprotocol::V4)]));
    assert_eq!(offers, [BOTH, BOTH]);
}

#[tokio::test]
async fn v5_refused_without_a_status_leads_to_v4_and_is_remembered() {
    for refusal in [
        Reply::empty_forbidden(),
        Reply::body("400 Bad Request", "text/plain", "bad"),
        Reply::body("500 Internal Server Error", "text/plain", "unable to upgrade"),
    ] {
        let script = vec![refusal, Reply::switch(V4, CONNECTED), Reply::switch(V4, CONNECTED)];
        let (results, offers) = play(script, &[Wanted::V5; 2]).await;
        assert!(matches!(results[..], [Ok(Subprotocol::V4), Ok(Subprotocol::V4)]), "{results:?}");
        assert_eq!(offers, [BOTH, V4, V4]);
    }
}

#[tokio::test]
async fn v4_that_did_not_work_either_is_not_remembered() {
    let text = || Reply::body("500 Internal Server Error", "text/plain", "container not found (\"c\")");
    let (results, offers) = play(vec![text(), text(), text(), text()], &[Wanted::V5; 2]).await;
    assert!(matches!(results[..], [Err(DialError::Refused { .. }), Err(DialError::Refused { .. })]));
    assert_eq!(offers, [BOTH, V4, BOTH, V4]);
}

#[tokio::test]
async fn a_status_is_never_followed_by_another_offer() {
    for (line, code) in [("403 Forbidden", 403), ("404 Not Found", 404), ("500 Internal Server Error", 500)] {
        let body = format!(r#"{{"kind":"Status","status":"Failure","message":"no","code":{code}}}"#);
        let script = vec![Reply::body(line, "application/json", &body)];
        let (results, offers) = play(script, &[Wanted::V5]).await;
        assert!(matches!(results[..], [Err(DialError::Refused { .. })]), "{results:?}");
        assert_eq!(offers, [BOTH]);
    }
}

#[tokio::test]
async fn a_late_refusal_on_v5_leads_to_v4_and_is_remembered() {
    let script =
        vec![Reply::switch(V5, &late_refusal()), Reply::switch(V4, CONNECTED), Reply::switch(V4, CONNECTED)];
    let (results, offers) = play(script, &[Wanted::V5; 2]).await;
    assert!(matches!(results[..], [Ok(Subprotocol::V4), Ok(Subprotocol::V4)]), "{results:?}");
    assert_eq!(offers, [BOTH, V4, V4]);
}

#[tokio::test]
async fn a_late_refusal_that_v4_tells_properly_is_told_as_v4_does_and_not_remembered() {
    let script = vec![
        Reply::switch(V5, &late_refusal()),
        Reply::body("500 Internal Server Error", "text/plain", "error dialing backend: dial tcp: refused"),
        Reply::switch(V5, b"\x82\x01\x01\x82\x03\x01ok"),
    ];
    let (results, offers) = play(script, &[Wanted::V5; 2]).await;
    assert!(
        matches!(&results[..], [Err(DialError::Refused { refusal, .. }), Ok(Subprotocol::V5)] if refusal.code == 500),
        "{results:?}"
    );
    assert_eq!(offers, [BOTH, V4, BOTH]);
}

#[tokio::test]
async fn a_late_refusal_where_v4_is_unknown_is_told_in_our_words() {
    let script = vec![Reply::empty_forbidden(), Reply::switch(V5, &late_refusal())];
    let (results, offers) = play(script, &[Wanted::V4]).await;
    let [Err(error @ DialError::NotStarted { .. })] = &results[..] else {
        panic!("{results:?}");
    };
    assert!(chain(error).contains("server gave HTTP response"), "{}", chain(error));
    assert!(!error.for_user().contains("node-1"), "{}", error.for_user());
    assert_eq!(offers, [V4, V5]);
}

#[tokio::test]
async fn what_was_looked_at_is_handed_on_and_a_proven_v5_is_not_looked_at() {
    let output = b"\x82\x01\x01\x82\x03\x01ok";
    let script = vec![Reply::switch(V5, output), Reply::switch(V5, &late_refusal())];
    let server = RudeServer::start(None, script).await;
    let cluster = House::plain(server.address).cluster();
    let first = open(&cluster, Wanted::V5).await.unwrap();
    assert_eq!(&*first.early, output);
    drop(first);
    let second = open(&cluster, Wanted::V5).await.unwrap();
    assert_eq!(second.subprotocol, Subprotocol::V5);
}

#[tokio::test]
async fn a_v5_server_that_is_silent_at_first_is_taken_after_a_moment() {
    let (results, offers) = play(vec![Reply::switch(V5, CONNECTED)], &[Wanted::V5]).await;
    assert!(matches!(results[..], [Ok(Subprotocol::V5)]), "{results:?}");
    assert_eq!(offers, [BOTH]);
}
