//! Bounds of size and time: whatever ends an answer before its end, it never looks whole, and nothing is held for ever.

use http_body_util::BodyExt as _;

use crate::get::Get;
use crate::scripted::{Scripted, Then};

const POD: &str = "/api/v1/namespaces/default/pods/web-0";
const PODS: &str = "/api/v1/namespaces/default/pods";
const MIB: usize = 1024 * 1024;
const CHUNKED: &str = "HTTP/1.1 200 OK\nContent-Type: application/json\nTransfer-Encoding: chunked";

/// The payload as one chunk.
fn chunk(payload: &[u8]) -> Vec<u8> {
    [format!("{:x}\r\n", payload.len()).as_bytes(), payload, b"\r\n"].concat()
}

#[tokio::test]
async fn an_answer_that_announces_too_much_is_refused_in_words() {
    let length = 4 * MIB + 1;
    let head = format!("HTTP/1.1 200 OK\nContent-Type: application/json\nContent-Length: {length}");
    let server = Scripted::start(&head, b"{", Then::Stay).await;
    let (code, _, words) = Get::new(&server.gate().await, POD).send().await.failure();
    assert_eq!(code, 502);
    assert!(words.contains("more to say than the 4 MiB that pass here"), "{words}");
}

#[tokio::test]
async fn an_answer_without_end_is_cut_off_at_its_limit() {
    for (path, limit) in [(POD, 4 * MIB), ("/version", 8 * MIB)] {
        let spaces = chunk(" ".repeat(64 * 1024).as_bytes());
        let mut server = Scripted::start(CHUNKED, b"", Then::Again(spaces)).await;
        let length = Get::new(&server.gate().await, path).cut().await;
        assert!(length <= limit && length > limit / 2, "{path}: {length}");
        server.left().await;
    }
}

#[tokio::test]
async fn a_list_without_end_is_cut_off_at_its_limit() {
    let message = "x".repeat(32 * 1024);
    let item = format!(
        r#"{{"metadata":{{"name":"web-0","namespace":"default"}},"status":{{"message":"{message}"}}}},"#
    );
    let items = Then::Again(chunk(item.repeat(32).as_bytes()));
    let mut server = Scripted::start(CHUNKED, &chunk(b"{\"items\":["), items).await;
    let length = Get::new(&server.gate().await, PODS).cut().await;
    assert!((63 * MIB..=64 * MIB).contains(&length), "{length}");
    server.left().await;
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_cut_off_too() {
    let half = br#"{"items":[{"metadata":{"name":"web-0","namespace":"default"}},"#;
    for (path, head) in [
        (PODS, "HTTP/1.1 200 OK\nContent-Type: application/json\nContent-Length: 1000".to_owned()),
        (PODS, CHUNKED.to_owned()),
        (PODS, "HTTP/1.1 200 OK\nContent-Type: application/json\nConnection: close".to_owned()),
        (POD, "HTTP/1.1 200 OK\nContent-Type: application/json\nContent-Length: 1000".to_owned()),
    ] {
        let body = if head.contains("chunked") { chunk(half) } else { half.to_vec() };
        let server = Scripted::start(&head, &body, Then::Close).await;
        Get::new(&server.gate().await, path).cut().await;
    }
}

#[tokio::test]
async fn what_is_wrong_from_its_beginning_is_refused_in_words() {
    for body in [r#"{"items":"all of them"}"#, "[1]", r#"{"items":[]} and more"#, ""] {
        let server = Scripted::saying(body).await;
        let (code, _, words) = Get::new(&server.gate().await, PODS).send().await.failure();
        assert_eq!(code, 502);
        assert!(words.contains("broke off its answer or answered nonsense"), "{words}");
    }
}

async fn stops_in_the_middle(path: &str, first: &[u8]) {
    let mut server = Scripted::start(CHUNKED, &chunk(first), Then::Stay).await;
    let gate = server.gate().await;
    let mut opened = Get::new(&gate, path).open().await;
    assert!(opened.body.frame().await.unwrap().unwrap().is_data());
    // From here on, whenever nothing moves, the next timer is due.
    tokio::time::pause();
    opened.body.collect().await.expect_err("the answer looks whole");
    server.left().await;
}

#[tokio::test]
async fn an_api_server_that_stops_in_the_middle_is_not_waited_for_for_ever() {
    stops_in_the_middle(POD, b"{\"kind\":").await;
}

#[tokio::test]
async fn nor_is_one_that_stops_in_the_middle_of_a_list() {
    stops_in_the_middle(PODS, b"{\"kind\":\"PodList\",").await;
}

#[tokio::test]
async fn a_client_that_takes_nothing_is_not_waited_for_for_ever() {
    let mut server = Scripted::start(
        "HTTP/1.1 200 OK\nContent-Type: application/json\nContent-Length: 8000000",
        " ".repeat(8_000_000).as_bytes(),
        Then::Stay,
    )
    .await;
    let gate = server.gate().await;
    let _opened = Get::new(&gate, "/version").open().await;
    tokio::time::pause();
    server.left().await;
}

#[tokio::test]
async fn an_answer_of_many_pieces_arrives_whole() {
    let item = |number: usize| {
        format!(
            r#"{{"metadata":{{"name":"web-{number}","namespace":"default"}},"spec":{{"containers":[{{"name":"app"}}]}}}}"#
        )
    };
    let items: Vec<String> = (0..30_000).map(item).collect();
    let server = Scripted::saying(&format!(r#"{{"kind":"PodList","items":[{}]}}"#, items.join(","))).await;
    let got = Get::new(&server.gate().await, PODS).send().await;
    assert_eq!(got.names().len(), 30_000);
}
