//! Execgate's own credential: read again when it is refused, and never shown.

use execgate::{
    cluster::{Cluster, ClusterError, CredentialSettings, Fault, SendError},
    protocol::Wanted,
    upstream::{DialError, dial},
};

use super::rude_server::{Reply, RudeServer};
use crate::{House, TOKEN, chain, grant};

const UNAUTHORIZED: &str = r#"{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"Unauthorized","reason":"Unauthorized","code":401}"#;

fn unauthorized() -> Reply {
    Reply::body("401 Unauthorized", "application/json", UNAUTHORIZED)
}

#[tokio::test]
async fn a_token_that_was_replaced_is_used_at_once_after_a_401() {
    let mut server =
        RudeServer::start(None, vec![unauthorized(), Reply::switch("v4.channel.k8s.io", b"")]).await;
    let fixture = House::plain(server.address);
    let cluster = fixture.cluster();
    fixture.write("token", "t0ken-two");
    drop(dial(&grant("alpha"), &cluster, Wanted::V4).await.unwrap());
    let (first, second) = (server.seen().await, server.seen().await);
    assert_eq!(first.header("authorization"), [format!("Bearer {TOKEN}")]);
    assert!(first.after.is_empty(), "the second try has a connection of its own");
    assert_eq!(second.header("authorization"), ["Bearer t0ken-two"]);
}

#[tokio::test]
async fn a_token_that_is_still_the_same_is_not_shown_twice() {
    let mut server = RudeServer::start(None, vec![unauthorized(), Reply::Silence]).await;
    let error = House::plain(server.address).refused().await;
    assert!(matches!(error, DialError::Unanswered(SendError::CredentialRefused { .. })), "{error:?}");
    assert_eq!((error.http_status(), error.fault()), (502, Fault::Ours));
    assert!(chain(&error).contains("the token in the file /"), "{}", chain(&error));
    server.seen().await;
    assert!(server.is_alone());
}

#[tokio::test]
async fn a_new_token_that_is_refused_too_ends_the_story() {
    let server = RudeServer::start(None, vec![unauthorized(), unauthorized(), Reply::Silence]).await;
    let fixture = House::plain(server.address);
    let cluster = fixture.cluster();
    fixture.write("token", "t0ken-two");
    let error = dial(&grant("alpha"), &cluster, Wanted::V4).await.unwrap_err();
    assert!(matches!(error, DialError::Unanswered(SendError::CredentialRefused { .. })), "{error:?}");
    fixture.assert_discreet(&error);
    assert!(!chain(&error).contains("t0ken"), "{}", chain(&error));
}

#[tokio::test]
async fn an_old_token_stays_in_use_while_the_file_is_broken() {
    let server = RudeServer::start(None, vec![unauthorized(), Reply::Silence]).await;
    let fixture = House::plain(server.address);
    let cluster = fixture.cluster();
    fixture.write("token", "");
    let error = dial(&grant("alpha"), &cluster, Wanted::V4).await.unwrap_err();
    assert!(matches!(error, DialError::Unanswered(SendError::CredentialRefused { .. })), "{error:?}");
}

#[test]
fn a_credential_that_cannot_be_used_stops_the_start_with_the_place_in_words() {
    let started = |change: CredentialSettings| {
        let fixture = House::new("http://localhost").with(|settings| settings.credential = change);
        Cluster::new(fixture.settings.clone()).map_err(|error| chain(&error)).unwrap_err()
    };
    let missing = started(CredentialSettings::TokenFile("/nowhere/token".into()));
    assert!(missing.contains("cluster alpha") && missing.contains("/nowhere/token"), "{missing}");
    let unset = started(CredentialSettings::TokenEnv("EXECGATE_TEST_UNSET".to_owned()));
    assert!(unset.contains("EXECGATE_TEST_UNSET is not set"), "{unset}");
}

#[test]
fn a_token_over_plain_http_is_warned_about_and_a_client_certificate_is_refused() {
    let fixture = House::new("http://localhost:8001");
    assert!(fixture.cluster().warnings()[0].contains("in clear"));
    let fixture = fixture.with(|settings| {
        settings.credential =
            CredentialSettings::ClientCertificate { cert_file: "a.crt".into(), key_file: "a.key".into() };
    });
    let error = Cluster::new(fixture.settings.clone()).unwrap_err();
    assert!(matches!(error, ClusterError::CertificateWithoutTls { .. }), "{error:?}");
}

#[test]
fn nothing_that_is_printed_for_debugging_shows_the_token() {
    let fixture = House::new("http://localhost:8001");
    assert!(!format!("{:?}", fixture.cluster()).contains(TOKEN));
}
