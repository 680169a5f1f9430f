//! Clients that offer no subprotocol and write the channel bytes themselves: websocat, which a person has, and a wire.

use std::path::PathBuf;
use std::process::Stdio;
use std::sync::LazyLock;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, ChildStdin, ChildStdout};

use super::place::{Place, User};
use super::prepared;
use super::program::{PATIENCE, Program};
use super::promises::noise;
use crate::support::ask::{Ask, PIPES, TTY, escape};
use crate::support::wire::masked;

/// websocat with its messages on pipes, each after its length.
struct Websocat {
    child: Child,
    input: ChildStdin,
    output: ChildStdout,
}

/// The first byte of a message is its channel: 0 standard input, 1 output, 2 errors, 3 the end's reason, 4 the size.
type Message = Vec<u8>;

impl Websocat {
    fn start(place: &Place, user: User, query: &str) -> Self {
        let program = program(place, user, query);
        let mut child = tokio::process::Command::new(&program.name)
            .args(&program.arguments)
            .envs(program.environment)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let (input, output) = (child.stdin.take().expect("piped"), child.stdout.take().expect("piped"));
        Self { child, input, output }
    }

    async fn say(&mut self, channel: u8, data: &[u8]) {
        let length = u32::try_from(data.len() + 1).unwrap().to_be_bytes();
        self.input.write_all(&[&length[..], &[channel], data].concat()).await.unwrap();
    }

    /// The next message; `None` once the connection has ended.
    async fn next(&mut self) -> Option<Message> {
        let read = async {
            let length = self.output.read_u32().await.ok()?;
            let mut message = vec![0; length as usize];
            self.output.read_exact(&mut message).await.unwrap();
            Some(message)
        };
        tokio::time::timeout(PATIENCE, read).await.expect("websocat says nothing")
    }

    /// Reads `channel` until it ends with `text`.
    async fn until(&mut self, channel: u8, text: &str) {
        let mut seen = Vec::new();
        while !seen.ends_with(text.as_bytes()) {
            let message = self.next().await;
            let message = message.unwrap_or_else(|| panic!("{:?}", String::from_utf8_lossy(&seen)));
            assert_eq!(message[0], channel, "{message:?}");
            seen.extend(&message[1..]);
        }
    }

    /// Everything that is still said on `channel`, and websocat's exit code.
    async fn rest(mut self, channel: u8) -> (Vec<u8>, Option<i32>) {
        let mut rest = Vec::new();
        while let Some(message) = self.next().await {
            rest.extend(message.iter().skip(1).filter(|_| message[0] == channel));
        }
        (rest, self.child.wait().await.unwrap().code())
    }
}

#[tokio::test]
async fn websocat_reads_the_exit_code_as_words_on_channel_3() {
    let place = Place::new().await;
    let websocat = Websocat::start(&place, User::Alice, &format!("{}&stdout=1", shell("exit 7")));
    let (words, code) = websocat.rest(3).await;
    let words = String::from_utf8(words).unwrap();
    assert!(words.starts_with("command terminated with non-zero exit code: "), "{words}");
    assert!(words.ends_with("exit code 7"), "{words}");
    assert_eq!(code, Some(0));
}

#[tokio::test]
async fn websocat_gets_a_megabyte_back_as_it_went() {
    let place = Place::new().await;
    let query = format!("command=head&command=-c&command=1000000&{PIPES}");
    let mut websocat = Websocat::start(&place, User::Alice, &query);
    let sent = &noise()[..1_000_000];
    for piece in sent.chunks(10_000) {
        websocat.say(0, piece).await;
    }
    assert!(websocat.rest(1).await.0 == sent, "bytes differ");
}

#[tokio::test]
async fn websocat_has_standard_error_on_a_channel_of_its_own() {
    let place = Place::new().await;
    let script = shell("echo to the output; read line; echo to the errors >&2; read line");
    let mut websocat = Websocat::start(&place, User::Alice, &format!("{script}&{PIPES}"));
    websocat.until(1, "to the output\n").await;
    websocat.say(0, b"go on\n").await;
    websocat.until(2, "to the errors\n").await;
}

#[tokio::test]
async fn websocat_resizes_a_terminal_by_a_message_on_channel_4() {
    let place = Place::new().await;
    let script = shell(
        r#"for size in "24 80" "40 100"; do until [ "$(stty size)" = "$size" ]; do sleep 0.05; done; echo "now $size"; done"#,
    );
    let mut websocat = Websocat::start(&place, User::Alice, &format!("{script}&{TTY}"));
    websocat.say(4, br#"{"Width":80,"Height":24}"#).await;
    websocat.until(1, "now 24 80\r\n").await;
    websocat.say(4, br#"{"Width":100,"Height":40}"#).await;
    websocat.until(1, "now 40 100\r\n").await;
}

#[tokio::test]
async fn websocat_tells_a_refusal_by_its_code() {
    let place = Place::new().await;
    let ended = program(&place, User::Bob, "command=id&stdout=1").run("").await;
    assert!(ended.errors.contains("Received unexpected status code (403 Forbidden)"), "{ended:?}");
    assert_eq!(ended.code, Some(1));
}

#[tokio::test]
async fn fifty_megabytes_come_back_as_they_went_to_who_offers_nothing() {
    let place = Place::new().await;
    let sent = noise();
    let query = format!("command=head&command=-c&command={}&{PIPES}", sent.len());
    let mut session = Ask::exec(&place.gate, &query).open().await;
    assert!(!session.head.to_lowercase().contains("sec-websocket-protocol"), "{}", session.head);
    let frames = sent.chunks(32 * 1024).map(|piece| masked(0x82, &[&[0], piece].concat()));
    session.raw_while_reading(&frames.collect::<Vec<_>>().concat()).await;
    let transcript = session.transcript().await;
    assert!(transcript.stdout == sent, "bytes differ");
    assert_eq!(transcript.close(), (1000, "exit code 0"));
}

fn program(place: &Place, user: User, query: &str) -> Program {
    static FOLDER: LazyLock<PathBuf> = LazyLock::new(|| prepared("websocat"));
    let pod = "api/v1/namespaces/default/pods/web-0/exec?container=app";
    let url = format!("wss://{}/clusters/alpha/{pod}&{query}", place.gate.address);
    Program::new(FOLDER.join("venv/bin/websocat"))
        .arguments(["--binary", "--exit-on-eof", "--buffer-size=1000000"])
        .arguments([format!("--header=Authorization: Bearer {}", user.token())])
        .arguments(["lengthprefixed:stdio:", &url])
        .variable("SSL_CERT_FILE", place.authority())
}

fn shell(script: &str) -> String {
    format!("command=sh&command=-c&command={}", escape(script))
}
