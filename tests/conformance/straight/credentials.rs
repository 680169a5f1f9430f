//! Who asks: what is a credential, what is a bad one, and what is none.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::{BASE64, V4, assert_status};
use crate::subject::cluster;
use crate::support::ask::{Ask, PIPES, Serves};

fn bare(server: &impl Serves) -> Ask {
    Ask::pod(server, "nosuch", &format!("exec?command=true&{PIPES}")).without("Authorization")
}

fn entry(token: &str) -> String {
    format!("base64url.bearer.authorization.k8s.io.{}", URL_SAFE_NO_PAD.encode(token))
}

#[tokio::test]
async fn no_credential_is_anonymous_and_may_nothing() {
    let cluster = cluster().await;
    let words = |verb| {
        format!(
            "pods \"nosuch\" is forbidden: User \"system:anonymous\" cannot {verb} resource \"pods/exec\" in API group \"\" in the namespace \"default\""
        )
    };
    for ask in [
        bare(&cluster),
        bare(&cluster).header("Authorization", "Basic YTpi"),
        bare(&cluster).header("Authorization", "Bearer "),
        bare(&cluster).without("Upgrade"),
    ] {
        assert_status(&ask.offer(V4).refused().await, 403, Some("Forbidden"), &words("get"));
    }
    let post = bare(&cluster).by("POST").header("Content-Length", "0");
    assert_status(&post.refused().await, 403, Some("Forbidden"), &words("create"));
}

#[tokio::test]
async fn a_bad_credential_is_401_and_never_taken_for_none() {
    let cluster = cluster().await;
    let good = entry(&cluster.door().token);
    let wrong = entry("wrong");
    let bearer = || bare(&cluster).header("Authorization", "Bearer wrong");
    for ask in [
        bearer().offer(V4),
        bearer().without("Upgrade"),
        bearer().by("POST").header("Content-Length", "0"),
        bare(&cluster).offer(&good),
        bare(&cluster).offer(&format!("{good}, {good}, {V4}")),
        bare(&cluster).offer(&format!("{good}, {wrong}, {V4}")),
        bare(&cluster).offer(&format!("{wrong}, {V4}")),
        bare(&cluster).offer(&format!("base64url.bearer.authorization.k8s.io.A$AA, {V4}")),
        bare(&cluster).offer(&format!("base64url.bearer.authorization.k8s.io._w, {V4}")),
    ] {
        assert_status(&ask.refused().await, 401, Some("Unauthorized"), "Unauthorized");
    }
}

#[tokio::test]
async fn a_token_as_a_subprotocol_is_accepted_and_never_echoed() {
    let cluster = cluster().await;
    let entry = entry(&cluster.door().token);
    let ask = || Ask::exec(&cluster, &format!("command=true&{PIPES}")).without("Authorization");
    for ask in [
        ask().offer(&format!("{entry}, {BASE64}")),
        ask().offer(&format!("{BASE64}, {entry}")),
        ask().offer(&entry).offer(BASE64),
        ask().offer(BASE64).offer(&entry),
        // A header that is not accepted leaves the subprotocol its chance.
        ask().header("Authorization", "Bearer wrong").offer(&format!("{entry}, {BASE64}")),
    ] {
        let session = ask.open().await;
        assert!(
            session.head.ends_with(&format!("Sec-WebSocket-Protocol: {BASE64}\r\n\r\n")),
            "{}",
            session.head
        );
    }
    // Only an upgrade can carry it.
    let plain = bare(&cluster).offer(&format!("{entry}, {BASE64}")).without("Upgrade");
    assert_eq!(plain.refused().await.code(), 403);
}
