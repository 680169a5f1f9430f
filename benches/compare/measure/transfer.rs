//! Throughput, and the CPU time that a gigabyte costs.

use std::time::{Duration, Instant};

use anyhow::ensure;

use crate::peer::Peer;
use crate::proxy::Proxy;
use crate::report::{Figure, Quantity};
use crate::rig::client::Received;
use crate::rig::messages::stdin_frame;
use crate::subject::Subject;

/// Standard output: the command sends `total_bytes` in frames of `frame_bytes`.
pub(super) fn output(
    proxy: &Proxy,
    subject: Subject,
    frame_bytes: usize,
    total_bytes: u64,
) -> anyhow::Result<Vec<Figure>> {
    let command = ["execgate-flood", &frame_bytes.to_string(), &total_bytes.to_string()];
    let cpu = proxy.cpu()?;
    let start = Instant::now();
    let received = proxy.open(subject.asked, &command)?.receive_all()?;
    let elapsed = start.elapsed();
    ensure!(received.bytes == total_bytes, "{} of {total_bytes} bytes arrived", received.bytes);
    let mut figures = figures(proxy, total_bytes, elapsed, cpu)?;
    if subject.peer == Peer::Execgate {
        let frames = total_bytes.div_ceil(frame_bytes as u64);
        figures.push(Figure::new(Quantity::FramesPerMessage, frames as f64 / received.messages as f64));
    }
    Ok(figures)
}

/// Standard input: the command ends when it has read `total_bytes`, which came in frames of `frame_bytes`.
pub(super) fn input(
    proxy: &Proxy,
    subject: Subject,
    frame_bytes: usize,
    total_bytes: u64,
) -> anyhow::Result<Vec<Figure>> {
    let frame = stdin_frame(subject.asked.coding(), &vec![b'x'; frame_bytes]);
    let frames = usize::try_from(total_bytes)? / frame_bytes;
    let mut client = proxy.open(subject.asked, &["execgate-sink", &(frames * frame_bytes).to_string()])?;
    let cpu = proxy.cpu()?;
    let start = Instant::now();
    client.send_often(&frame, frames)?;
    // The sink says nothing: its end says that every byte has come.
    let received = client.receive_all()?;
    let elapsed = start.elapsed();
    ensure!(received == Received::default(), "the sink spoke");
    figures(proxy, (frames * frame_bytes) as u64, elapsed, cpu)
}

fn figures(
    proxy: &Proxy,
    bytes: u64,
    elapsed: Duration,
    cpu_before: Option<Duration>,
) -> anyhow::Result<Vec<Figure>> {
    let mut figures =
        vec![Figure::new(Quantity::MegabytesPerSecond, bytes as f64 / 1e6 / elapsed.as_secs_f64())];
    if let (Some(before), Some(after)) = (cpu_before, proxy.cpu()?) {
        let spent = after.saturating_sub(before).as_secs_f64();
        figures.push(Figure::new(Quantity::CpuSecondsPerGigabyte, spent / (bytes as f64 / 1e9)));
    }
    Ok(figures)
}
