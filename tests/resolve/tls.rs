//! Whom a resolver believes to be its service.

use execgate::net::tls::{CertificateProblem, HandshakeError};
use execgate::resolve::ServiceError;

use super::super::*;
use super::rude::{Rude, answer};
use crate::support::ca::{Ca, Life};

/// What becomes of a service with `shown`'s certificate when `believed` is configured.
async fn asked(shown: &Ca, believed: &Ca) -> (ResolveError, Rude) {
    let tls = shown.leaf("127.0.0.1", Life::Current).server();
    let no = answer("404 Not Found", r#"{"message":"not here"}"#);
    let server = Rude::over(Some(tls), vec![no]).await;
    let house = House::new("http://127.0.0.1:1");
    let secret = Some(CredentialSettings::TokenFile(house.write("secret", SECRET)));
    let trust = Trust::Inline(believed.pem());
    let settings = ServiceSettings { trust, secret, ..service(&format!("https://{}/", server.address)) };
    (house.find(Find::Http(settings), &[]).await.unwrap_err(), server)
}

#[tokio::test]
async fn a_service_of_the_right_authority_is_told_the_secret() {
    let ca = Ca::new("test", Life::Current);
    let (error, mut server) = asked(&ca, &ca).await;
    assert_eq!(error.for_user(), "scow refused (404): not here");
    assert_eq!(server.seen().await.header("authorization"), Some(&*format!("Bearer {SECRET}")));
}

#[tokio::test]
async fn a_service_of_another_authority_is_told_nothing() {
    let (error, mut server) = asked(&Ca::new("other", Life::Current), &Ca::new("test", Life::Current)).await;
    let ResolveError::Service { source: ServiceError::Tls(problem), .. } = &error else {
        panic!("{error:?}");
    };
    assert!(matches!(problem, HandshakeError::Certificate(CertificateProblem::UnknownIssuer)), "{problem:?}");
    assert_eq!(error.http_status(), 502);
    assert!(server.is_alone());
}
