//! The end of the output: a client that lets it wait and speaks meanwhile gets all of it, and the exit code, or is told.
//! `cargo bench --bench endings` measures the same beside other ways to a cluster.

use futures_util::future::join_all;

use crate::support::ask::{Ask, PIPES, Serves};
use crate::support::gate::Gate;
use crate::support::node::alpha;
use crate::support::setup::Setup;
use crate::support::slow_reader::{Clock, Reading, Speech, read_slowly};

const OFFERS: [&str; 3] = ["v4.channel.k8s.io", "v5.channel.k8s.io", "base64.channel.k8s.io"];
const ZEROS: usize = 4_000_000;
/// So often each client says each thing.
const RUNS: usize = 7;

async fn reading(server: &impl Serves, offer: &str, speech: Speech) -> Reading {
    let cat = Ask::exec(server, &format!("command=cat&{PIPES}")).offer(OFFERS[0]).open().await;
    let mut clock = Clock::Echo(Box::new(cat));
    let mut session = speech.ask(server, ZEROS).offer(offer).open().await;
    read_slowly(&mut session, speech, &mut clock).await
}

/// What the gate is for: the API server closes with unread input in its socket, and its kernel resets the connection. Whether a ping
/// stands there at that moment is a race, which the server may win now and then.
#[tokio::test]
async fn a_slow_client_that_pings_the_api_server_itself_is_cut() {
    for offer in OFFERS {
        let mut readings = Vec::new();
        while !readings.last().is_some_and(|last: &Reading| last.is_cut_and_told(ZEROS)) {
            assert!(readings.len() < RUNS, "{offer}: {readings:?}");
            readings.push(reading(alpha(), offer, Speech::Pings).await);
        }
    }
}

/// Of one offer and one kind of speech, through a gate: every run.
async fn readings(gate: &Gate, speech: Speech) -> [Vec<Reading>; OFFERS.len()] {
    let mut all = OFFERS.map(|_| Vec::new());
    for _ in 0..RUNS {
        let readings = join_all(OFFERS.map(|offer| reading(gate, offer, speech))).await;
        for (all, reading) in all.iter_mut().zip(readings) {
            all.push(reading);
        }
    }
    all
}

#[tokio::test]
async fn a_slow_client_of_a_gate_that_pings_gets_everything() {
    let gate = Gate::start(Setup::new().node(alpha())).await;
    for (offer, readings) in OFFERS.iter().zip(readings(&gate, Speech::Pings).await) {
        assert!(readings.iter().all(|reading| reading.is_whole(ZEROS)), "{offer}: {readings:?}");
    }
}

/// What is typed has to pass in the end, and on a machine that is busy enough the way stands still for longer than a gate holds it: in
/// one run of some 700, with twice as many busy processes as cores. Without a gate no run is whole.
#[tokio::test]
async fn a_slow_client_of_a_gate_that_types_gets_everything_or_is_told() {
    let gate = Gate::start(Setup::new().node(alpha())).await;
    for speech in [Speech::Sizes, Speech::Keys, Speech::Everything] {
        for (offer, readings) in OFFERS.iter().zip(readings(&gate, speech).await) {
            let (whole, cut): (Vec<_>, Vec<_>) =
                readings.into_iter().partition(|reading| reading.is_whole(ZEROS));
            assert!(cut.iter().all(|reading| reading.is_cut_and_told(ZEROS)), "{offer} {speech:?}: {cut:?}");
            assert!(whole.len() > cut.len(), "{offer} {speech:?}: {cut:?}");
        }
    }
}
