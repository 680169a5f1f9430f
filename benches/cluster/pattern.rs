//! What the pod sends and is sent: text of which no part repeats, made the same way here and there.

use std::fmt::Write as _;

use anyhow::ensure;
use aws_lc_rs::digest::{SHA256, digest};
use execgate::protocol::Subprotocol;

use crate::measure::{NO_INPUT, PIPES};
use crate::route::Route;
use crate::stage::Stage;

/// Where it lies in the pod.
const FILE: &str = "/tmp/pattern";
/// How long it is. All output and input is a multiple of it.
pub(crate) const BYTES: usize = 16 << 20;
/// More than enough numbers to fill it.
const NUMBERS: usize = 2_400_000;

/// The pattern as it is made here.
pub(crate) fn text() -> Vec<u8> {
    let mut text = String::with_capacity(BYTES + BYTES / 8);
    for number in 1..=NUMBERS {
        writeln!(text, "{number}").expect("a String takes every text");
    }
    let mut bytes = text.into_bytes();
    bytes.truncate(BYTES);
    bytes
}

/// Its digest, as `sha256sum` prints it.
pub(crate) fn digest_of(text: &[u8]) -> String {
    digest(&SHA256, text).as_ref().iter().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").expect("a String takes every text");
        hex
    })
}

/// Puts it into the pod, and fails unless it is the same there.
pub(crate) fn lay_down(stage: &Stage) -> anyhow::Result<()> {
    let script = format!("seq 1 {NUMBERS} | head -c {BYTES} >{FILE}; sha256sum <{FILE}");
    let mut client = stage.open(Route::Direct, Subprotocol::V4, NO_INPUT, &script)?;
    let said = String::from_utf8(client.read_all()?)?;
    let expected = digest_of(&text());
    ensure!(said.starts_with(&expected), "the pod's pattern is {said:?}, and it should be {expected}");
    Ok(())
}

/// A script that sends it so often that `bytes` are sent.
pub(crate) fn sending(bytes: u64) -> String {
    let times = usize::try_from(bytes).expect("it fits the memory of the pod") / BYTES;
    format!("exec cat{}", format!(" {FILE}").repeat(times))
}

/// A script that reads `bytes` of standard input and then does `after` with them.
pub(crate) fn reading(bytes: u64, after: &str) -> String {
    let blocks = bytes / (64 << 10);
    format!("dd bs=65536 iflag=fullblock count={blocks} 2>/dev/null {after}")
}

/// Fails unless what the pod sends on `route` is what it has, and what it is sent arrives.
pub(crate) fn check(stage: &Stage, route: Route, page: Subprotocol) -> anyhow::Result<()> {
    let text = text();
    let sent = stage.open(route, page, NO_INPUT, &sending(BYTES as u64))?.read_all()?;
    ensure!(sent == text, "{page} on {route} changed the output: {} bytes of {BYTES}", sent.len());
    let script = reading(BYTES as u64, "| sha256sum");
    let mut client = stage.open(route, page, PIPES, &script)?;
    for part in text.chunks(32 << 10) {
        client.send(&crate::rig::messages::stdin_frame(page.coding(), part))?;
    }
    let said = String::from_utf8(client.read_all()?)?;
    ensure!(said.starts_with(&digest_of(&text)), "{page} on {route} changed the input: {said:?}");
    Ok(())
}
