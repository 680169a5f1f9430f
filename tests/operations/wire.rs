//! A client that writes its request line by line and reads what comes, so that a test says exactly what is on the wire.

use std::{
    io::{ErrorKind, Read, Write},
    net::{SocketAddr, TcpStream},
};

use base64::{Engine as _, prelude::BASE64_STANDARD};

use super::process::PATIENCE;

/// The lines that make a GET an upgrade.
pub(crate) const UPGRADE: &str = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==";
/// What a program offers, and what a page does.
pub(crate) const V4: &str = "Sec-WebSocket-Protocol: v4.channel.k8s.io";
pub(crate) const BASE64: &str = "Sec-WebSocket-Protocol: base64.channel.k8s.io";

/// An HTTP answer.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) code: u16,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

/// An open WebSocket.
pub(crate) struct Socket {
    tcp: TcpStream,
}

/// What came on which channel, in order.
pub(crate) type Said = Vec<(u8, Vec<u8>)>;

/// Code and reason; `None` for a connection that ends without a close frame.
pub(crate) type Farewell = Option<(u16, String)>;

/// One message, or the close.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Message {
    /// A channel and what came on it, base64 undone.
    Data(u8, Vec<u8>),
    /// The end.
    Close(Farewell),
}

/// The request line of an exec in a pod of namespace default.
pub(crate) fn exec(cluster: &str, pod: &str, query: &str) -> String {
    format!("GET /clusters/{cluster}/api/v1/namespaces/default/pods/{pod}/exec?{query}")
}

/// The header that carries a token.
pub(crate) fn bearer(token: &str) -> String {
    format!("Authorization: Bearer {token}")
}

/// Sends a head and reads the answer to it.
pub(crate) fn ask(address: SocketAddr, lines: &[&str]) -> Reply {
    send(address, lines).0
}

/// Sends a head that is answered with 101.
pub(crate) fn open(address: SocketAddr, lines: &[&str]) -> Socket {
    try_open(address, lines)
        .unwrap_or_else(|reply| panic!("{}{}", reply.head, String::from_utf8_lossy(&reply.body)))
}

/// Sends a head that may be answered with 101.
pub(crate) fn try_open(address: SocketAddr, lines: &[&str]) -> Result<Socket, Reply> {
    let (reply, tcp) = send(address, lines);
    if reply.code == 101 { Ok(Socket { tcp }) } else { Err(reply) }
}

/// As a browser's page of the gate's own origin: reads what its terminal shows until the close.
pub(crate) fn ask_as_page(address: SocketAddr, lines: &[&str]) -> (String, u16, String) {
    let origin = format!("Origin: http://{address}");
    let lines = [lines, &[UPGRADE, BASE64, &origin]].concat();
    let (said, close) = open(address, &lines).rest();
    let (code, reason) = close.expect("a close frame");
    (text(&said, &[1, 2]), code, reason)
}

/// Connects and sends a head.
fn send(address: SocketAddr, lines: &[&str]) -> (Reply, TcpStream) {
    let mut tcp = connect(address);
    tcp.write_all(head(address, lines).as_bytes()).unwrap();
    (Reply::read(&mut tcp), tcp)
}

pub(crate) fn connect(address: SocketAddr) -> TcpStream {
    let tcp = TcpStream::connect(address).unwrap();
    tcp.set_read_timeout(Some(PATIENCE)).unwrap();
    tcp.set_write_timeout(Some(PATIENCE)).unwrap();
    tcp
}

/// The lines as HTTP wants them, with a `Host`.
pub(crate) fn head(address: SocketAddr, lines: &[&str]) -> String {
    let [first, rest @ ..] = lines else { panic!("a request line is needed") };
    let rest: String = rest.iter().flat_map(|line| [line, "\r\n"]).collect();
    format!("{first} HTTP/1.1\r\nHost: {address}\r\n{rest}\r\n")
}

/// What came on these channels, as text.
pub(crate) fn text(said: &[(u8, Vec<u8>)], channels: &[u8]) -> String {
    let bytes = said.iter().filter(|(channel, _)| channels.contains(channel)).flat_map(|(_, bytes)| bytes);
    String::from_utf8(bytes.copied().collect()).unwrap()
}

