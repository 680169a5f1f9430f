//! What may stand where an API server should: each takes any number of connections and treats all of them alike. Threads end with
//! the test process.

use std::{
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc,
        mpsc::{Receiver, channel},
    },
    thread,
};

use rustls::{
    ServerConfig, ServerConnection,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use super::house::Certificate;

/// An address on which nobody listens.
pub(crate) fn nobody() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

/// Accepts, reads and says nothing.
pub(crate) fn silent() -> SocketAddr {
    each(|mut tcp| while tcp.read(&mut [0; 1024]).is_ok_and(|count| count > 0) {})
}

/// Reads requests and answers none; the receiver hears of each.
pub(crate) fn pondering() -> (SocketAddr, Receiver<()>) {
    let (sender, asked) = channel();
    let address = each(move |mut tcp| {
        if read_head(&mut tcp).is_some() && sender.send(()).is_ok() {
            let _ = tcp.read(&mut [0; 1]);
        }
    });
    (address, asked)
}

/// Answers every request with these bytes and closes.
pub(crate) fn answering(answer: &'static str) -> SocketAddr {
    each(move |mut tcp| {
        if read_head(&mut tcp).is_some() {
            tcp.write_all(answer.as_bytes()).unwrap();
        }
    })
}

/// Speaks plain HTTP whatever comes, as Go's server does.
pub(crate) fn plain_http() -> SocketAddr {
    each(|mut tcp| {
        let _ = tcp.read(&mut [0; 1024]);
        let _ = tcp.write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n400 Bad Request");
    })
}

/// Shows this certificate and hangs up when it is refused.
pub(crate) fn showing(certificate: &Certificate) -> SocketAddr {
    let chain = CertificateDer::from_pem_slice(certificate.chain.as_bytes()).unwrap();
    let key = PrivateKeyDer::from_pem_slice(certificate.key.as_bytes()).unwrap();
    let config = ServerConfig::builder_with_provider(aws_lc_rs::default_provider().into())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![chain], key)
        .unwrap();
    let config = Arc::new(config);
    each(move |mut tcp| {
        let mut tls = ServerConnection::new(Arc::clone(&config)).unwrap();
        while tls.complete_io(&mut tcp).is_ok_and(|(read, _)| read > 0) {}
    })
}

/// Opens sessions that say `$ ` and end without a close frame once `bytes` of input are read. What is then left unread makes the
/// kernel break the connection instead of ending it.
pub(crate) fn leaving_after(bytes: usize) -> SocketAddr {
    sessions(move |tcp| {
        let _ = tcp.read_exact(&mut vec![0; bytes]);
    })
}

/// Opens sessions that say `$ ` and go on until they are sent a close frame.
pub(crate) fn quiet() -> SocketAddr {
    sessions(|tcp| {
        let mut read = [0; 1024];
        while tcp.read(&mut read).is_ok_and(|count| count > 0) && read[0] != 0x88 {}
    })
}

fn sessions(then: impl Fn(&mut TcpStream) + Send + Sync + 'static) -> SocketAddr {
    each(move |mut tcp| {
        let Some(head) = read_head(&mut tcp) else { return };
        let mut lines = head.lines().filter_map(|line| line.split_once(": "));
        let key = lines.find(|(name, _)| name.eq_ignore_ascii_case("sec-websocket-key")).unwrap().1;
        let answer = format!(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Accept: {}\r\nSec-WebSocket-Protocol: v4.channel.k8s.io\r\n\r\n",
            derive_accept_key(key.as_bytes())
        );
        tcp.write_all(answer.as_bytes()).unwrap();
        tcp.write_all(b"\x82\x01\x01\x82\x03\x01$ ").unwrap();
        then(&mut tcp);
    })
}

fn each(serve: impl Fn(TcpStream) + Send + Sync + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let serve = Arc::new(serve);
    thread::spawn(move || {
        for tcp in listener.incoming().map_while(Result::ok) {
            let serve = Arc::clone(&serve);
            thread::spawn(move || serve(tcp));
        }
    });
    address
}

fn read_head(tcp: &mut TcpStream) -> Option<String> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        tcp.read_exact(&mut byte).ok()?;
        head.push(byte[0]);
    }
    String::from_utf8(head).ok()
}
