//! Every subprotocol that a client may speak, before every kind of API server: bytes both ways, exit code and close.

use execgate::demo::{DemoCluster, DemoSettings, StatusDialect, Translator};
use execgate::protocol::Subprotocol::{self, Base64Channel, Channel, V4, V4Base64};

use crate::support::ask::{Ask, PIPES, TTY};
use crate::support::clusters::cluster_with;
use crate::support::gate::Gate;
use crate::support::session::Transcript;

/// What clients offer; the empty one sends no header at all.
const OFFERS: [&str; 7] = [
    "",
    "channel.k8s.io",
    "base64.channel.k8s.io",
    "v4.channel.k8s.io",
    "v4.base64.channel.k8s.io",
    "v5.channel.k8s.io",
    "v5.channel.k8s.io, v4.channel.k8s.io",
];
const V5_ALONE: &str = "v5.channel.k8s.io";

/// An API server with or without a translator, before a runtime that knows only some names.
struct Kind {
    translator: Translator,
    runtime: &'static [Subprotocol],
    dialect: StatusDialect,
}

const ALL: &[Subprotocol] = &[Channel, Base64Channel, V4, V4Base64];

/// Section 10 of the reference: v5 and v4, and whatever old runtimes know.
const KINDS: [Kind; 9] = [
    Kind { translator: Translator::Kubelet, runtime: ALL, dialect: StatusDialect::Short },
    Kind { translator: Translator::ApiServer, runtime: ALL, dialect: StatusDialect::Full },
    Kind { translator: Translator::Off, runtime: ALL, dialect: StatusDialect::Full },
    Kind { translator: Translator::Off, runtime: ALL, dialect: StatusDialect::Short },
    Kind { translator: Translator::ApiServer, runtime: &[], dialect: StatusDialect::Full },
    Kind { translator: Translator::Off, runtime: &[V4], dialect: StatusDialect::Full },
    Kind { translator: Translator::Off, runtime: &[V4Base64], dialect: StatusDialect::Full },
    Kind { translator: Translator::Off, runtime: &[Channel], dialect: StatusDialect::Full },
    Kind { translator: Translator::Off, runtime: &[Base64Channel], dialect: StatusDialect::Full },
];

impl Kind {
    async fn start(&self) -> (DemoCluster, Gate) {
        let settings = DemoSettings {
            name: "alpha".to_owned(),
            translator: self.translator,
            runtime_subprotocols: self.runtime.to_vec(),
            status_dialect: self.dialect,
            ..DemoSettings::default()
        };
        let cluster = cluster_with(settings).await;
        let gate = Gate::before(&cluster).await;
        (cluster, gate)
    }

    fn has_half_close(&self) -> bool {
        self.translator != Translator::Off
    }

    fn label(&self, offer: &str) -> String {
        format!("{offer:?} before {:?}, {:?}, {:?}", self.translator, self.runtime, self.dialect)
    }
}

fn offering(ask: Ask, offer: &str) -> Ask {
    if offer.is_empty() { ask } else { ask.offer(offer) }
}

/// What the client is told of an exit code, in the form that its subprotocol has for it.
fn assert_told(transcript: &Transcript, offer: &str, code: i32, label: &str) {
    assert_eq!(transcript.close(), (1000, format!("exit code {code}").as_str()), "{label}");
    let before_v4 = matches!(offer, "" | "channel.k8s.io" | "base64.channel.k8s.io");
    match (before_v4, code) {
        (true, 0) => assert!(transcript.statuses.is_empty(), "{label}: {transcript:?}"),
        (true, _) => {
            let [text] = &transcript.statuses[..] else { panic!("{label}: {transcript:?}") };
            assert!(
                text.ends_with(&format!("exit code {code}")) && !text.starts_with('{'),
                "{label}: {text}"
            );
        }
        (false, 0) => assert_eq!(transcript.status()["status"], "Success", "{label}"),
        (false, _) => {
            let status = transcript.status();
            assert_eq!(status["reason"], "NonZeroExitCode", "{label}");
            assert_eq!(status["details"]["causes"][0]["message"], code.to_string(), "{label}");
        }
    }
}

