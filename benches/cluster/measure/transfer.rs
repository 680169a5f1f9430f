//! Throughput, and the CPU time that a gigabyte costs each process.

use std::time::{Duration, Instant};

use anyhow::ensure;
use execgate::protocol::Subprotocol;

use super::{PIPES, TERMINAL};
use crate::cast::Role;
use crate::measure::NO_INPUT;
use crate::pattern;
use crate::plan::Attached;
use crate::report::{Figure, Quantity};
use crate::rig::client::{Client, Received};
use crate::rig::messages::{Message, stdin_frame};
use crate::route::Route;
use crate::stage::Stage;

/// How often an output is asked for anew that the API server cut short.
const TRIES: u32 = 5;

/// The command sends `bytes`, and every one has to come through execgate. The API server's own translator of v5 now and then tells
/// success with a part of the output missing: that is noted, and measured again.
pub(super) fn output(
    stage: &Stage,
    route: Route,
    page: Subprotocol,
    attached: Attached,
    bytes: u64,
) -> anyhow::Result<Vec<Figure>> {
    let mut cut = 0;
    loop {
        let (received, mut figures) = output_once(stage, route, page, attached, bytes)?;
        if received == bytes {
            figures.push(Figure::new(Quantity::RunsCut, f64::from(cut)));
            return Ok(figures);
        }
        ensure!(route == Route::Direct && cut < TRIES, "{route} delivered {received} of {bytes} bytes");
        eprintln!("the API server alone delivered {received} of {bytes} bytes to {page} and told success");
        cut += 1;
    }
}

/// Measures it and says how much came. The clock runs from its first byte: how long runc takes to start it is nobody's throughput.
fn output_once(
    stage: &Stage,
    route: Route,
    page: Subprotocol,
    attached: Attached,
    bytes: u64,
) -> anyhow::Result<(u64, Vec<Figure>)> {
    let send = pattern::sending(bytes);
    let mut client = match attached {
        // A page with v5 and standard input needs its half-close, which only v5 has: it is compared as kubectl asks.
        Attached::Pipes if page == Subprotocol::V5 => stage.open(route, page, NO_INPUT, &send)?,
        Attached::Pipes => stage.open(route, page, PIPES, &send)?,
        // Raw, or each line would be a byte longer.
        Attached::Terminal => stage.open(route, page, TERMINAL, &format!("stty raw -echo; {send}"))?,
    };
    let before = stage.cast.cpu()?;
    let first = first_data(&mut client)?;
    let start = Instant::now();
    let received = first + client.receive_all()?.bytes;
    let elapsed = start.elapsed();
    let after = stage.cast.cpu()?;
    Ok((received, figures(bytes, elapsed, before, after)))
}

/// The command reads `bytes`, which come in frames of `frame_bytes`, and ends.
pub(super) fn input(
    stage: &Stage,
    route: Route,
    page: Subprotocol,
    frame_bytes: usize,
    bytes: u64,
) -> anyhow::Result<Vec<Figure>> {
    let frame = stdin_frame(page.coding(), &vec![b'x'; frame_bytes]);
    let frames = usize::try_from(bytes)? / frame_bytes;
    // busybox runs a last command in the shell's own process, where its dd takes the input for ended.
    let script = format!("echo; {}; exit $?", pattern::reading(bytes, "of=/dev/null"));
    let mut client = stage.open(route, page, PIPES, &script)?;
    first_data(&mut client)?;
    let before = stage.cast.cpu()?;
    let start = Instant::now();
    client.send_often(&frame, frames)?;
    // The command says nothing: its end says that every byte has come.
    let received = client.receive_all()?;
    let elapsed = start.elapsed();
    let after = stage.cast.cpu()?;
    ensure!(received == Received::default(), "the command spoke");
    Ok(figures(bytes, elapsed, before, after))
}

/// How many bytes came with the first message that has any.
fn first_data(client: &mut Client) -> anyhow::Result<u64> {
    loop {
        match client.receive()? {
            Message::Data { bytes: 0 } | Message::Control => {}
            Message::Data { bytes } => return Ok(bytes),
            other => anyhow::bail!("the session began with {other:?}"),
        }
    }
}

fn figures(bytes: u64, elapsed: Duration, before: [Duration; 6], after: [Duration; 6]) -> Vec<Figure> {
    let gigabytes = bytes as f64 / 1e9;
    let mut all = Duration::ZERO;
    let mut figures =
        vec![Figure::new(Quantity::MegabytesPerSecond, gigabytes * 1e3 / elapsed.as_secs_f64())];
    for ((role, before), after) in Role::ALL.into_iter().zip(before).zip(after) {
        let spent = after.saturating_sub(before);
        figures.push(Figure::new(Quantity::CpuSecondsPerGigabyte(role), spent.as_secs_f64() / gigabytes));
        if role == Role::Load {
            let share = 100.0 * spent.as_secs_f64() / elapsed.as_secs_f64();
            figures.push(Figure::new(Quantity::LoadPercentOfCore, share));
        } else {
            all += spent;
        }
    }
    figures.push(Figure::new(Quantity::AllCpuSecondsPerGigabyte, all.as_secs_f64() / gigabytes));
    figures
}
