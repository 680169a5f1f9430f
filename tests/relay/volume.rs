//! 64 MiB past a slow reader, through a gate that is a process of its own: every byte in order, in little memory.

#![cfg(target_os = "linux")]

use std::process::Command;
use std::sync::LazyLock;
use std::time::Duration;

use execgate::demo::DemoCluster;

use crate::support::ask::{Ask, PIPES};
use crate::support::clusters::{cluster, cluster_over_tls};
use crate::support::process::Process;
use crate::support::session::Session;
use crate::support::setup::Setup;
use crate::support::wire::masked;

const V4: &str = "v4.channel.k8s.io";
const V5: &str = "v5.channel.k8s.io";
const BASE64: &str = "base64.channel.k8s.io";

const TOTAL: usize = 64 << 20;
/// What a gate may hold beyond what it holds idle.
const ROOM_KIB: u64 = 8 * 1024;

/// Numbers, one a line: no stretch is like another.
static DATA: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let output = Command::new("sh").args(["-c", &format!("{NUMBERS} | head -c {TOTAL}")]).output().unwrap();
    assert_eq!(output.stdout.len(), TOTAL);
    output.stdout
});
const NUMBERS: &str = "seq 1 9000000";

/// A gate, and the most memory that it was seen with.
struct Watched {
    process: Process,
    idle_kib: u64,
    peak_kib: u64,
    _cluster: DemoCluster,
}

impl Watched {
    async fn start(cluster: DemoCluster, setup: Setup) -> Self {
        let process = Process::start(setup.cluster(&cluster), "info").await;
        let idle_kib = process.resident_kib();
        Self { process, idle_kib, peak_kib: idle_kib, _cluster: cluster }
    }

    async fn plain() -> Self {
        Self::start(cluster().await, Setup::new()).await
    }

    async fn over_tls() -> Self {
        Self::start(cluster_over_tls("alpha").await, Setup::new().tls()).await
    }

    fn look(&mut self) {
        self.peak_kib = self.peak_kib.max(self.process.resident_kib());
    }

    fn assert_small(&mut self) {
        self.look();
        let grown = self.peak_kib - self.idle_kib;
        assert!(grown <= ROOM_KIB, "{} KiB idle and {} KiB at most", self.idle_kib, self.peak_kib);
    }
}

/// How many bytes the process of that id has written.
fn written_by(id: &str) -> u64 {
    let io = std::fs::read_to_string(format!("/proc/{id}/io")).unwrap();
    io.lines().find_map(|line| line.strip_prefix("wchar: ")).unwrap().parse().unwrap()
}

/// Returns when the process of that id has written nothing for many round trips of another session.
async fn until_stopped(gate: &Process, id: &str) {
    let mut clock = Ask::exec(gate, &format!("command=cat&{PIPES}")).offer(V4).open().await;
    let (mut before, mut quiet) = (0, 0);
    while quiet < 50 {
        clock.type_in("x").await;
        clock.until("x").await;
        let now = written_by(id);
        quiet = if now == before { quiet + 1 } else { 0 };
        before = now;
    }
    assert!(before < TOTAL as u64 / 2, "{before} bytes were taken although nobody reads");
}

async fn read_slowly(watched: &mut Watched, offer: &str) {
    let script = format!("echo $$ >&2; exec {NUMBERS}");
    let mut session = Ask::script(&watched.process, &script).offer(offer).open().await;
    session.sip = 1024;
    let id = process_id(&mut session).await;
    until_stopped(&watched.process, &id).await;
    watched.look();
    let mut seen = 0;
    while seen < TOTAL {
        let (channel, data) = session.heard().await;
        let wanted = data.len().min(TOTAL - seen);
        assert!(channel == 1 && DATA[seen..].starts_with(&data[..wanted]), "after {seen} bytes");
        seen += wanted;
        watched.look();
    }
    watched.assert_small();
}

/// What a script wrote to standard error before anything else.
async fn process_id(session: &mut Session) -> String {
    loop {
        match session.heard().await {
            (2, data) => return String::from_utf8(data).unwrap().trim().to_owned(),
            (_, data) => assert!(data.is_empty(), "the id comes first"),
        }
    }
}

#[tokio::test]
async fn a_program_that_reads_slowly_gets_every_byte() {
    let mut watched = Watched::plain().await;
    read_slowly(&mut watched, V4).await;
}

#[tokio::test]
async fn a_page_that_reads_slowly_gets_every_byte_over_tls() {
    let mut watched = Watched::over_tls().await;
    read_slowly(&mut watched, BASE64).await;
}

async fn write_to_a_slow_reader(watched: &mut Watched, offer: &str, reader: &str) {
    let script = format!("while [ ! -e go ]; do sleep 0.02; done; {reader} | cksum");
    let mut session = Ask::script(&watched.process, &script).offer(offer).open().await;
    let frames: Vec<u8> = DATA
        .chunks(1 << 20)
        .flat_map(|chunk| {
            let (first, payload) = session.message(0, chunk);
            masked(first, &payload)
        })
        .collect();
    let sent = session.push(&frames, Duration::from_millis(300)).await;
    assert!(sent < frames.len() / 2, "{sent} bytes were taken although nobody reads");
    watched.look();
    Ask::script(&watched.process, "touch go").offer(V4).open().await.transcript().await;
    for piece in frames[sent..].chunks(1 << 20) {
        session.raw(piece).await;
        watched.look();
    }
    if offer == V5 {
        session.send(&[255, 0]).await;
    }
    let transcript = session.transcript().await;
    assert_eq!(transcript.text(), checksum(), "{transcript:?}");
    assert_eq!(transcript.close(), (1000, "exit code 0"));
    watched.assert_small();
}

/// POSIX `cksum` of all that was sent.
fn checksum() -> String {
    let command = format!("{NUMBERS} | head -c {TOTAL} | cksum");
    String::from_utf8(Command::new("sh").args(["-c", &command]).output().unwrap().stdout).unwrap()
}

#[tokio::test]
async fn a_command_that_reads_slowly_gets_every_byte_of_a_program() {
    let mut watched = Watched::plain().await;
    write_to_a_slow_reader(&mut watched, V5, "dd bs=1024 2>/dev/null").await;
}

#[tokio::test]
async fn a_command_that_reads_slowly_gets_every_byte_of_a_page_over_tls() {
    let mut watched = Watched::over_tls().await;
    write_to_a_slow_reader(&mut watched, BASE64, &format!("head -c {TOTAL}")).await;
}
