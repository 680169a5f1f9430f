//! A client that lets its output wait loses none of it, whatever it says meanwhile.

use crate::support::ask::{Ask, PIPES, Serves};
use crate::support::clusters::{cluster, cluster_over_tls};
use crate::support::gate::Gate;
use crate::support::setup::Setup;
use crate::support::slow_reader::{Clock, Reading, Speech, burst, read_slowly};

const V4: &str = "v4.channel.k8s.io";
const BASE64: &str = "base64.channel.k8s.io";
/// More than what the kernels between the gate and a client take of it.
const ZEROS: usize = 8_000_000;
/// So often each client tries: eighty times in all.
const RUNS: usize = 5;

async fn reading(server: &impl Serves, offer: &str, speech: Speech) -> Reading {
    let cat = Ask::exec(server, &format!("command=cat&{PIPES}")).offer(V4).open().await;
    let ask = match speech {
        Speech::Sizes | Speech::Everything => Ask::on_terminal(server, &burst(ZEROS)),
        Speech::Nothing | Speech::Pings | Speech::Keys => Ask::script(server, &burst(ZEROS)),
    };
    let mut session = ask.offer(offer).open_narrowly().await;
    read_slowly(&mut session, speech, &mut Clock::Echo(Box::new(cat))).await
}

async fn assert_all_whole(gate: &Gate, offer: &str) {
    for speech in [Speech::Pings, Speech::Sizes, Speech::Keys, Speech::Everything] {
        for run in 0..RUNS {
            let reading = reading(gate, offer, speech).await;
            assert!(reading.is_whole(ZEROS), "{offer} {speech:?} run {run}: {reading:?}");
        }
    }
}

#[tokio::test]
async fn a_program_that_reads_slowly_and_speaks_gets_all_output_and_the_exit_code() {
    let cluster = cluster().await;
    assert_all_whole(&Gate::before(&cluster).await, V4).await;
}

#[tokio::test]
async fn a_page_that_reads_slowly_and_speaks_gets_all_output_and_the_exit_code() {
    let cluster = cluster().await;
    assert_all_whole(&Gate::before(&cluster).await, BASE64).await;
}

#[tokio::test]
async fn a_program_over_tls_that_reads_slowly_and_speaks_gets_all_output_and_the_exit_code() {
    let cluster = cluster_over_tls("alpha").await;
    assert_all_whole(&Gate::start(Setup::new().cluster(&cluster).tls()).await, V4).await;
}

#[tokio::test]
async fn a_page_over_tls_that_reads_slowly_and_speaks_gets_all_output_and_the_exit_code() {
    let cluster = cluster_over_tls("alpha").await;
    assert_all_whole(&Gate::start(Setup::new().cluster(&cluster).tls()).await, BASE64).await;
}

/// The scenario is what it is meant to be: without reading ahead it is cut.
#[tokio::test]
async fn where_nothing_is_read_ahead_a_key_costs_the_end_of_the_output_and_that_is_told() {
    let cluster = cluster().await;
    let setup = Setup::new().cluster(&cluster).sessions("{readAhead: 0, readAheadTotal: 0}");
    let gate = Gate::start(setup).await;
    for offer in [V4, BASE64] {
        let reading = reading(&gate, offer, Speech::Keys).await;
        assert!(reading.is_cut_and_told(ZEROS), "{offer}: {reading:?}");
    }
}
