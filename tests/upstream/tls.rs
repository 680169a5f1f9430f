//! Whom to believe: every way in which a certificate is wrong has its own words.

use std::sync::Arc;

use execgate::{
    cluster::{Cluster, ClusterError, CredentialSettings, Fault, SendError, Trust},
    net::tls::{CertificateProblem, HandshakeError, TlsError},
    protocol::Wanted,
    upstream::DialError,
};
use rustls::ServerConfig;
use tokio::io::AsyncReadExt as _;

use super::rude_server::{Reply, RudeServer};
use crate::{
    House, chain,
    support::ca::{Ca, Life},
};

fn open() -> Reply {
    Reply::switch("v4.channel.k8s.io", b"\x82\x01\x01")
}

async fn serve(tls: Arc<ServerConfig>) -> (RudeServer, House) {
    let server = RudeServer::start(Some(tls), vec![open(); 2]).await;
    let port = server.address.port();
    (server, House::new(&format!("https://127.0.0.1:{port}")))
}

fn trusting(fixture: House, ca: &Ca) -> House {
    fixture.with(|settings| settings.trust = Trust::Inline(ca.pem()))
}

fn problem(error: DialError) -> CertificateProblem {
    assert_eq!((error.http_status(), error.fault()), (502, Fault::Upstream));
    match error {
        DialError::Unanswered(SendError::Tls { source: HandshakeError::Certificate(problem), .. }) => problem,
        other => panic!("expected a certificate problem, got {other:?}"),
    }
}

#[tokio::test]
async fn a_server_with_the_right_certificate_is_spoken_to_in_http_1_1_and_early_bytes_arrive() {
    let ca = Ca::new("test", Life::Current);
    let (mut server, fixture) = serve(ca.leaf("127.0.0.1", Life::Current).server()).await;
    let fixture = trusting(fixture, &ca);
    let mut connected = fixture.dial(Wanted::V4).await.unwrap();
    let mut bytes = connected.early.to_vec();
    while bytes.len() < 3 {
        bytes.push(connected.transport.read_u8().await.unwrap());
    }
    assert_eq!(bytes, b"\x82\x01\x01");
    drop(connected);
    assert_eq!(server.seen().await.alpn.as_deref(), Some(&b"http/1.1"[..]));
}

#[tokio::test]
async fn another_authoritys_certificate_is_not_believed() {
    let (_server, fixture) =
        serve(Ca::new("other", Life::Current).leaf("127.0.0.1", Life::Current).server()).await;
    let error = trusting(fixture, &Ca::new("test", Life::Current)).refused().await;
    assert!(chain(&error).contains("certificateAuthority"), "{}", chain(&error));
    assert_eq!(problem(error), CertificateProblem::UnknownIssuer);
}

#[tokio::test]
async fn an_expired_certificate_is_told_with_its_date() {
    let ca = Ca::new("test", Life::Current);
    let (_server, fixture) = serve(ca.leaf("127.0.0.1", Life::Over).server()).await;
    let error = trusting(fixture, &ca).refused().await;
    assert_eq!(problem(error), CertificateProblem::Expired("2021-01-01 00:00 UTC".to_owned()));
}

#[tokio::test]
async fn a_certificate_of_the_future_is_told_with_its_date() {
    let ca = Ca::new("test", Life::Current);
    let (_server, fixture) = serve(ca.leaf("127.0.0.1", Life::Ahead).server()).await;
    let error = trusting(fixture, &ca).refused().await;
    assert_eq!(problem(error), CertificateProblem::NotYetValid("2119-01-01 00:00 UTC".to_owned()));
}

#[tokio::test]
async fn a_certificate_for_another_name_says_which_and_a_server_name_cures_it() {
    let ca = Ca::new("test", Life::Current);
    let (_server, fixture) = serve(ca.leaf("kubernetes.default.svc", Life::Current).server()).await;
    let fixture = trusting(fixture, &ca);
    let error = fixture.refused().await;
    assert_eq!(
        problem(error),
        CertificateProblem::Name {
            expected: "127.0.0.1".to_owned(),
            presented: vec!["kubernetes.default.svc".to_owned()],
        }
    );
    let fixture =
        fixture.with(|settings| settings.tls_server_name = Some("kubernetes.default.svc".to_owned()));
    fixture.dial(Wanted::V4).await.unwrap();
}

#[tokio::test]
async fn an_authoritys_own_certificate_as_a_servers_is_told_as_such() {
    let ca = Ca::new("test", Life::Current);
    let (_server, fixture) = serve(ca.as_leaf().server()).await;
    let error = trusting(fixture, &ca).refused().await;
    assert_eq!(problem(error), CertificateProblem::Authority);
}

