//! Commands and their ends: the exit code reaches the client in its own form, after every byte of output.

use super::{OFFERS, assert_exit, gate, gate_before, name, offering, tell, until_told};
use crate::straight::{BASE64, V4, V4_BASE64, V5};
use crate::subject::cluster;
use crate::support::ask::{Ask, PIPES, shell};
use crate::support::setup::Setup;

#[tokio::test]
async fn exit_codes_and_signals_are_told_in_every_form() {
    let gate = gate().await;
    for offer in OFFERS {
        for (script, code) in [("exit 0", 0), ("exit 7", 7), ("kill -9 $$", 137)] {
            let ask = offering(Ask::script(&gate, script), offer);
            assert_exit(&ask.open().await.transcript().await, offer, code);
        }
    }
}

#[tokio::test]
async fn a_command_that_cannot_start_is_told_in_every_form() {
    let gate = gate().await;
    for offer in OFFERS {
        for (command, why) in
            [("command=no-such", "executable file not found in $PATH"), ("", "args must not be empty")]
        {
            let ask = offering(Ask::exec(&gate, &format!("{command}&{PIPES}")), offer);
            let transcript = ask.open().await.transcript().await;
            let (code, reason) = transcript.close();
            assert_eq!(code, 1000, "{offer}");
            assert!(
                reason.starts_with("Internal error occurred: ") && reason.len() <= 123,
                "{offer}: {reason}"
            );
            assert!(transcript.statuses.concat().contains(why), "{offer}: {transcript:?}");
        }
    }
}

#[tokio::test]
async fn cat_ends_when_the_input_of_a_v5_client_ends() {
    let gate = gate().await;
    for offer in [V5, "v5.channel.k8s.io, v4.channel.k8s.io"] {
        let mut session = Ask::exec(&gate, &format!("command=cat&{PIPES}")).offer(offer).open().await;
        session.type_in("all of it\n").await;
        session.send(&[255, 0]).await;
        let transcript = session.transcript().await;
        assert_eq!(transcript.text(), "all of it\n");
        assert_exit(&transcript, V5, 0);
    }
}

#[tokio::test]
async fn the_close_signal_is_nothing_to_a_v4_client() {
    let gate = gate().await;
    let mut session = Ask::exec(&gate, &format!("command=cat&{PIPES}")).offer(V4).open().await;
    session.send(&[255, 0]).await;
    session.type_in("still\n").await;
    assert_eq!(session.until("\n").await, "still\n");
}

#[tokio::test]
async fn the_end_of_v5_input_on_a_terminal_costs_no_output() {
    let gate = gate().await;
    let name = name();
    let script = format!("stty -echo; echo ready; {}; echo late; exit 4", until_told(&name));
    let mut session = Ask::on_terminal(&gate, &script).offer(V5).open().await;
    session.until("ready\r\n").await;
    session.send(&[255, 0]).await;
    session.frame(0x89, b"taken").await;
    assert_eq!(session.next().await.unwrap().first, 0x8a);
    tell(&gate, &name).await;
    let transcript = session.transcript().await;
    assert_eq!(transcript.text(), "late\r\n");
    assert_exit(&transcript, V5, 4);
}

#[tokio::test]
async fn a_terminal_without_input_keeps_its_output_for_every_client() {
    let gate = gate().await;
    for offer in OFFERS {
        let name = name();
        let script = format!("echo early; {}; head -c 100000 /dev/zero; exit 3", until_told(&name));
        let asked = format!("{}&stdout=1&tty=1", shell(&script));
        let mut session = offering(Ask::exec(&gate, &asked), offer).open().await;
        session.until("early\r\n").await;
        tell(&gate, &name).await;
        let transcript = session.transcript().await;
        assert_eq!(transcript.stdout.len(), 100_000, "{offer}");
        assert_exit(&transcript, offer, 3);
    }
}

#[tokio::test]
async fn a_background_child_that_holds_the_output_keeps_the_session_open() {
    let gate = gate().await;
    for offer in [BASE64, V5] {
        let name = name();
        let script = format!("({}; echo child) & echo parent", until_told(&name));
        let mut session = Ask::script(&gate, &script).offer(offer).open().await;
        session.until("parent\n").await;
        tell(&gate, &name).await;
        let transcript = session.transcript().await;
        assert_eq!(transcript.text(), "child\n", "{offer}");
        assert_exit(&transcript, offer, 0);
    }
}

/// A command that writes 4 MB and exits.
const BURST: &str = "seq 1 700000 | head -c 4000000; exit 3";

#[tokio::test]
async fn a_reader_that_starts_late_gets_all_output_the_status_and_the_close() {
    let (plain, tls) = (gate().await, gate_before(cluster().await, Setup::tls).await);
    for gate in [plain, tls] {
        for offer in [V4, BASE64, V4_BASE64] {
            let mut session = Ask::script(&gate, BURST).offer(offer).open().await;
            // Nothing is read meanwhile: the output goes as far as the buffers on the way let it, and the command perhaps to its end.
            for _ in 0..10 {
                Ask::script(&gate, "true").offer(V4).open().await.transcript().await;
            }
            let transcript = session.transcript().await;
            assert_eq!(transcript.stdout.len(), 4_000_000, "{offer}");
            assert_exit(&transcript, offer, 3);
        }
    }
}

#[tokio::test]
async fn output_of_two_channels_is_kept_apart_and_in_order() {
    let gate = gate().await;
    for offer in [BASE64, V4] {
        let script = "for i in 1 2 3 4 5; do echo out$i; echo err$i >&2; done";
        let transcript = Ask::script(&gate, script).offer(offer).open().await.transcript().await;
        assert_eq!(transcript.text(), "out1\nout2\nout3\nout4\nout5\n", "{offer}");
        assert_eq!(transcript.stderr, b"err1\nerr2\nerr3\nerr4\nerr5\n", "{offer}");
    }
}
