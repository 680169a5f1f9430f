//! Not a byte lost at the end: a client that lets its output wait and speaks meanwhile gets all of it, and the exit code.
//! `cargo bench --bench endings` measures the same beside other ways to a cluster.

use futures_util::future::join_all;

use crate::support::ask::{Ask, PIPES, Serves};
use crate::support::gate::Gate;
use crate::support::node::alpha;
use crate::support::setup::Setup;
use crate::support::slow_reader::{Clock, Reading, Speech, read_slowly};

const OFFERS: [&str; 3] = ["v4.channel.k8s.io", "v5.channel.k8s.io", "base64.channel.k8s.io"];
const ZEROS: usize = 4_000_000;
/// So often each client says each thing: eighty-four times in all.
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

#[tokio::test]
async fn a_slow_client_of_a_gate_gets_everything_whatever_it_says() {
    let gate = Gate::start(Setup::new().node(alpha())).await;
    for run in 0..RUNS {
        for speech in Speech::ALL {
            let readings = join_all(OFFERS.map(|offer| reading(&gate, offer, speech))).await;
            for (offer, reading) in OFFERS.iter().zip(readings) {
                assert!(reading.is_whole(ZEROS), "{offer} {speech:?} run {run}: {reading:?}");
            }
        }
    }
}
