//! Servers that know less than those of today.

use execgate::demo::{DemoCluster, DemoSettings, Translator};
use execgate::protocol::Subprotocol;

use crate::support::ask::{Ask, PIPES};
use crate::support::clusters::cluster_with;

const TRUE: &str = "command=true";

fn ask(cluster: &DemoCluster) -> Ask {
    Ask::exec(cluster, &format!("{TRUE}&{PIPES}"))
}

fn answered(head: &str) -> &str {
    let mut lines = head.lines();
    lines.find_map(|line| line.strip_prefix("Sec-WebSocket-Protocol: ")).unwrap()
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
