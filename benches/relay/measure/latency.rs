//! How long a key press takes to the command and back.

use std::time::{Duration, Instant};

use anyhow::ensure;
use execgate::protocol::Coding;

use crate::report::{Figure, Quantity};
use crate::rig::messages::{Message, stdin_frame};
use crate::subject::Subject;

/// One byte there and back, `round_trips` times.
pub(super) fn echo(subject: &Subject, round_trips: usize) -> anyhow::Result<Vec<Figure>> {
    let mut client = subject.open(&["execgate-echo"])?;
    let key_press = stdin_frame(Coding::Base64, b"k");
    let mut times = Vec::with_capacity(round_trips);
    let cpu = subject.cpu()?;
    for _ in 0..round_trips {
        let start = Instant::now();
        client.send(&key_press)?;
        let answer = client.receive()?;
        times.push(start.elapsed());
        ensure!(
            answer == Message::Data { bytes: 1 } && client.receiver.data()? == b"k",
            "{} echoed {answer:?}",
            subject.name
        );
    }
    times.sort_unstable();
    let at = |percent: usize| micros(times[(times.len() - 1) * percent / 100]);
    let mut figures =
        vec![Figure::new(Quantity::MicrosP50, at(50)), Figure::new(Quantity::MicrosP99, at(99))];
    if let (Some(before), Some(after)) = (cpu, subject.cpu()?) {
        let spent = after.saturating_sub(before);
        figures.push(Figure::new(Quantity::CpuMicrosPerRoundTrip, micros(spent) / round_trips as f64));
    }
    Ok(figures)
}

fn micros(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e6
}
