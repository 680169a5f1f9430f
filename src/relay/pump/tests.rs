//! Sessions over real sockets: two loopback connections, a scripted page, a scripted API server.

use std::future::poll_fn;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use rustls::pki_types::{PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore, ServerConfig, crypto::aws_lc_rs};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy, sink};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_rustls::{TlsAcceptor, TlsConnector, client};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::Role;
use tokio_util::sync::CancellationToken;

use super::let_others_go_first;
use crate::net::Transport;
use crate::protocol::bridge::{Audience, EndedBy};
use crate::protocol::{Pairing, Subprotocol};
use crate::relay::leg::LegIo;
use crate::relay::{BlockPool, Connection, Outcome, Session, Settings, run};
use crate::target::Streams;

const TERMINAL: Streams = Streams { stdin: true, stdout: true, stderr: false, tty: true };
const SUCCESS: &[u8] = b"\x03{\"metadata\":{},\"status\":\"Success\"}";

/// Two ends of a TCP connection; the kernel keeps little for either, so that a slow reader is felt at once.
async fn tcp() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    socket2::SockRef::from(&listener).set_recv_buffer_size(16 * 1024).unwrap();
    socket2::SockRef::from(&listener).set_send_buffer_size(16 * 1024).unwrap();
    let dialled = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    socket2::SockRef::from(&dialled).set_recv_buffer_size(16 * 1024).unwrap();
    (listener.accept().await.unwrap().0, dialled)
}

/// The same through TLS: our end, and the client's.
async fn tls() -> (Transport, client::TlsStream<TcpStream>) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(made.cert.der().clone()).unwrap();
    let provider = Arc::new(aws_lc_rs::default_provider());
    let server = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    let client = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let (ours, theirs) = tcp().await;
    let name = ServerName::try_from("localhost").unwrap();
    let (ours, theirs) = tokio::join!(
        TlsAcceptor::from(Arc::new(server)).accept(ours),
        TlsConnector::from(Arc::new(client)).connect(name, theirs)
    );
    (Transport::ServerTls(Box::new(ours.unwrap())), theirs.unwrap())
}

#[tokio::test]
async fn what_came_behind_a_head_does_not_keep_the_memory_that_the_head_was_read_into() {
    let (ours, _theirs) = tcp().await;
    let read = Bytes::from(vec![b'h'; 8 * 1024]);
    let early = read.slice(read.len() - 3..);
    let leg = LegIo::new(Connection { transport: Transport::Plain(ours), early });
    assert!(read.is_unique(), "{leg:?}");
}

#[tokio::test]
async fn a_flood_lets_others_go_first() {
    let (mut ours, theirs) = tcp().await;
    // The runtime learns that nothing is there to be read: only a look at the socket tells it otherwise.
    assert!(ours.try_read(&mut [0]).is_err());
    let turns = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&turns);
    let flood = tokio::spawn(poll_fn(move |context| -> Poll<()> {
        counter.fetch_add(1, Ordering::Relaxed);
        let_others_go_first(context);
        Poll::Pending
    }));
    theirs.writable().await.unwrap();
    assert_eq!(theirs.try_write(b"k").unwrap(), 1);
    let before = turns.load(Ordering::Relaxed);
    assert_eq!(ours.read_u8().await.unwrap(), b'k');
    let turns = turns.load(Ordering::Relaxed) - before;
    assert!((1..=3).contains(&turns), "{turns} turns before one who had something to read");
    flood.abort();
}

/// What came with each head.
#[derive(Default)]
struct Early {
    downstream: Bytes,
    upstream: Bytes,
}

/// Starts a session on `downstream`; gives the API server's end too.
async fn start(
    downstream: Transport,
    early: Early,
    drain: &CancellationToken,
) -> (JoinHandle<Outcome>, TcpStream) {
    let (ours, theirs) = tcp().await;
    let session = Session {
        downstream: Connection { transport: downstream, early: early.downstream },
        upstream: Connection { transport: Transport::Plain(ours), early: early.upstream },
        pairing: Pairing { downstream: Subprotocol::V4.into(), upstream: Subprotocol::V4 },
        size: None,
        on_disconnect: None,
        streams: TERMINAL,
        audience: Audience::Program,
        finds_shell: false,
    };
    let drain = drain.clone();
    let relay =
        tokio::spawn(async move { run(session, &Settings::default(), &BlockPool::default(), &drain).await });
    (relay, theirs)
}

