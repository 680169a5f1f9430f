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

#[tokio::test]
async fn cat_ends_when_the_input_of_a_v5_client_ends() {
    let cluster = cluster().await;
    let gate = Gate::before(&cluster).await;
    let mut session = Ask::exec(&gate, &format!("command=cat&{PIPES}")).offer(V5).open().await;
    session.type_in("all of it\n").await;
    session.send(&[255, 0]).await;
    let transcript = session.transcript().await;
    assert_eq!((transcript.text().as_str(), transcript.close()), ("all of it\n", (1000, "exit code 0")));
    assert_eq!(transcript.status()["status"], "Success");
}

#[tokio::test]
async fn exit_codes_and_signals_are_told_in_every_form() {
    let cluster = cluster().await;
    let gate = Gate::before(&cluster).await;
    for offer in OFFERS {
        for (script, code) in [("exit 0", 0), ("exit 7", 7), ("kill -9 $$", 137)] {
            let transcript = Ask::script(&gate, script).offer(offer).open().await.transcript().await;
            assert_eq!(transcript.close(), (1000, format!("exit code {code}").as_str()), "{offer}");
            let told = transcript.statuses.concat();
            let text = format!("exit code {code}");
            match (offer.starts_with('v'), code) {
                (false, 0) => assert_eq!(told, "", "{offer}"),
                (false, _) => assert!(told.ends_with(&text), "{offer}: {told}"),
                (true, 0) => assert_eq!(told, r#"{"metadata":{},"status":"Success"}"#, "{offer}"),
                (true, _) => {
                    let cause = &transcript.status()["details"]["causes"][0];
                    assert_eq!(cause["message"], code.to_string(), "{offer}");
                }
            }
        }
    }
}

#[tokio::test]
async fn a_command_that_cannot_start_is_told_in_every_form() {
    let cluster = cluster().await;
    let gate = Gate::before(&cluster).await;
    for offer in OFFERS {
        let ask = Ask::exec(&gate, &format!("command=no-such&{PIPES}")).offer(offer);
        let transcript = ask.open().await.transcript().await;
        let (code, reason) = transcript.close();
        assert!(code == 1000 && reason.starts_with("Internal error occurred: "), "{offer}: {code} {reason}");
        assert!(reason.len() <= 123, "{reason}");
        assert!(transcript.statuses.concat().contains("executable file not found in $PATH"), "{offer}");
    }
}

#[tokio::test]
async fn a_background_child_that_holds_the_output_keeps_the_session_open() {
    let cluster = cluster().await;
    let gate = Gate::before(&cluster).await;
    let script = "(while [ ! -e done ]; do sleep 0.02; done; echo child) & echo parent";
    let mut session = Ask::script(&gate, script).offer(BASE64).open().await;
    session.until("parent\n").await;
    Ask::script(&gate, "touch done").offer(V4).open().await.transcript().await;
    let transcript = session.transcript().await;
    assert_eq!((transcript.text().as_str(), transcript.close()), ("child\n", (1000, "exit code 0")));
}

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
async fn a_client_that_vanishes_from_a_demo_cluster_frees_its_place() {
    let cluster = cluster().await;
    let gate = Gate::start(Setup::new().cluster(&cluster).sessions("{max: 1}")).await;
    let ask = || Ask::exec(&gate, &format!("command=cat&{PIPES}")).offer(BASE64);
    for _ in 0..5 {
        let mut session = loop {
            if let Ok(session) = ask().try_open(&[]).await {
                break session;
            }
        };
        session.type_in("x").await;
        session.until("x").await;
        session.reset();
    }
}

#[tokio::test]
async fn a_shell_whose_client_vanishes_ends_if_the_last_input_says_so() {
    let cluster = cluster().await;
    for last_input in ["ctrlD", "exit"] {
        let sessions = format!("{{lastInput: {last_input}}}");
        let gate = Gate::start(Setup::new().cluster(&cluster).sessions(&sessions)).await;
        let mut session = Ask::exec(&gate, &format!("command=sh&{TTY}")).offer(BASE64).open().await;
        session.type_in(format!("PS1=rea''dy; trap '' HUP; trap 'touch {last_input}' EXIT\r")).await;
        session.until("ready").await;
        session.reset();
        let script = format!("until [ -e {last_input} ]; do sleep 0.02; done");
        let transcript = Ask::script(&gate, &script).offer(V4).open().await.transcript().await;
        assert_eq!(transcript.close(), (1000, "exit code 0"), "{last_input}");
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