#[tokio::test]
async fn terminals_work_for_every_client_before_every_server() {
    for kind in KINDS {
        let (_cluster, gate) = kind.start().await;
        for offer in OFFERS {
            let label = kind.label(offer);
            let script = "stty -echo; printf 'ready '; read x; echo \"got $x\"; exit 7";
            let mut session = offering(Ask::on_terminal(&gate, script), offer).open().await;
            session.until("ready ").await;
            session.type_in("ab\u{e9}c\n").await;
            let transcript = session.transcript().await;
            assert_eq!(transcript.text(), "got ab\u{e9}c\r\n", "{label}");
            assert_told(&transcript, offer, 7, &label);
        }
    }
}

#[tokio::test]
async fn pipes_work_for_every_client_before_every_server() {
    for kind in KINDS {
        let (_cluster, gate) = kind.start().await;
        for offer in OFFERS.into_iter().filter(|offer| *offer != V5_ALONE || kind.has_half_close()) {
            let label = kind.label(offer);
            let mut session = offering(Ask::script(&gate, "head -c 256; echo err >&2"), offer).open().await;
            let every_byte: Vec<u8> = (0..=255).collect();
            session.type_in(&every_byte).await;
            let transcript = session.transcript().await;
            assert_eq!(
                (transcript.stdout.as_slice(), transcript.stderr.as_slice()),
                (&every_byte[..], &b"err\n"[..]),
                "{label}"
            );
            assert_told(&transcript, offer, 0, &label);
        }
    }
}

#[tokio::test]
async fn the_101_names_what_is_spoken_and_nothing_if_nothing_was_offered() {
    for kind in KINDS {
        let (_cluster, gate) = kind.start().await;
        for (offer, without_half_close) in [
            ("", None),
            ("channel.k8s.io", Some("channel.k8s.io")),
            ("chat, base64.channel.k8s.io, v4.channel.k8s.io", Some("base64.channel.k8s.io")),
            ("v5.channel.k8s.io, v4.channel.k8s.io", Some("v4.channel.k8s.io")),
        ] {
            let ask = offering(Ask::exec(&gate, &format!("command=true&{PIPES}")), offer);
            let session = ask.open().await;
            let named = session.head.lines().find_map(|line| line.strip_prefix("sec-websocket-protocol: "));
            let is_v5 = offer.starts_with("v5") && kind.has_half_close();
            let expected = if is_v5 { Some("v5.channel.k8s.io") } else { without_half_close };
            assert_eq!(named, expected, "{}", kind.label(offer));
        }
    }
}

#[tokio::test]
async fn a_v5_client_whose_end_of_input_cannot_be_told_is_refused_before_the_101() {
    for kind in KINDS.into_iter().filter(|kind| !kind.has_half_close()) {
        let (_cluster, gate) = kind.start().await;
        let label = kind.label(V5_ALONE);
        let ask = || Ask::script(&gate, "touch started").offer(V5_ALONE);
        // kubectl's POST comes after its GET was refused, and prints what it is told.
        for ask in [ask(), ask().by("POST")] {
            let answer = ask.refused().await;
            let reason = answer.json()["reason"].as_str().map(str::to_owned);
            assert_eq!((answer.code(), reason.as_deref()), (400, Some("BadRequest")), "{label}");
            assert!(answer.message().contains("end of standard input"), "{label}: {}", answer.message());
        }
        let mut listing = Ask::script(&gate, "ls").offer("v4.channel.k8s.io").open().await;
        assert_eq!(listing.transcript().await.text(), "", "{label}: the command must not have been started");
        // With a terminal, or without input, there is no end to be told.
        for streams in [TTY, "stdout=1"] {
            let ask = Ask::exec(&gate, &format!("command=true&{streams}")).offer(V5_ALONE);
            assert_told(&ask.open().await.transcript().await, V5_ALONE, 0, &label);
        }
    }
}
