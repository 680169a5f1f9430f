//! Which subprotocol is spoken, for each offer and kind of server.

use execgate::demo::{DemoCluster, DemoSettings, Translator};
use execgate::protocol::Subprotocol;

use crate::support::ask::{Ask, PIPES};
use crate::support::clusters::{cluster, cluster_with};

const TRUE: &str = "command=true";

fn ask(cluster: &DemoCluster) -> Ask {
    Ask::exec(cluster, &format!("{TRUE}&{PIPES}"))
}

fn answered(head: &str) -> &str {
    let mut lines = head.lines();
    lines.find_map(|line| line.strip_prefix("Sec-WebSocket-Protocol: ")).unwrap()
}

#[tokio::test]
async fn v5_wins_in_any_place_and_else_the_clients_order_decides() {
    let cluster = cluster().await;
    let rows = [
        ("v5.channel.k8s.io", "v5.channel.k8s.io"),
        ("v4.channel.k8s.io, v5.channel.k8s.io", "v5.channel.k8s.io"),
        ("base64.channel.k8s.io,v5.channel.k8s.io", "v5.channel.k8s.io"),
        ("base64.channel.k8s.io, v4.channel.k8s.io", "base64.channel.k8s.io"),
        ("v3.channel.k8s.io, v4.base64.channel.k8s.io", "v4.base64.channel.k8s.io"),
        ("channel.k8s.io", "channel.k8s.io"),
    ];
    for (offer, expected) in rows {
        let session = ask(&cluster).offer(offer).open().await;
        assert_eq!(answered(&session.head), expected, "{offer}");
    }
}

#[tokio::test]
async fn nothing_offered_is_answered_with_an_empty_header_and_speaks_channel() {
    let cluster = cluster().await;
    let mut session = ask(&cluster).open().await;
    assert_eq!(answered(&session.head), "");
    let transcript = session.transcript().await;
    assert!(transcript.statuses.is_empty() && transcript.closes.len() == 1);
}

#[tokio::test]
async fn only_unknown_names_are_refused_with_an_empty_403_that_has_no_length() {
    let cluster = cluster().await;
    let answer = ask(&cluster).offer("chat, v3.channel.k8s.io").refused().await;
    assert_eq!(answer.head, "HTTP/1.1 403 Forbidden\r\n");
    assert_eq!(answer.body, "");
}

#[tokio::test]
async fn without_a_translator_v5_is_an_unknown_name() {
    let settings = DemoSettings { translator: Translator::Off, ..DemoSettings::default() };
    let cluster = cluster_with(settings).await;
    assert_eq!(ask(&cluster).offer("v5.channel.k8s.io").refused().await.code(), 403);
    let offer = "v5.channel.k8s.io, v4.channel.k8s.io";
    let session = ask(&cluster).offer(offer).open().await;
    assert_eq!(answered(&session.head), "v4.channel.k8s.io");
}

#[tokio::test]
async fn a_runtime_knows_what_it_was_set_up_to_know() {
    let settings = DemoSettings {
        runtime_subprotocols: vec![Subprotocol::Base64Channel],
        translator: Translator::Off,
        ..DemoSettings::default()
    };
    let cluster = cluster_with(settings).await;
    let offer = "v4.channel.k8s.io, base64.channel.k8s.io";
    let session = ask(&cluster).offer(offer).open().await;
    assert_eq!(answered(&session.head), "base64.channel.k8s.io");
    assert_eq!(ask(&cluster).refused().await.code(), 403);
}

#[tokio::test]
async fn only_the_first_header_line_counts() {
    let cluster = cluster().await;
    let session = ask(&cluster).offer("v4.channel.k8s.io").offer("v5.channel.k8s.io").open().await;
    assert_eq!(answered(&session.head), "v4.channel.k8s.io");
}

#[tokio::test]
async fn a_token_as_a_subprotocol_is_accepted_and_never_echoed() {
    use base64::Engine as _;
    use secrecy::ExposeSecret as _;
    let cluster = cluster().await;
    let token = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(cluster.token().expose_secret());
    let entry = format!("base64url.bearer.authorization.k8s.io.{token}");
    let bare = || ask(&cluster).without("Authorization");
    for lines in [
        vec![format!("{entry}, base64.channel.k8s.io")],
        vec![entry.clone(), "base64.channel.k8s.io".to_owned()],
    ] {
        let asked = lines.iter().fold(bare(), |ask, line| ask.offer(line));
        let session = asked.open().await;
        assert_eq!(answered(&session.head), "base64.channel.k8s.io");
    }
    for offer in [
        entry.clone(),
        format!("{entry}, {entry}, v4.channel.k8s.io"),
        "base64url.bearer.authorization.k8s.io.AAAA, v4.channel.k8s.io".to_owned(),
    ] {
        assert_eq!(bare().offer(&offer).refused().await.code(), 401);
    }
}
