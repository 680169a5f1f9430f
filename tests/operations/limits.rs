//! What one client may cost: the size and the time of a request's head, and the number of sessions.

use std::{
    io::{ErrorKind, Read as _, Write as _},
    net::SocketAddr,
    time::Duration,
};

use execgate::{
    app::{App, Signals},
    config,
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use super::{
    house::{ALICE, House},
    servers,
    wire::{self, UPGRADE, V4, bearer, exec},
};

const KIB: usize = 1024;

#[test]
fn a_head_of_more_than_32_kib_is_refused_and_one_just_below_is_not() {
    let (_gate, address) = House::alone().serve();
    let ask = |length: usize| {
        let line = exec("prod", "web-0", "command=sh&stdout=1");
        let rest = wire::head(address, &[&line, "X-Fill: "]).len();
        let fill = format!("X-Fill: {}", "x".repeat(length - rest));
        wire::ask(address, &[&line, &fill]).code
    };
    assert_eq!(ask(32 * KIB), 401);
    assert_eq!(ask(33 * KIB), 431);
}

#[test]
fn a_command_of_30_kib_fits() {
    let house = House::before(&format!("http://{}", servers::quiet()));
    let (_gate, address) = house.serve();
    let command = "x".repeat(30 * KIB);
    let line = exec("prod", "web-0", &format!("command=sh&command=-c&command={command}&stdout=1"));
    wire::open(address, &[&line, &bearer(ALICE), UPGRADE, V4]);
}

#[test]
fn a_head_that_never_ends_is_cut_off() {
    let (_gate, address) = House::alone().serve();
    let mut tcp = wire::connect(address);
    let block = [b"GET / HTTP/1.1\r\nX-Fill: ".as_slice(), &vec![b'x'; 64 * KIB]].concat();
    // The gate answers and closes after the first 32 KiB, whatever else is still to come.
    while tcp.write_all(&block).is_ok() {}
    let mut answer = Vec::new();
    let _ = tcp.read_to_end(&mut answer);
    assert!(answer.is_empty() || answer.starts_with(b"HTTP/1.1 431 "), "{answer:?}");
}

/// In this process, because only here time can pass without waiting for it.
#[tokio::test]
async fn a_head_that_does_not_come_is_waited_for_10_seconds() {
    let house = House::alone();
    let app = App::build(config::load(&house.path("config.yaml")).unwrap()).await.unwrap();
    let address = app.addresses()[0];
    let signals = Signals::default();
    let running = tokio::spawn(app.run(signals.clone()));
    let begun = ["", "GET / HTTP/1.1\r\nHost: gate\r\n", "GET / HTTP/1.1\r\nHost: gate\r\n\r\n"];
    let mut connections = Vec::new();
    for begun in begun {
        let mut tcp = TcpStream::connect(address).await.unwrap();
        tcp.write_all(begun.as_bytes()).await.unwrap();
        connections.push(tcp);
    }
    // Connections are accepted in order: once the last one is answered, the gate waits on all three.
    assert_ne!(connections[2].read(&mut [0; 4096]).await.unwrap(), 0);
    let clock = StoppedClock::new();
    tokio::time::advance(Duration::from_secs(9)).await;
    for tcp in &connections {
        assert!(tcp.try_read(&mut [0; 1]).is_err_and(|error| error.kind() == ErrorKind::WouldBlock));
    }
    tokio::time::advance(Duration::from_secs(2)).await;
    for tcp in &mut connections {
        assert_eq!(tcp.read(&mut [0; 1]).await.unwrap(), 0);
    }
    drop(clock);
    signals.drain.cancel();
    running.await.unwrap();
}

/// Tokio's clock stands still but for what a test adds to it: while something blocks, it does not run ahead by itself.
struct StoppedClock {
    _holds: std::sync::mpsc::Sender<()>,
}

impl StoppedClock {
    fn new() -> Self {
        let (holds, held) = std::sync::mpsc::channel();
        tokio::task::spawn_blocking(move || held.recv());
        tokio::time::pause();
        Self { _holds: holds }
    }
}

#[test]
fn one_session_more_than_the_limit_is_told_to_come_back_and_let_in_once_there_is_room() {
    let house = House::before(&format!("http://{}", servers::quiet()));
    house.change("defaultCluster: prod\n", "defaultCluster: prod\nsessions: {max: 1}\n");
    let (mut gate, address) = house.serve();
    let mut first = knock(address).expect("room for one");

    let refused = knock(address).err().expect("no room for two");
    let words = "all places for sessions are taken (1); try again in a few seconds";
    assert_eq!(refused.status(), (503, words.to_owned()));
    assert_eq!(refused.header("retry-after"), Some("5"));
    let line = exec("prod", "web-0", "command=sh&stdout=1&tty=1");
    let (page, code, _) = wire::ask_as_page(address, &[&line, &bearer(ALICE)]);
    assert_eq!((page, code), (format!("execgate: {words}\r\n"), 1013));
    // A stranger is not told how busy the gate is.
    assert_eq!(wire::ask(address, &[&line, UPGRADE, V4]).code, 401);

    first.send_close(1000);
    first.rest();
    gate.logged("session closed");
    // The line is written just before the place is given back.
    while knock(address).is_err() {}
}

fn knock(address: SocketAddr) -> Result<wire::Socket, wire::Reply> {
    let line = exec("prod", "web-0", "command=sh&stdin=1&stdout=1&tty=1");
    wire::try_open(address, &[&line, &bearer(ALICE), UPGRADE, V4])
}
