//! How long a key press takes to the command and back.

use std::time::{Duration, Instant};

use anyhow::ensure;
use execgate::protocol::Coding;

use crate::report::{Figure, Quantity};
use crate::rig::client::Client;
use crate::rig::messages::{Message, close_frame, stdin_frame};
use crate::stage::Stage;
use crate::subject::Subject;

/// Round trips of one subject before the next one has its turn: what else the machine does is to hit all of them.
const BATCH: usize = 100;

/// A session of one subject, and what was measured on it.
struct Run {
    subject: Subject,
    client: Client,
    times: Vec<Duration>,
    cpu: Option<Duration>,
}

/// One byte there and back, `round_trips` times for each subject, each key when the last one has come back.
pub(super) fn echo(
    stage: &Stage,
    subjects: &[Subject],
    round_trips: usize,
) -> anyhow::Result<Vec<(Subject, Vec<Figure>)>> {
    let mut runs = Vec::new();
    for subject in subjects {
        let proxy = stage.proxy(*subject);
        let client = proxy.open(subject.asked, &["execgate-echo"])?;
        let times = Vec::with_capacity(round_trips + BATCH);
        runs.push(Run { subject: *subject, client, times, cpu: proxy.cpu()? });
    }
    for _ in 0..round_trips.div_ceil(BATCH) {
        for run in &mut runs {
            for _ in 0..BATCH {
                run.times.push(round_trip(&mut run.client)?);
            }
        }
    }
    runs.into_iter().map(|run| Ok((run.subject, run.figures(stage)?))).collect()
}

impl Run {
    fn figures(mut self, stage: &Stage) -> anyhow::Result<Vec<Figure>> {
        let cpu = stage.proxy(self.subject).cpu()?;
        self.client.send(&close_frame())?;
        let round_trips = self.times.len() as f64;
        let [p50, p99] = [50, 99].map(|percent| micros(percentile(&mut self.times, percent)));
        let mut figures = vec![Figure::new(Quantity::MicrosP50, p50), Figure::new(Quantity::MicrosP99, p99)];
        if let (Some(before), Some(after)) = (self.cpu, cpu) {
            let spent = micros(after.saturating_sub(before));
            figures.push(Figure::new(Quantity::CpuMicrosPerRoundTrip, spent / round_trips));
        }
        Ok(figures)
    }
}

/// A key to the command and back.
pub(super) fn round_trip(client: &mut Client) -> anyhow::Result<Duration> {
    let key_press = stdin_frame(Coding::Base64, b"k");
    let start = Instant::now();
    client.send(&key_press)?;
    let answer = client.receive()?;
    let elapsed = start.elapsed();
    let came = answer == Message::Data { bytes: 1 } && client.receiver.data()? == b"k";
    ensure!(came, "a key was echoed as {answer:?}");
    Ok(elapsed)
}

/// What so many in a hundred are not over.
pub(super) fn percentile(times: &mut [Duration], percent: usize) -> Duration {
    times.sort_unstable();
    times[(times.len() - 1) * percent / 100]
}

pub(super) fn micros(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e6
}
