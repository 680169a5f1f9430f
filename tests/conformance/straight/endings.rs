//! The end: the status is the last message, the close frame comes right behind it, and then the connection ends, in order.

use super::{BASE64, CLOSE, OFFERS, V4, V5, connected, name, tell, until_told};
use crate::subject::{cluster, translating_cluster};
use crate::support::ask::{Ask, PIPES, Serves, shell};
use crate::support::session::Session;
use crate::support::wire::{hex, masked};

#[tokio::test]
async fn output_then_the_status_then_the_close_frame_then_the_end() {
    let cluster = cluster().await;
    for offer in OFFERS {
        let script = "head -c 1000000 /dev/zero; echo err >&2; exit 3";
        let mut session = Ask::script(&cluster, script).offer(offer).open().await;
        let mut channels = Vec::new();
        let mut output = 0;
        let close = loop {
            let frame = session.next().await.expect("no end without a close frame");
            if frame.first == 0x88 {
                break frame;
            }
            let (channel, data) = session.read(&frame);
            output += if channel == 1 { data.len() } else { 0 };
            channels.push(channel);
        };
        assert_eq!((output, close.payload), (1_000_000, vec![3, 0xe8]), "{offer}");
        let first_status = channels.iter().position(|channel| *channel == 3);
        assert_eq!(first_status, Some(channels.len() - 1), "{offer}: one status, the last message");
        assert_eq!(session.next().await, None, "{offer}");
        assert_eq!(session.broken, None, "{offer}: an orderly end");
    }
}

#[tokio::test]
async fn stdout_and_stderr_are_two_channels_and_with_a_tty_one() {
    let cluster = cluster().await;
    for offer in [V4, V5] {
        let script = "echo out; echo err >&2";
        let transcript = Ask::script(&cluster, script).offer(offer).open().await.transcript().await;
        assert_eq!((&*transcript.stdout, &*transcript.stderr), (&b"out\n"[..], &b"err\n"[..]), "{offer}");
        let asked = format!("{}&stdin=1&stdout=1&stderr=1&tty=1", shell(script));
        let transcript = Ask::exec(&cluster, &asked).offer(offer).open().await.transcript().await;
        assert_eq!((transcript.text().as_str(), transcript.stderr.len()), ("out\r\nerr\r\n", 0), "{offer}");
    }
}

#[tokio::test]
async fn what_was_not_asked_for_is_not_sent() {
    let cluster = cluster().await;
    let run = shell("echo out; echo err >&2; read x");
    for offer in [V4, V5] {
        for (streams, out, err) in [
            ("stdin=1", "", ""),
            ("stdin=1&stdout=1", "out\n", ""),
            ("stdin=1&stderr=1", "", "err\n"),
            ("stdin=1&tty=1", "", ""),
        ] {
            let mut session = Ask::exec(&cluster, &format!("{run}&{streams}")).offer(offer).open().await;
            session.type_in("\n").await;
            let transcript = session.transcript().await;
            assert_eq!(
                (&*transcript.text(), &*transcript.stderr),
                (out, err.as_bytes()),
                "{offer} {streams}"
            );
        }
    }
}

#[tokio::test]
async fn a_background_child_that_holds_the_output_keeps_the_session_open() {
    let cluster = cluster().await;
    for offer in [V4, V5, BASE64] {
        let name = name();
        let script = format!("({}; echo child) & exit 3", until_told(&name));
        let mut session = Ask::script(&cluster, &script).offer(offer).open().await;
        assert!(session.heard().await.1.is_empty());
        tell(&cluster, &name).await;
        let transcript = session.transcript().await;
        assert_eq!(transcript.text(), "child\n", "{offer}");
        assert!(transcript.statuses.concat().contains("exit code 3"), "{offer}");
    }
}

#[tokio::test]
async fn a_background_child_that_does_not_hold_it_or_is_on_a_terminal_keeps_nothing_open() {
    let cluster = cluster().await;
    for offer in [V4, V5] {
        let name = name();
        let waiting = until_told(&name);
        let piped = format!("({waiting}) </dev/null >/dev/null 2>&1 & exit 3");
        let on_terminal = format!("trap '' HUP; ({waiting}; echo child) & exit 3");
        for ask in [Ask::script(&cluster, &piped), Ask::on_terminal(&cluster, &on_terminal)] {
            let transcript = ask.offer(offer).open().await.transcript().await;
            assert_eq!(transcript.text(), "", "{offer}");
            assert_eq!(transcript.status()["details"]["causes"][0]["message"], "3", "{offer}");
        }
        tell(&cluster, &name).await;
    }
}

