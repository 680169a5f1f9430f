//! What is not served is refused in words, before anybody is asked.

use execgate::demo::DemoCluster;

use crate::get::Get;
use crate::people::RULES;
use crate::support::clusters::cluster;
use crate::support::gate::Gate;
use crate::support::setup::Setup;
use crate::support::wire::{End, Wire};

async fn gate() -> (Gate, DemoCluster) {
    let alpha = cluster().await;
    (Gate::start(Setup::new().cluster(&alpha).rules(RULES)).await, alpha)
}

const POD: &str = "/api/v1/namespaces/default/pods/web-0";
const PODS: &str = "/api/v1/namespaces/default/pods";

#[tokio::test]
async fn nothing_is_written() {
    let (gate, alpha) = gate().await;
    for method in ["POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"] {
        for path in [POD, PODS, "/api/v1/namespaces", "/version"] {
            let got = Get::new(&gate, path).by(method).send().await;
            assert_eq!((got.status, got.header("allow")), (405, Some("GET")), "{method} {path}");
            if method != "HEAD" {
                let (_, reason, words) = got.failure();
                assert_eq!(reason, "MethodNotAllowed");
                assert!(words.contains(method) && words.contains("writes nothing"), "{words}");
            }
        }
    }
    assert_eq!(alpha.requests(), []);
}

#[tokio::test]
async fn nothing_is_watched() {
    let (gate, alpha) = gate().await;
    for query in ["watch=1", "watch=true&resourceVersion=5", "watch"] {
        let (code, reason, words) = Get::new(&gate, &format!("{PODS}?{query}")).send().await.failure();
        assert_eq!((code, reason.as_str()), (405, "MethodNotAllowed"), "{query}");
        assert_eq!(words, "watching is not served here; list again instead");
    }
    assert_eq!(Get::new(&gate, "/api/v1/watch/namespaces/default/pods").send().await.failure().0, 404);
    assert_eq!(alpha.requests(), []);
}

#[tokio::test]
async fn nothing_else_of_the_api_is_read() {
    let (gate, alpha) = gate().await;
    for path in [
        "/api/v1/namespaces/default/pods/web-0/log",
        "/api/v1/namespaces/default/pods/web-0/proxy",
        "/api/v1/namespaces/default/secrets",
        "/api/v1/namespaces/default/events",
        "/api/v1/pods",
        "/api/v1/nodes",
        "/apis/apps/v1/deployments",
        "/apis/apps/v1/namespaces/default/deployments/web",
        "/openapi/v2",
        "/openapi/v3",
        "/healthz",
        "/metrics",
    ] {
        for path in [path.to_owned(), format!("/clusters/alpha{path}")] {
            let (code, reason, words) = Get::new(&gate, &path).send().await.failure();
            assert_eq!((code, reason.as_str()), (404, "NotFound"), "{path}");
            assert!(words.contains("exec and attach of pods, and reading pods, namespaces"), "{words}");
        }
    }
    assert_eq!(alpha.requests(), []);
}

#[tokio::test]
async fn what_cannot_be_meant_is_a_bad_request_with_its_reason() {
    let (gate, alpha) = gate().await;
    let pods = |query: &str| Get::new(&gate, &format!("{PODS}?{query}"));
    for (get, code, part) in [
        (pods("dryRun=All"), 400, "unknown query parameter \"dryRun\"; known are limit"),
        (pods("limit=1&limit=2"), 400, "\"limit\" is given more than once"),
        (pods("includeObject=None"), 400, "only Metadata and Object are served"),
        (Get::new(&gate, &format!("{POD}?limit=1")), 400, "unknown query parameter \"limit\""),
        (Get::new(&gate, PODS).header("Accept", "application/yaml"), 406, "accept application/json"),
        (
            Get::new(&gate, PODS).header("Accept", "application/vnd.kubernetes.protobuf"),
            406,
            "accept application/json",
        ),
        (Get::new(&gate, "/api/v1/namespaces/Default/pods"), 400, "DNS-1123"),
        (Get::new(&gate, "/api/v1/namespaces/default/pods/%2e%2e"), 400, "percent-encoding"),
        (Get::new(&gate, POD).header("Cookie", "gate=bob-token"), 400, "different credentials"),
    ] {
        let failure = get.send().await.failure();
        assert!(failure.0 == code && failure.2.contains(part), "{part}: {failure:?}");
    }
    assert_eq!(alpha.requests(), []);
}

#[tokio::test]
async fn a_body_is_refused_and_so_is_http_1_0_where_an_answer_that_is_cut_looks_whole() {
    let (gate, alpha) = gate().await;
    for (line, more, part) in [
        (format!("GET {POD} HTTP/1.1"), "Content-Length: 2\r\n", "a read has no body"),
        (format!("GET {POD} HTTP/1.0"), "", "a read needs HTTP/1.1"),
    ] {
        let tcp = tokio::net::TcpStream::connect(gate.address).await.unwrap();
        let mut wire = Wire::new(execgate::net::Transport::Plain(tcp), End::Client);
        let head = format!(
            "{line}\r\nHost: gate\r\nConnection: close\r\nAuthorization: Bearer alice-token\r\n{more}\r\n"
        );
        wire.raw(head.as_bytes()).await;
        let answer = String::from_utf8(wire.rest().await).unwrap();
        assert!(answer.contains(" 400 Bad Request") && answer.contains(part), "{answer}");
    }
    assert_eq!(alpha.requests(), []);
}
