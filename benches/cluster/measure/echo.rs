//! How long a key press takes to the command and back.

use std::time::{Duration, Instant};

use anyhow::ensure;
use execgate::protocol::{Coding, Subprotocol};

use super::{PIPES, TERMINAL};
use crate::plan::Attached;
use crate::report::{Figure, Quantity};
use crate::rig::client::Client;
use crate::rig::messages::{Message, close_frame, stdin_frame};
use crate::route::Route;
use crate::stage::Stage;

/// Round trips on one route before the next one has its turn.
const BATCH: usize = 20;
/// Between two keys. People are slower still; what matters is that everything on the way sleeps when a key comes, as it does for them.
const PAUSE: Duration = Duration::from_millis(5);
/// What the command says when it is ready.
const READY: &[u8] = b"ready\n";

/// One byte there and back, `round_trips` times on each route, a batch of each in turn.
pub(super) fn echo(
    stage: &Stage,
    routes: &[Route],
    attached: Attached,
    round_trips: usize,
) -> anyhow::Result<Vec<(Route, Vec<Figure>)>> {
    let mut runs = Vec::new();
    for route in routes {
        runs.push((*route, open(stage, *route, attached)?, Vec::with_capacity(round_trips)));
    }
    while runs.iter().any(|(_, _, times)| times.len() < round_trips) {
        for (_, client, times) in &mut runs {
            for _ in 0..BATCH {
                std::thread::sleep(PAUSE);
                times.push(round_trip(client)?);
            }
        }
    }
    let mut figures = Vec::new();
    for (route, mut client, times) in runs {
        client.send(&close_frame())?;
        figures.push((route, percentiles(times)));
    }
    Ok(figures)
}

fn open(stage: &Stage, route: Route, attached: Attached) -> anyhow::Result<Client> {
    let (streams, script) = match attached {
        Attached::Terminal => (TERMINAL, "stty raw -echo; echo ready; exec cat"),
        Attached::Pipes => (PIPES, "echo ready; exec cat"),
    };
    let mut client = stage.open(route, Subprotocol::Base64Channel, streams, script)?;
    let mut said = Vec::new();
    while said.len() < READY.len() {
        let message = client.receive()?;
        ensure!(matches!(message, Message::Data { .. }), "{route} began with {message:?}");
        said.extend(client.receiver.data()?);
    }
    ensure!(said == READY, "{route} said {said:?}");
    Ok(client)
}

fn round_trip(client: &mut Client) -> anyhow::Result<Duration> {
    let key_press = stdin_frame(Coding::Base64, b"k");
    let start = Instant::now();
    client.send(&key_press)?;
    let answer = client.receive()?;
    let elapsed = start.elapsed();
    ensure!(answer == Message::Data { bytes: 1 } && client.receiver.data()? == b"k", "echoed {answer:?}");
    Ok(elapsed)
}

fn percentiles(mut times: Vec<Duration>) -> Vec<Figure> {
    times.sort_unstable();
    let at = |percent: usize| times[(times.len() - 1) * percent / 100].as_secs_f64() * 1e6;
    vec![Figure::new(Quantity::MicrosP50, at(50)), Figure::new(Quantity::MicrosP99, at(99))]
}
