//! SIGTERM and Ctrl-C: nobody new, time for those who are there, a word to those who stay, and exit code 0.

use std::{net::TcpStream, time::Instant};

use super::{
    house::{ALICE, House},
    process::{Execgate, Signal},
    servers,
    wire::{self, BASE64, Socket, UPGRADE, V4, bearer, exec},
};

/// A gate with a session each for a program and for a page.
fn with_sessions(drain_timeout: &str) -> (House, Execgate, std::net::SocketAddr, [Socket; 2]) {
    let house = House::before(&format!("http://{}", servers::quiet()));
    let sessions = format!("defaultCluster: prod\nsessions: {{drainTimeout: {drain_timeout}}}\n");
    house.change("defaultCluster: prod\n", &sessions);
    let (mut gate, address) = house.serve();
    let line = exec("prod", "web-0", "command=sh&stdin=1&stdout=1&tty=1");
    let origin = format!("Origin: http://{address}");
    let alice = bearer(ALICE);
    let program = wire::open(address, &[&line, &alice, UPGRADE, V4]);
    let page = wire::open(address, &[&line, &alice, UPGRADE, BASE64, &origin]);
    for _ in ["program", "page"] {
        gate.logged("session opened");
    }
    (house, gate, address, [program, page])
}

#[test]
fn those_who_stay_beyond_the_drain_timeout_are_told_1001_and_the_process_exits_with_0() {
    for signal in [Signal::Terminate, Signal::Interrupt] {
        let (_house, mut gate, address, sessions) = with_sessions("300ms");
        let told = Instant::now();
        gate.signal(signal);
        let logged = gate.logged("accepting no more");
        assert_eq!(logged["sessions"], 2);
        assert!(TcpStream::connect(address).is_err(), "nobody new is let in");
        for session in sessions {
            let (_, close) = session.rest();
            assert_eq!(close, Some((1001, "the gateway is shutting down; connect again".to_owned())));
        }
        assert!(told.elapsed().as_millis() >= 300, "they had their time");
        let ended = gate.end();
        assert_eq!(ended.code, Some(0));
        assert!(ended.stderr.trim_end().lines().last().unwrap().contains("\"stopped\""));
    }
}

#[test]
fn sessions_go_on_until_then_and_the_process_ends_with_the_last_one() {
    let (_house, mut gate, _, [mut program, mut page]) = with_sessions("1h");
    gate.signal(Signal::Terminate);
    gate.logged("accepting no more");
    program.send(b"still here");
    page.send_base64(b"still here");
    for mut session in [program, page] {
        session.send_close(1000);
        session.rest();
        assert_eq!(gate.logged("session closed")["ended.by"], "client");
    }
    assert_eq!(gate.end().code, Some(0));
}

#[test]
fn a_second_signal_ends_the_waiting() {
    let (_house, mut gate, _, sessions) = with_sessions("1h");
    gate.signal(Signal::Interrupt);
    gate.logged("accepting no more");
    gate.signal(Signal::Interrupt);
    for session in sessions {
        assert_eq!(session.rest().1.map(|(code, _)| code), Some(1001));
    }
    assert_eq!(gate.end().code, Some(0));
}

#[test]
fn a_connection_that_asks_nothing_keeps_nobody_waiting() {
    let (mut gate, address) = House::alone().serve();
    let idle = wire::connect(address);
    let reply = wire::ask(address, &["GET /"]);
    assert_eq!(reply.code, 404);
    gate.signal(Signal::Terminate);
    gate.logged("accepting no more");
    gate.logged("stopped");
    assert_eq!(gate.end().code, Some(0));
    drop(idle);
}