/// A session between a WebSocket client and a WebSocket server.
async fn session() -> (JoinHandle<Outcome>, WebSocketStream<TcpStream>, WebSocketStream<TcpStream>) {
    let (ours, page) = tcp().await;
    let (relay, cluster) = start(Transport::Plain(ours), Early::default(), &CancellationToken::new()).await;
    let page = WebSocketStream::from_raw_socket(page, Role::Client, None).await;
    let cluster = WebSocketStream::from_raw_socket(cluster, Role::Server, None).await;
    (relay, page, cluster)
}

fn pattern(len: usize) -> Vec<u8> {
    (0..len).map(|at| u8::try_from((at / 251 + at) % 256).unwrap()).collect()
}

fn on(channel: u8, data: &[u8]) -> Message {
    Message::binary([&[channel], data].concat())
}

#[tokio::test]
async fn output_reaches_a_slow_page_whole_then_the_status_the_close_and_the_end() {
    let (relay, mut page, mut cluster) = session().await;
    let sent = pattern(4 << 20);
    let writer = {
        let sent = sent.clone();
        tokio::spawn(async move {
            for piece in sent.chunks(32 * 1024) {
                cluster.send(on(1, piece)).await.unwrap();
            }
            cluster.send(Message::binary(SUCCESS)).await.unwrap();
            // As servers do: the close frame and the end of the connection at once.
            drop(cluster.close(None).await);
        })
    };
    let (mut output, mut status, mut code) = (Vec::new(), None, None);
    while let Some(Ok(message)) = page.next().await {
        tokio::task::yield_now().await;
        match message {
            Message::Binary(bytes) if bytes[0] == 1 => output.extend_from_slice(&bytes[1..]),
            Message::Binary(bytes) => status = Some(bytes),
            Message::Close(frame) => code = frame.map(|frame| u16::from(frame.code)),
            other => panic!("{other:?}"),
        }
    }
    assert!(output == sent, "{} of {} bytes", output.len(), sent.len());
    assert_eq!((status.as_deref(), code), (Some(SUCCESS), Some(1000)));
    drop(page);
    let outcome = relay.await.unwrap();
    assert_eq!(
        (outcome.summary.ended_by, outcome.summary.output_bytes),
        (EndedBy::Command, sent.len() as u64)
    );
    writer.await.unwrap();
}

#[tokio::test]
async fn input_reaches_a_slow_pod_whole_before_our_close() {
    let (relay, mut page, mut cluster) = session().await;
    let sent = pattern(2 << 20);
    let writer = {
        let sent = sent.clone();
        tokio::spawn(async move {
            page.send(on(0, &sent)).await.unwrap();
            page.close(None).await.unwrap();
            while page.next().await.is_some_and(|message| message.is_ok()) {}
        })
    };
    let mut input = Vec::new();
    while let Some(Ok(Message::Binary(bytes))) = cluster.next().await {
        tokio::task::yield_now().await;
        assert_eq!(bytes[0], 0);
        input.extend_from_slice(&bytes[1..]);
    }
    assert!(input == sent, "{} of {} bytes", input.len(), sent.len());
    drop(cluster);
    writer.await.unwrap();
    assert_eq!(relay.await.unwrap().summary.ended_by, EndedBy::Client);
}

#[tokio::test]
async fn a_drain_wakes_an_idle_session() {
    let (ours, page) = tcp().await;
    let drain = CancellationToken::new();
    let (relay, cluster) = start(Transport::Plain(ours), Early::default(), &drain).await;
    tokio::task::yield_now().await;
    drain.cancel();
    let mut page = WebSocketStream::from_raw_socket(page, Role::Client, None).await;
    let mut last = None;
    while let Some(Ok(message)) = page.next().await {
        last = Some(message);
    }
    assert!(matches!(last, Some(Message::Close(Some(frame))) if u16::from(frame.code) == 1001));
    drop((page, cluster));
    assert_eq!(relay.await.unwrap().summary.ended_by, EndedBy::Drain);
}

