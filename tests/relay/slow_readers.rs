//! A client that lets its output wait loses none of it, whatever it says meanwhile.

use crate::support::api_server::ApiServer;
use crate::support::ask::{Ask, PIPES, Serves, TTY};
use crate::support::clusters::{cluster, cluster_over_tls};
use crate::support::gate::Gate;
use crate::support::process::Process;
use crate::support::session::Session;
use crate::support::setup::Setup;
use crate::support::slow_reader::{Clock, Reading, Speech, burst, read_slowly};
use crate::support::wire::{Frame, Wire};

/// What a client offers, and how much output is more than the kernels between the gate and it take.
const CLIENTS: [(&str, usize); 2] = [("v4.channel.k8s.io", 6_000_000), ("base64.channel.k8s.io", 5_000_000)];
const V4: &str = CLIENTS[0].0;
/// So often each client says each thing: eighty times in all.
const RUNS: usize = 5;

async fn reading(server: &impl Serves, (offer, zeros): (&str, usize), speech: Speech) -> Reading {
    let cat = Ask::exec(server, &format!("command=cat&{PIPES}")).offer(offer).open().await;
    let script = burst(zeros);
    let ask = match speech {
        Speech::Sizes | Speech::Everything => Ask::on_terminal(server, &script),
        Speech::Nothing | Speech::Pings | Speech::Keys => Ask::script(server, &script),
    };
    let mut session = ask.offer(offer).open_narrowly().await;
    read_slowly(&mut session, speech, &mut Clock::Echo(Box::new(cat))).await
}

async fn assert_all_whole(gate: &Gate) {
    for run in 0..RUNS {
        for speech in [Speech::Pings, Speech::Sizes, Speech::Keys, Speech::Everything] {
            for client in CLIENTS {
                let reading = reading(gate, client, speech).await;
                assert!(reading.is_whole(client.1), "{client:?} {speech:?} run {run}: {reading:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_client_that_reads_slowly_and_speaks_gets_all_output_and_the_exit_code() {
    let cluster = cluster().await;
    assert_all_whole(&Gate::before(&cluster).await).await;
}

#[tokio::test]
async fn a_client_over_tls_that_reads_slowly_and_speaks_gets_all_output_and_the_exit_code() {
    let cluster = cluster_over_tls("alpha").await;
    assert_all_whole(&Gate::start(Setup::new().cluster(&cluster).tls()).await).await;
}

/// The scenario is what it is meant to be: without reading ahead it is cut.
#[tokio::test]
async fn where_nothing_is_read_ahead_a_key_costs_the_end_of_the_output_and_that_is_told() {
    let cluster = cluster().await;
    let setup = Setup::new().cluster(&cluster).sessions("{readAhead: 0, readAheadTotal: 0}");
    let gate = Gate::start(setup).await;
    for client in CLIENTS {
        let mut cut = 0;
        for _ in 0..RUNS {
            let reading = reading(&gate, client, Speech::Keys).await;
            let is_cut = reading.is_cut_and_told(client.1);
            assert!(is_cut || reading.is_whole(client.1), "{client:?}: {reading:?}");
            cut += usize::from(is_cut);
        }
        assert!(cut > 0, "{client:?}: {RUNS} runs are whole");
    }
}

/// A client that reads nothing, and a server that has said `output` before it heard the client's key.
async fn read_ahead(gate: &Gate, server: &ApiServer, offer: &str, output: &[u8]) -> (Session, Wire) {
    let ask = Ask::exec(gate, &format!("command=x&{TTY}")).offer(offer);
    let (mut session, mut upstream) = tokio::join!(ask.open_narrowly(), server.accept(V4));
    let (first, second) = output.split_at(output.len() / 2);
    upstream.frame(0x82, &[&[1], first].concat()).await;
    upstream.frame(0x82, &[&[1], second].concat()).await;
    until_nothing_moves(gate, server).await;
    session.type_in("k").await;
    assert_eq!(upstream.next().await, Some(Frame { first: 0x82, payload: b"\0k".to_vec() }));
    (session, upstream)
}

/// Many round trips of another session: whatever the first one can relay it has relayed by then.
async fn until_nothing_moves(gate: &Gate, server: &ApiServer) {
    let ask = Ask::exec(gate, &format!("command=x&{TTY}")).offer(V4);
    let (mut session, mut upstream) = tokio::join!(ask.open(), server.accept(V4));
    for _ in 0..200 {
        session.type_in("?").await;
        upstream.next().await.unwrap();
        upstream.frame(0x82, b"\x01!").await;
        session.until("!").await;
    }
}

#[tokio::test]
async fn a_server_that_resets_is_told_behind_all_that_was_read_ahead() {
    let server = ApiServer::start().await;
    let gate = Gate::start(Setup::new().plain("alpha", server.address())).await;
    for (offer, zeros) in CLIENTS {
        let (mut session, upstream) = read_ahead(&gate, &server, offer, &vec![0; zeros]).await;
        upstream.reset();
        let transcript = session.transcript().await;
        assert_eq!(transcript.stdout.len(), zeros, "{offer}");
        let (code, reason) = transcript.close();
        assert_eq!(reason, "the connection to the cluster broke; connect again");
        if offer == V4 {
            assert_eq!((code, &transcript.status()["status"]), (1000, &"Failure".into()));
        } else {
            assert_eq!((code, transcript.statuses.concat().as_str()), (1011, reason));
        }
    }
}

#[tokio::test]
async fn ctrl_c_reaches_every_flood_that_nobody_reads_in_the_memory_that_all_of_them_may_take() {
    const SESSIONS: usize = 12;
    const ALL_MIB: u64 = 4;
    let cluster = cluster().await;
    let sessions = format!("{{readAhead: {ALL_MIB}Mi, readAheadTotal: {ALL_MIB}Mi}}");
    let gate = Process::start(Setup::new().cluster(&cluster).sessions(&sessions), "info").await;
    let idle_kib = gate.resident_kib();
    let flood = "trap 'touch heard-$$; exit' INT; echo ready; while :; do head -c 100000 /dev/zero; done";
    let mut floods = Vec::new();
    for _ in 0..SESSIONS {
        let mut flood = Ask::on_terminal(&gate, flood).offer(CLIENTS[1].0).open_narrowly().await;
        assert_eq!(flood.heard().await, (1, Vec::new()));
        flood.heard().await;
        floods.push(flood);
    }
    for flood in &mut floods {
        flood.type_in("\x03").await;
    }
    let count = "until [ $(ls | grep -c heard-) -eq 12 ]; do sleep 0.02; done";
    let transcript = Ask::script(&gate, count).offer(V4).open().await.transcript().await;
    assert_eq!(transcript.close(), (1000, "exit code 0"));
    // Beside what was read ahead, each holds a block, and what it has read and not relayed yet.
    let room_kib = ALL_MIB * 1024 + SESSIONS as u64 * 2 * 104 + 4096;
    let grown = gate.resident_kib() - idle_kib;
    assert!(grown <= room_kib, "{grown} KiB for {SESSIONS} floods");
}
