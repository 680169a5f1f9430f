//! Every subprotocol that a client may speak: bytes both ways, exit code and close.

use super::{OFFERS, assert_exit, gate, gate_before, offering};
use crate::straight::V5;
use crate::subject::translating_cluster;
use crate::support::ask::{Ask, PIPES};

#[tokio::test]
async fn terminals_work_for_every_client() {
    for gate in [gate().await, gate_before(translating_cluster().await, |setup| setup).await] {
        for offer in OFFERS {
            let script = "stty -echo; printf 'ready '; read x; echo \"got $x\"; exit 7";
            let mut session = offering(Ask::on_terminal(&gate, script), offer).open().await;
            session.until("ready ").await;
            session.type_in("ab\u{e9}c\n").await;
            let transcript = session.transcript().await;
            assert_eq!(transcript.text(), "got ab\u{e9}c\r\n", "{offer}");
            assert_exit(&transcript, offer, 7);
        }
    }
}

#[tokio::test]
async fn pipes_work_for_every_client() {
    for gate in [gate().await, gate_before(translating_cluster().await, |setup| setup).await] {
        for offer in OFFERS {
            let mut session = offering(Ask::script(&gate, "head -c 256; echo err >&2"), offer).open().await;
            let every_byte: Vec<u8> = (0..=255).collect();
            session.type_in(&every_byte).await;
            let transcript = session.transcript().await;
            assert_eq!(transcript.stdout, every_byte, "{offer}");
            assert_eq!(transcript.stderr, b"err\n", "{offer}");
            assert_exit(&transcript, offer, 0);
        }
    }
}

#[tokio::test]
async fn the_101_names_what_is_spoken_and_nothing_if_nothing_was_offered() {
    let gate = gate().await;
    for (offer, named) in [
        ("", None),
        ("channel.k8s.io", Some("channel.k8s.io")),
        ("chat, base64.channel.k8s.io, v4.channel.k8s.io", Some("base64.channel.k8s.io")),
        ("v5.channel.k8s.io, v4.channel.k8s.io", Some(V5)),
    ] {
        let ask = offering(Ask::exec(&gate, &format!("command=true&{PIPES}")), offer);
        let session = ask.open().await;
        let head = session.head.lines().find_map(|line| line.strip_prefix("sec-websocket-protocol: "));
        assert_eq!(head, named, "{offer}");
    }
}

#[tokio::test]
async fn what_comes_in_the_segment_of_the_request_is_not_lost() {
    use crate::support::wire::masked;
    let gate = gate().await;
    let ask = Ask::exec(&gate, &format!("command=cat&{PIPES}")).offer(V5);
    let early = [masked(0x82, b"\0early\n"), masked(0x82, &[255, 0])].concat();
    let transcript = ask.open_with(&early).await.transcript().await;
    assert_eq!(transcript.text(), "early\n");
    assert_exit(&transcript, V5, 0);
}
