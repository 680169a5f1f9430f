//! What goes up to the cluster and what comes down: what execgate makes, and nothing else of either side.

use std::collections::BTreeSet;

use execgate::demo::SeenRequest;

use crate::get::Get;
use crate::people::RULES;
use crate::scripted::{Scripted, Then};
use crate::support::clusters::cluster;
use crate::support::gate::Gate;
use crate::support::setup::{BOB, Setup};

const POD: &str = "/api/v1/namespaces/default/pods/web-0";

fn names(request: &SeenRequest) -> BTreeSet<&str> {
    request.headers.iter().map(|(name, _)| name.as_str()).collect()
}

#[tokio::test]
async fn a_request_goes_up_with_the_clusters_credential_and_none_of_the_clients_headers() {
    let alpha = cluster().await;
    let gate = Gate::start(Setup::new().cluster(&alpha).rules(RULES)).await;
    let got = Get::bobs(&gate, &format!("{POD}?timeout=32s&pretty=1&resourceVersion="))
        .header("Accept", "application/vnd.kubernetes.protobuf,application/json")
        .header("Impersonate-User", "system:admin")
        .header("X-Remote-User", "root")
        .header("Cookie", "other=1")
        .header("User-Agent", "kubectl/v1.36.3")
        .send()
        .await;
    assert_eq!(got.status, 200);
    let request = &alpha.requests()[0];
    assert_eq!((request.method.as_str(), request.path.as_str()), ("GET", POD));
    assert_eq!(request.query, "resourceVersion=&timeout=32s");
    assert_eq!(names(request), BTreeSet::from(["accept", "authorization", "host", "user-agent"]));
    assert_eq!(request.header("accept").collect::<Vec<_>>(), ["application/json"]);
    assert!(request.header("user-agent").all(|agent| agent.starts_with("execgate/")));
    assert!(request.header("authorization").all(|line| !line.contains(BOB)));
}

#[tokio::test]
async fn an_impersonating_cluster_is_told_who_reads() {
    let alpha = cluster().await;
    let gate = Gate::start(Setup::new().cluster_with(&alpha, "impersonate: true").rules(RULES)).await;
    assert_eq!(Get::bobs(&gate, POD).send().await.status, 200);
    let request = &alpha.requests()[0];
    assert_eq!(request.header("impersonate-user").collect::<Vec<_>>(), ["bob"]);
    assert_eq!(request.header("impersonate-group").collect::<Vec<_>>(), ["people"]);
}

#[tokio::test]
async fn of_the_api_servers_headers_only_what_the_body_needs_comes_down() {
    let head = "HTTP/1.1 200 OK\nContent-Type: application/json\nContent-Length: 2\nSet-Cookie: a=b\nServer: secret\n\
        Audit-Id: 7\nX-Kubernetes-Pf-Flowschema-Uid: 7\nAccess-Control-Allow-Origin: *\nLocation: /elsewhere\n\
        Cache-Control: public\nETag: \"x\"\nWWW-Authenticate: Basic\nStrict-Transport-Security: max-age=1";
    let server = Scripted::start(head, b"{}", Then::Stay).await;
    let gate = server.gate().await;
    let got = Get::new(&gate, POD).send().await;
    let names: BTreeSet<&str> = got.headers.keys().map(http::HeaderName::as_str).collect();
    let expected = [
        "cache-control",
        "content-length",
        "content-type",
        "cross-origin-resource-policy",
        "date",
        "vary",
        "x-content-type-options",
    ];
    assert_eq!(names, BTreeSet::from(expected));
    assert_eq!((&got.body[..], got.header("cache-control")), (&b"{}"[..], Some("no-store")));
}

#[tokio::test]
async fn packed_answers_pass_unopened_and_lists_are_asked_for_unpacked() {
    let packed = b"\x1f\x8b any bytes at all";
    let length = packed.len();
    let head = format!(
        "HTTP/1.1 200 OK\nContent-Type: application/json\nContent-Encoding: gzip\nContent-Length: {length}"
    );
    let server = Scripted::start(&head, packed, Then::Stay).await;
    let gate = server.gate().await;
    let got = Get::new(&gate, POD).header("Accept-Encoding", "gzip, br").send().await;
    assert_eq!((got.header("content-encoding"), &got.body[..]), (Some("gzip"), &packed[..]));
    let list = Get::new(&gate, "/api/v1/namespaces").header("Accept-Encoding", "gzip").send().await;
    assert_eq!(list.failure().0, 502, "a list that is packed all the same cannot be read");
    Get::new(&gate, POD).send().await;
    let asked: Vec<bool> =
        server.heads().iter().map(|head| head.to_lowercase().contains("accept-encoding: gzip")).collect();
    assert_eq!(asked, [true, false, false]);
}

#[tokio::test]
async fn discovery_is_asked_for_in_one_piece_and_says_so() {
    let alpha = cluster().await;
    let gate = Gate::start(Setup::new().cluster(&alpha).rules(RULES)).await;
    let aggregated = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
    let accept = format!(
        "{aggregated},application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json"
    );
    let got = Get::bobs(&gate, "/api?timeout=32s").header("Accept", &accept).send().await;
    assert_eq!(got.header("content-type"), Some(aggregated));
    assert_eq!(got.json()["kind"], "APIGroupDiscoveryList");
    assert_eq!(Get::bobs(&gate, "/api").send().await.json()["kind"], "APIVersions");
}
