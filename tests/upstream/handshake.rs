//! The request on the wire, and which 101 is one.

use execgate::{
    cluster::Fault,
    protocol::{Subprotocol, Wanted},
    upstream::{DialError, RequestError, UpgradeError, dial},
};
use tokio::io::AsyncReadExt as _;

use super::rude_server::{Reply, RudeServer};
use crate::{House, TOKEN, grant};

const V4: &str = "v4.channel.k8s.io";

#[tokio::test]
async fn the_request_holds_what_was_granted_and_the_clusters_credential_and_nothing_else() {
    let mut server = RudeServer::start(None, vec![Reply::switch(V4, b"")]).await;
    let fixture = House::plain(server.address);
    drop(fixture.dial(Wanted::V4).await.unwrap());
    let seen = server.seen().await;
    assert_eq!(
        seen.request_line(),
        "GET /api/v1/namespaces/default/pods/web-0/exec?command=sh&command=-c&command=a%20b&stdin=true&stdout=true HTTP/1.1"
    );
    assert_eq!(seen.header("authorization"), [format!("Bearer {TOKEN}")]);
    assert_eq!(seen.header("host"), [server.address.to_string()]);
    assert_eq!(seen.header("sec-websocket-protocol"), [V4]);
    assert_eq!(seen.head.lines().count(), 1 + 8 + 1, "{}", seen.head);
    assert!(seen.after.is_empty(), "nothing may be sent before the 101, nor by a dial after it");
}

#[tokio::test]
async fn every_session_has_a_key_of_its_own() {
    let mut server = RudeServer::start(None, vec![Reply::switch(V4, b""); 2]).await;
    let fixture = House::plain(server.address);
    drop(fixture.dial(Wanted::V4).await.unwrap());
    drop(fixture.dial(Wanted::V4).await.unwrap());
    let (first, second) = (server.seen().await, server.seen().await);
    assert_ne!(first.header("sec-websocket-key"), second.header("sec-websocket-key"));
}

#[tokio::test]
async fn an_impersonating_cluster_is_told_the_user_and_every_group() {
    let mut server = RudeServer::start(None, vec![Reply::switch(V4, b"")]).await;
    let fixture = House::plain(server.address).with(|settings| settings.impersonate = true);
    drop(fixture.dial(Wanted::V4).await.unwrap());
    let seen = server.seen().await;
    assert_eq!(seen.header("impersonate-user"), ["alice"]);
    assert_eq!(seen.header("impersonate-group"), ["developers", "on-call"]);
}

#[tokio::test]
async fn a_path_prefix_of_the_server_comes_first() {
    let mut server = RudeServer::start(None, vec![Reply::switch(V4, b"")]).await;
    let fixture = House::new(&format!("http://{}/k8s/clusters/c-1/", server.address));
    drop(fixture.dial(Wanted::V4).await.unwrap());
    assert!(server.seen().await.request_line().starts_with("GET /k8s/clusters/c-1/api/v1/namespaces/"));
}

#[tokio::test]
async fn bytes_right_behind_the_101_are_not_lost() {
    let server = RudeServer::start(None, vec![Reply::switch(V4, b"\x82\x01\x01\x82\x03\x01$ ")]).await;
    let mut connected = House::plain(server.address).dial(Wanted::V4).await.unwrap();
    assert_eq!(connected.subprotocol, Subprotocol::V4);
    let mut bytes = connected.early.to_vec();
    while bytes.len() < 8 {
        bytes.push(connected.transport.read_u8().await.unwrap());
    }
    assert_eq!(bytes, b"\x82\x01\x01\x82\x03\x01$ ");
}

#[tokio::test]
async fn a_101_that_comes_in_single_bytes_is_read() {
    let server = RudeServer::start(None, vec![Reply::switch_slowly(V4, b"\x82\x01\x01")]).await;
    let mut connected = House::plain(server.address).dial(Wanted::V4).await.unwrap();
    let mut bytes = connected.early.to_vec();
    while bytes.len() < 3 {
        bytes.push(connected.transport.read_u8().await.unwrap());
    }
    assert_eq!(bytes, b"\x82\x01\x01");
}

#[tokio::test]
async fn a_101_with_another_accept_key_is_no_upgrade_and_nothing_is_sent_on_it() {
    let lie = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Protocol: v4.channel.k8s.io\r\n\r\n";
    let mut server = RudeServer::start(None, vec![Reply::text(lie)]).await;
    let error = House::plain(server.address).refused().await;
    assert!(matches!(error, DialError::Upgrade { source: UpgradeError::Accept, .. }), "{error:?}");
    assert_eq!((error.http_status(), error.fault()), (502, Fault::Upstream));
    assert!(server.seen().await.after.is_empty());
}

#[tokio::test]
async fn a_subprotocol_that_was_not_offered_is_no_upgrade() {
    let server = RudeServer::start(None, vec![Reply::switch("v5.channel.k8s.io", b"")]).await;
    let error = House::plain(server.address).refused().await;
    assert!(
        matches!(&error, DialError::Upgrade { source: UpgradeError::UnofferedSubprotocol(name), .. } if name == "v5.channel.k8s.io"),
        "{error:?}"
    );
}

#[tokio::test]
async fn an_ok_is_no_upgrade() {
    let server = RudeServer::start(None, vec![Reply::body("200 OK", "text/html", "<h1>hello</h1>")]).await;
    let error = House::plain(server.address).refused().await;
    assert!(matches!(error, DialError::Upgrade { source: UpgradeError::Code(200), .. }), "{error:?}");
}

#[tokio::test]
async fn a_grant_for_one_cluster_opens_nothing_on_another() {
    let mut server = RudeServer::start(None, vec![Reply::switch(V4, b"")]).await;
    let cluster = House::plain(server.address).cluster();
    let error = dial(&grant("beta"), &cluster, Wanted::V4).await.unwrap_err();
    assert!(matches!(error, DialError::Request { source: RequestError::OtherCluster(_), .. }), "{error:?}");
    assert!(server.is_alone());
}