/// A command that tells in a file that its input has ended, and lives on.
async fn survivor(cluster: &impl Serves, name: &str, offer: &str) -> Session {
    let script = format!("echo ready; cat; echo survived > {name}");
    let mut session = Ask::script(cluster, &script).offer(offer).open().await;
    session.until("ready\n").await;
    session
}

async fn assert_survived(cluster: &impl Serves, name: &str) {
    let script = format!("{}; cat {name}", until_told(name));
    let seen = Ask::script(cluster, &script).offer(V4).open().await.transcript().await;
    assert_eq!(seen.text(), "survived\n");
}

#[tokio::test]
async fn a_close_frame_is_answered_with_1000_and_no_status_and_kills_nothing() {
    let cluster = cluster().await;
    for offer in [V4, V5] {
        for close in ["88 82 37 fa 21 3d 34 12", "88 80 37 fa 21 3d", "88 84 37 fa 21 3d 38 5a 4f 52"] {
            let name = name();
            let mut session = survivor(&cluster, &name, offer).await;
            session.raw(&hex(close)).await;
            assert_eq!(session.rest().await, CLOSE, "{offer} {close}");
            assert_survived(&cluster, &name).await;
        }
    }
}

#[tokio::test]
async fn the_end_of_the_clients_bytes_cuts_off_the_output_without_a_close_frame() {
    let cluster = cluster().await;
    for offer in [V4, V5] {
        let mut session = connected(&cluster, "command=cat", offer).await;
        session.type_in("x").await;
        session.until("x").await;
        session.shut_down().await;
        assert_eq!(session.rest().await, b"", "{offer}");
    }
}

#[tokio::test]
async fn a_connection_that_ends_without_a_close_frame_kills_the_command_unless_a_translator_is_between() {
    let cluster = cluster().await;
    for is_rough in [true, false] {
        let leave = async |mut session: Session| {
            if is_rough {
                return session.reset();
            }
            session.shut_down().await;
            session.rest().await;
        };
        for offer in [BASE64, V4] {
            let mut session = Ask::script(&cluster, "echo $$; cat; sleep 1000").offer(offer).open().await;
            let id = session.until("\n").await;
            leave(session).await;
            let script = format!("while kill -0 {}; do sleep 0.02; done", id.trim());
            let gone = Ask::script(&cluster, &script).offer(V4).open().await.transcript().await;
            assert_eq!(gone.text(), "", "{offer}: it would have slept");
        }
        let name = name();
        leave(survivor(&cluster, &name, V5).await).await;
        assert_survived(&cluster, &name).await;
    }
}

#[tokio::test]
async fn a_translator_in_the_api_server_answers_the_end_of_the_clients_bytes_with_a_close_frame() {
    let cluster = translating_cluster().await;
    let mut session = connected(&cluster, "command=cat", V5).await;
    session.shut_down().await;
    assert_eq!(session.rest().await, CLOSE);
}

#[tokio::test]
async fn what_comes_in_the_segment_of_the_request_is_lost_where_bytes_are_copied() {
    let cluster = cluster().await;
    let early = [masked(0x82, b"\0early\n"), masked(0x89, b"early")].concat();
    for offer in [V4, V5] {
        let ask = Ask::exec(&cluster, &format!("command=head&command=-n1&{PIPES}")).offer(offer);
        let mut session = ask.open_with(&early).await;
        session.payload().await;
        session.send(b"\0late\n").await;
        let transcript = session.transcript().await;
        assert_eq!((transcript.text().as_str(), transcript.pongs.len()), ("late\n", 0), "{offer}");
    }
}

#[tokio::test]
async fn a_translator_in_the_api_server_reads_what_comes_in_the_segment_of_the_request() {
    let cluster = translating_cluster().await;
    let early = [masked(0x82, b"\0early\n"), masked(0x82, &[255, 0])].concat();
    let ask = Ask::exec(&cluster, &format!("command=cat&{PIPES}")).offer(V5);
    assert_eq!(ask.open_with(&early).await.transcript().await.text(), "early\n");
}