#[tokio::test]
async fn an_insecure_cluster_believes_anybody_and_says_so_at_start() {
    let (_server, fixture) =
        serve(Ca::new("other", Life::Current).leaf("elsewhere", Life::Over).server()).await;
    let fixture = fixture.with(|settings| settings.trust = Trust::Insecure);
    assert!(fixture.cluster().warnings()[0].contains("insecureSkipTlsVerify"));
    fixture.dial(Wanted::V4).await.unwrap();
}

#[tokio::test]
async fn a_plain_http_server_behind_https_is_told_as_such() {
    let answer = "HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.";
    let server = RudeServer::start(None, vec![Reply::Interrupt(answer)]).await;
    let error = House::new(&format!("https://{}", server.address))
        .with(|settings| settings.trust = Trust::Insecure)
        .refused()
        .await;
    assert!(
        matches!(error, DialError::Unanswered(SendError::Tls { source: HandshakeError::NotTls, .. })),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_client_certificate_is_shown_instead_of_a_token() {
    let ca = Ca::new("test", Life::Current);
    let (mut server, fixture) = serve(ca.leaf("127.0.0.1", Life::Current).server_asking(&ca)).await;
    let ours = ca.leaf("execgate", Life::Current);
    let credential = CredentialSettings::ClientCertificate {
        cert_file: fixture.write("client.crt", &ours.certificate),
        key_file: fixture.write("client.key", &ours.key.serialize_pem()),
    };
    let fixture = trusting(fixture, &ca).with(|settings| settings.credential = credential);
    drop(fixture.dial(Wanted::V4).await.unwrap());
    let seen = server.seen().await;
    assert_eq!((seen.client_certificates, seen.header("authorization").len()), (1, 0));
}

#[tokio::test]
async fn a_server_that_wants_a_client_certificate_and_gets_none_is_told_as_such() {
    let ca = Ca::new("test", Life::Current);
    let (_server, fixture) = serve(ca.leaf("127.0.0.1", Life::Current).server_asking(&ca)).await;
    let error = trusting(fixture, &ca).refused().await;
    assert!(
        matches!(
            error,
            DialError::Unanswered(SendError::Tls { source: HandshakeError::ClientCertificate(_), .. })
        ),
        "{error:?}"
    );
}

#[test]
fn a_key_that_does_not_fit_its_certificate_stops_the_start() {
    let ca = Ca::new("test", Life::Current);
    let fixture = trusting(House::new("https://localhost"), &ca);
    let credential = CredentialSettings::ClientCertificate {
        cert_file: fixture.write("client.crt", &ca.leaf("execgate", Life::Current).certificate),
        key_file: fixture.write("client.key", &ca.leaf("execgate", Life::Current).key.serialize_pem()),
    };
    let fixture = fixture.with(|settings| settings.credential = credential);
    let error = Cluster::new(fixture.settings.clone()).unwrap_err();
    assert!(matches!(error, ClusterError::Tls { source: TlsError::Mismatch { .. }, .. }), "{error:?}");
}

#[test]
fn an_expired_authority_stops_the_start_with_its_file_and_date() {
    let fixture = House::new("https://localhost");
    let path = fixture.write("ca.crt", &Ca::new("old one", Life::Over).pem());
    let fixture = fixture.with(|settings| settings.trust = Trust::File(path.clone()));
    let text = chain(&Cluster::new(fixture.settings.clone()).unwrap_err());
    for part in ["cluster alpha", "old one", "2021-01-01", &*path.to_string_lossy()] {
        assert!(text.contains(part), "{text}");
    }
}

#[test]
fn an_expired_authority_beside_a_current_one_is_a_warning_with_its_file_and_date() {
    let fixture = House::new("https://localhost");
    let bundle = Ca::new("old one", Life::Over).pem() + &Ca::new("new one", Life::Current).pem();
    let path = fixture.write("ca.crt", &bundle);
    let fixture = fixture.with(|settings| settings.trust = Trust::File(path.clone()));
    let cluster = fixture.cluster();
    assert_eq!(cluster.warnings().len(), 1, "{:?}", cluster.warnings());
    for part in ["cluster alpha", "old one", "2021-01-01", &*path.to_string_lossy()] {
        assert!(cluster.warnings()[0].contains(part), "{:?}", cluster.warnings());
    }
}

#[test]
fn a_file_without_a_certificate_stops_the_start() {
    let fixture = House::new("https://localhost");
    for (text, part) in [
        ("", "holds no certificate"),
        ("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "damaged"),
    ] {
        let path = fixture.write("ca.crt", text);
        let mut settings = fixture.settings.clone();
        settings.trust = Trust::File(path);
        let error = chain(&Cluster::new(settings).unwrap_err());
        assert!(error.contains(part), "{error}");
    }
}
