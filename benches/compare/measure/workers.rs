//! What a second worker thread is worth.

use std::thread;
use std::time::Instant;

use anyhow::ensure;

use crate::proxy::Proxy;
use crate::report::{Figure, Quantity};
use crate::rig::gate::{Gate, Workers};
use crate::stage::Stage;
use crate::subject::Subject;

/// Sessions that flood at the same time.
const FLOODS: u64 = 8;
/// As a container runtime sends it.
const FRAME_BYTES: &str = "32768";

/// The same floods through an execgate with one thread and one with two.
pub(super) fn workers(stage: &Stage, subject: Subject, total_bytes: u64) -> anyhow::Result<Vec<Figure>> {
    let [one, two] = [1, 2].map(|count| flood(stage, subject, count, total_bytes));
    let (one, two) = (one?, two?);
    let mut figures = Vec::new();
    for (count, cost) in [(1, &one), (2, &two)] {
        figures.push(Figure::new(Quantity::MegabytesPerSecondOfWorkers(count), cost.megabytes_per_second));
        let cpu = Quantity::CpuSecondsPerGigabyteOfWorkers(count);
        figures.push(Figure::new(cpu, cost.cpu_seconds_per_gigabyte));
    }
    let speed = two.megabytes_per_second / one.megabytes_per_second;
    let cpu = two.cpu_seconds_per_gigabyte / one.cpu_seconds_per_gigabyte;
    figures.extend([Figure::new(Quantity::SpeedOfTwo, speed), Figure::new(Quantity::CpuOfTwo, cpu)]);
    Ok(figures)
}

struct Cost {
    megabytes_per_second: f64,
    cpu_seconds_per_gigabyte: f64,
}

fn flood(stage: &Stage, subject: Subject, workers: usize, total_bytes: u64) -> anyhow::Result<Cost> {
    let gate = Gate::start(subject.route.upstream(&stage.stub), Workers::Exactly(workers))?;
    let proxy = Proxy::execgate(gate, subject.route);
    let each = total_bytes / FLOODS;
    let cpu = proxy.cpu()?.unwrap_or_default();
    let start = Instant::now();
    thread::scope(|scope| {
        let floods: Vec<_> = (0..FLOODS).map(|_| scope.spawn(|| receive(&proxy, subject, each))).collect();
        floods.into_iter().try_for_each(|flood| flood.join().expect("the load does not panic"))
    })?;
    let elapsed = start.elapsed().as_secs_f64();
    let spent = proxy.cpu()?.unwrap_or_default().saturating_sub(cpu).as_secs_f64();
    let gigabytes = (each * FLOODS) as f64 / 1e9;
    Ok(Cost { megabytes_per_second: gigabytes * 1e3 / elapsed, cpu_seconds_per_gigabyte: spent / gigabytes })
}

fn receive(proxy: &Proxy, subject: Subject, bytes: u64) -> anyhow::Result<()> {
    let command = ["execgate-flood", FRAME_BYTES, &bytes.to_string()];
    let received = proxy.open(subject.asked, &command)?.receive_all()?;
    ensure!(received.bytes == bytes, "{} of {bytes} bytes arrived", received.bytes);
    Ok(())
}
