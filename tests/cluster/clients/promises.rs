//! What every client that runs commands keeps through execgate.

use super::place::{Place, User};
use super::terminal::Terminal;
use super::{Exec, Streams};

/// What goes to a pod and back.
pub(super) const VOLUME: usize = 50_000_000;

/// Tests of all of them, for the client that `$exec` starts; `$volume` is what it sends, and `$refusal` what its user reads.
macro_rules! keeps_the_promises {
    ($exec:expr, $volume:expr, $refusal:expr) => {
        #[tokio::test]
        async fn the_exit_code_of_the_command_is_that_of_the_client() {
            $crate::clients::promises::exit_code($exec).await;
        }

        #[tokio::test]
        async fn fifty_megabytes_come_back_as_they_went() {
            $crate::clients::promises::round_trip($exec, $volume).await;
        }

        #[tokio::test]
        async fn standard_error_stays_apart_from_standard_output() {
            $crate::clients::promises::streams_apart($exec).await;
        }

        #[tokio::test]
        async fn a_terminal_has_the_size_of_the_window_and_follows_it() {
            $crate::clients::promises::terminal($exec).await;
        }

        #[tokio::test]
        async fn a_refusal_is_told_to_the_user() {
            $crate::clients::promises::refusal($exec, $refusal).await;
        }
    };
}
pub(super) use keeps_the_promises;

/// Bytes of every kind, without a pattern that a buffer could hide in.
pub(super) fn noise() -> Vec<u8> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let words = std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    });
    words.flatten().take(VOLUME).collect()
}

/// The same for those who can't send bytes.
pub(super) fn noise_as_text() -> Vec<u8> {
    noise().iter().map(|byte| if byte % 64 == 0 { b'\n' } else { b' ' + byte % 64 }).collect()
}

pub(super) async fn exit_code(exec: Exec) {
    let place = Place::new().await;
    let ended = place.with(User::Alice, exec(Streams::Pipes, "web-0", &["sh", "-c", "exit 7"])).run("").await;
    assert_eq!(ended.code, Some(7), "{ended:?}");
    let ended = place.with(User::Alice, exec(Streams::Pipes, "web-0", &["true"])).run("").await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
}

pub(super) async fn round_trip(exec: Exec, volume: fn() -> Vec<u8>) {
    let place = Place::new().await;
    let sent = volume();
    let ended = place.with(User::Alice, exec(Streams::Pipes, "web-0", &["cat"])).run(sent.clone()).await;
    let back = ended.succeeded();
    assert_eq!(back.len(), sent.len());
    let differs = back.iter().zip(&sent).position(|(back, sent)| back != sent);
    assert_eq!(differs, None, "bytes differ");
}

pub(super) async fn streams_apart(exec: Exec) {
    let place = Place::new().await;
    let command = ["sh", "-c", "echo to the output; echo to the errors >&2"];
    let ended = place.with(User::Alice, exec(Streams::Pipes, "web-0", &command)).run("").await;
    assert_eq!((ended.text().as_str(), ended.errors.as_str()), ("to the output\n", "to the errors\n"));
    assert_eq!(ended.code, Some(0));
}

pub(super) async fn terminal(exec: Exec) {
    const SCRIPT: &str = r#"
        until_size() { until [ "$(stty size)" = "$1" ]; do sleep 0.05; done; echo "the size is $1"; }
        until_size "24 80"; until_size "40 100"
        read line; echo "the line is $line"; exit 3"#;
    let place = Place::new().await;
    let program = place.with(User::Alice, exec(Streams::Terminal, "web-0", &["sh", "-c", SCRIPT]));
    let mut terminal = Terminal::start(&program, 24, 80);
    terminal.sees("the size is 24 80\r").await;
    terminal.resize(40, 100);
    terminal.sees("the size is 40 100\r").await;
    terminal.types("漢字 ✓").await;
    terminal.sees("the line is 漢字 ✓\r").await;
    assert_eq!(terminal.ends().await, Some(3));
}

pub(super) async fn refusal(exec: Exec, words: &str) {
    let place = Place::new().await;
    let ended = place.with(User::Bob, exec(Streams::Pipes, "web-0", &["id"])).run("").await;
    assert!(ended.errors.contains(words), "{ended:?}");
    assert_eq!((ended.code, ended.text().as_str()), (Some(1), ""), "{ended:?}");
}
