//! How sessions end: the command's word reaches the client in its own form, and no byte that was read is lost, whoever leaves first.

use crate::support::api_server::ApiServer;
use crate::support::ask::{Ask, PIPES, TTY};
use crate::support::clusters::{cluster, cluster_over_tls};
use crate::support::gate::Gate;
use crate::support::pair::Pair;
use crate::support::session::Transcript;
use crate::support::setup::Setup;
use crate::support::wire::{Frame, hex};

const V4: &str = "v4.channel.k8s.io";
const V5: &str = "v5.channel.k8s.io";
const BASE64: &str = "base64.channel.k8s.io";

/// Everything that a client may speak.
const OFFERS: [&str; 5] = ["channel.k8s.io", BASE64, V4, "v4.base64.channel.k8s.io", V5];

/// A command that writes 4 MB and exits.
const BURST: &str = "seq 1 700000 | head -c 4000000; exit 3";

#[tokio::test]
async fn a_reader_that_starts_late_gets_all_output_the_status_and_the_close() {
    let (plain, tls) = tokio::join!(cluster(), cluster_over_tls("alpha"));
    for (cluster, setup) in [(&plain, Setup::new()), (&tls, Setup::new().tls())] {
        let gate = Gate::start(setup.cluster(cluster)).await;
        for offer in [V4, BASE64] {
            let mut session = Ask::script(&gate, BURST).offer(offer).open().await;
            // Nothing is read meanwhile: the output goes as far as the buffers on the way let it, and the command perhaps to its end.
            for _ in 0..20 {
                Ask::script(&gate, "true").offer(V4).open().await.transcript().await;
            }
            let transcript = session.transcript().await;
            assert_eq!(transcript.stdout.len(), 4_000_000, "{offer}");
            assert_eq!(transcript.close(), (1000, "exit code 3"), "{offer}");
            assert_eq!(transcript.statuses.len(), 1, "{offer}");
        }
    }
}

#[tokio::test]
async fn output_that_no_buffer_holds_back_is_whole_after_a_server_that_closed_at_once() {
    let Pair { page: mut session, server: mut upstream, gate: _gate, .. } = Pair::terminal(V4).await;
    let mut block = vec![1];
    block.extend(vec![b'x'; 100_000]);
    upstream.frame(0x82, &block).await;
    upstream.frame(0x82, b"\x03{\"status\":\"Success\"}").await;
    upstream.raw(&hex("88 02 03 e8")).await;
    drop(upstream);
    let transcript = session.transcript().await;
    assert_eq!((transcript.stdout.len(), transcript.close()), (100_000, (1000, "exit code 0")));
}

#[tokio::test]
async fn a_client_that_vanishes_frees_its_place_and_the_server_is_told() {
    // A terminal is hung up; without one, the close frame is the end of input.
    for (streams, goodbye) in [(PIPES, Some(Frame { first: 0x88, payload: vec![3, 0xe8] })), (TTY, None)] {
        let server = ApiServer::start().await;
        let setup = Setup::new().plain("alpha", server.address()).sessions("{max: 1}");
        let gate = Gate::start(setup).await;
        let ask = || Ask::exec(&gate, &format!("command=x&{streams}")).offer(V4);
        let (session, mut upstream) = tokio::join!(ask().open(), server.accept(V4));
        assert_eq!(ask().refused().await.code(), 503);
        session.reset();
        assert_eq!(upstream.next().await, goodbye, "{streams}");
        if goodbye.is_some() {
            assert!(upstream.rest().await.is_empty());
        }
        drop(upstream);
        let again = async {
            loop {
                if let Ok(session) = ask().try_open(&[]).await {
                    return session;
                }
            }
        };
        let (_session, _upstream) = tokio::join!(again, server.accept(V4));
    }
}

#[tokio::test]
async fn a_server_that_vanishes_is_never_told_as_a_bare_1000() {
    let server = ApiServer::start().await;
    let gate = Gate::start(Setup::new().plain("alpha", server.address())).await;
    for offer in OFFERS {
        for is_rough in [true, false] {
            let ask = Ask::exec(&gate, &format!("command=x&{TTY}")).offer(offer);
            let (mut session, mut upstream) = tokio::join!(ask.open(), server.accept(V4));
            upstream.raw(&hex("82 05 01 68 69 0d 0a")).await;
            session.until("hi\r\n").await;
            if is_rough {
                upstream.reset();
            } else {
                drop(upstream);
            }
            assert_failed(&session.transcript().await, offer);
        }
    }
}

#[tokio::test]
async fn a_server_that_closes_without_a_status_is_never_told_as_a_bare_1000() {
    let server = ApiServer::start().await;
    let gate = Gate::start(Setup::new().plain("alpha", server.address())).await;
    for offer in OFFERS {
        for close in ["88 02 03 e8", "88 00", "88 02 03 ea"] {
            let ask = Ask::exec(&gate, &format!("command=x&{TTY}")).offer(offer);
            let (mut session, mut upstream) = tokio::join!(ask.open(), server.accept(V4));
            upstream.raw(&hex(close)).await;
            assert_failed(&session.transcript().await, offer);
        }
    }
}

/// A Failure and 1000 for who reads a Status, words and 1011 for the others.
fn assert_failed(transcript: &Transcript, offer: &str) {
    let (code, reason) = transcript.close();
    assert!(reason.contains("the cluster"), "{offer}: {reason}");
    if offer.starts_with('v') {
        assert_eq!((code, &transcript.status()["status"]), (1000, &"Failure".into()), "{offer}");
    } else {
        assert_eq!(code, 1011, "{offer}");
        assert!(transcript.statuses.concat().contains("the cluster"), "{offer}: {transcript:?}");
    }
}