impl Reply {
    pub(crate) fn read(tcp: &mut TcpStream) -> Self {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            tcp.read_exact(&mut byte).expect("the whole head");
            head.push(byte[0]);
        }
        let head = String::from_utf8(head).unwrap();
        let code = head.split(' ').nth(1).unwrap().parse().unwrap();
        let mut reply = Self { code, head, body: Vec::new() };
        let length = reply.header("content-length").map_or(0, |length| length.parse().unwrap());
        reply.body = vec![0; length];
        tcp.read_exact(&mut reply.body).unwrap();
        reply
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// The code and the message of a `metav1.Status`, which the body must be.
    pub(crate) fn status(&self) -> (u16, String) {
        assert_eq!(self.header("content-type"), Some("application/json"), "{self:?}");
        let status: serde_json::Value = serde_json::from_slice(&self.body).unwrap();
        assert_eq!(
            (&status["kind"], &status["apiVersion"], &status["status"], &status["code"]),
            (&"Status".into(), &"v1".into(), &"Failure".into(), &self.code.into())
        );
        (self.code, status["message"].as_str().unwrap().to_owned())
    }
}

impl Socket {
    /// Sends input in binary.
    pub(crate) fn send(&mut self, input: &[u8]) {
        self.send_frame(0x82, &[&[0], input].concat());
    }

    /// Sends input in base64.
    pub(crate) fn send_base64(&mut self, input: &[u8]) {
        self.send_frame(0x81, format!("0{}", BASE64_STANDARD.encode(input)).as_bytes());
    }

    pub(crate) fn send_close(&mut self, code: u16) {
        self.send_frame(0x88, &code.to_be_bytes());
    }

    fn send_frame(&mut self, opcode: u8, payload: &[u8]) {
        let length = u8::try_from(payload.len()).ok().filter(|length| *length < 126);
        // A mask of zeros leaves the bytes as they are.
        let head = [opcode, 0x80 | length.expect("a short message"), 0, 0, 0, 0];
        self.tcp.write_all(&[&head, payload].concat()).unwrap();
    }

    /// The next message.
    pub(crate) fn next(&mut self) -> Message {
        let mut head = [0; 2];
        match self.tcp.read_exact(&mut head) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => panic!("nothing comes"),
            Err(_) => return Message::Close(None),
        }
        let length = match head[1] {
            126 => usize::from(u16::from_be_bytes(self.bytes())),
            127 => usize::try_from(u64::from_be_bytes(self.bytes())).unwrap(),
            short => usize::from(short),
        };
        let mut payload = vec![0; length];
        self.tcp.read_exact(&mut payload).unwrap();
        match head[0] {
            0x81 => Message::Data(payload[0] - b'0', BASE64_STANDARD.decode(&payload[1..]).unwrap()),
            0x82 => Message::Data(payload[0], payload[1..].to_vec()),
            0x88 => {
                let code = u16::from_be_bytes([payload[0], payload[1]]);
                Message::Close(Some((code, String::from_utf8(payload[2..].to_vec()).unwrap())))
            }
            // A ping is no message.
            0x89 => self.next(),
            other => panic!("a frame that begins with {other:#x}"),
        }
    }

    /// The next text on `channel`; the session must go on until then.
    pub(crate) fn next_text(&mut self, channel: u8) -> String {
        loop {
            match self.next() {
                Message::Data(on, bytes) if on == channel && !bytes.is_empty() => {
                    return String::from_utf8(bytes).unwrap();
                }
                Message::Data(..) => {}
                Message::Close(close) => panic!("closed with {close:?}"),
            }
        }
    }

    /// Everything up to the close.
    pub(crate) fn rest(mut self) -> (Said, Farewell) {
        let mut said = Vec::new();
        loop {
            match self.next() {
                Message::Data(channel, bytes) => said.push((channel, bytes)),
                Message::Close(close) => return (said, close),
            }
        }
    }

    fn bytes<const COUNT: usize>(&mut self) -> [u8; COUNT] {
        let mut bytes = [0; COUNT];
        self.tcp.read_exact(&mut bytes).unwrap();
        bytes
    }
}