#[tokio::test]
async fn what_came_with_either_head_is_relayed_first() {
    let (ours, mut page) = tcp().await;
    let early = Early {
        downstream: Bytes::from_static(&[0x82, 0x82, 0, 0, 0, 0, 0, b'a', 0x82, 0x82, 0, 0]),
        upstream: Bytes::from_static(&[0x82, 2, 1, b'A', 0x82]),
    };
    let (relay, mut cluster) = start(Transport::Plain(ours), early, &CancellationToken::new()).await;
    // The rest of the frames that the heads' reads cut.
    page.write_all(&[0, 0, 0, b'b']).await.unwrap();
    cluster.write_all(&[2, 1, b'B']).await.unwrap();
    let mut output = Vec::<u8>::new();
    while output.iter().filter(|byte| byte.is_ascii_uppercase()).count() < 2 {
        assert!(page.read_buf(&mut output).await.unwrap() > 0);
    }
    cluster.shutdown().await.unwrap();
    let cluster = WebSocketStream::from_raw_socket(cluster, Role::Server, None).await;
    drop(page);
    let input: Vec<u8> = cluster
        .filter_map(|message| async { message.ok().filter(Message::is_binary) })
        .flat_map(|message| futures_util::stream::iter(message.into_data().to_vec()))
        .filter(|byte| std::future::ready(byte.is_ascii_lowercase()))
        .collect()
        .await;
    assert_eq!(input, b"ab");
    relay.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_tls_client_that_reads_nothing_does_not_keep_an_ended_session() {
    // Enough to fill both kernels, not enough to fill TLS's own buffer too: the outbox runs empty, the shutdown never gets through.
    for kilobytes in [24, 48, 72, 96, 120] {
        let (downstream, page) = tls().await;
        let (relay, cluster) = start(downstream, Early::default(), &CancellationToken::new()).await;
        let mut cluster = WebSocketStream::from_raw_socket(cluster, Role::Server, None).await;
        for _ in 0..kilobytes {
            cluster.send(on(1, &[b'x'; 1023])).await.unwrap();
        }
        cluster.send(Message::binary(SUCCESS)).await.unwrap();
        let outcome = timeout(Duration::from_hours(1), relay).await;
        assert!(outcome.is_ok(), "{kilobytes} KiB: the session outlived its command by an hour");
        drop(page);
    }
}

#[tokio::test(start_paused = true)]
async fn a_tls_client_reads_the_last_byte_and_an_orderly_end() {
    let (downstream, mut page) = tls().await;
    let (relay, cluster) = start(downstream, Early::default(), &CancellationToken::new()).await;
    let mut cluster = WebSocketStream::from_raw_socket(cluster, Role::Server, None).await;
    cluster.send(on(1, b"bye")).await.unwrap();
    cluster.send(Message::binary(SUCCESS)).await.unwrap();
    drop(cluster);
    // An end without close_notify would be an error.
    let mut all = Vec::new();
    page.read_to_end(&mut all).await.unwrap();
    assert!(all.ends_with(b"exit code 0"), "{all:x?}");
    page.shutdown().await.unwrap();
    copy(&mut page, &mut sink()).await.unwrap();
    relay.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_page_on_a_slow_line_that_reads_steadily_gets_everything() {
    // Big kernel buffers, as a line with a high bandwidth-delay product has: the outbox is empty at once.
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let mut page = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    let ours = listener.accept().await.unwrap().0;
    let (relay, cluster) = start(Transport::Plain(ours), Early::default(), &CancellationToken::new()).await;
    let mut cluster = WebSocketStream::from_raw_socket(cluster, Role::Server, None).await;
    let feeder = tokio::spawn(async move {
        for _ in 0..64 {
            cluster.send(on(1, &vec![b'x'; 32 * 1024])).await.unwrap();
        }
        while cluster.next().await.is_some_and(|m| m.is_ok()) {}
    });
    let (mut seen, mut buffer) = (0, vec![0; 16 * 1024]);
    while seen < 2 << 20 {
        tokio::time::sleep(Duration::from_secs(1)).await;
        seen += page.read(&mut buffer).await.unwrap();
        assert!(
            !relay.is_finished(),
            "ended as {:?} after {seen} bytes",
            relay.await.unwrap().summary.ended_by
        );
    }
    feeder.abort();
}
