//! One exec session of the load: the upgrade, then raw frames over blocking sockets.

use std::io::{self, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use anyhow::Context as _;
use execgate::protocol::{Coding, Subprotocol};
use execgate::target::Streams;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use rustls::pki_types::ServerName;
use rustls::{ClientConnection, StreamOwned};

use super::door::Door;
use super::messages::{Message, Receiver};

/// Nothing that is measured is silent for so long: who waits longer waits for ever.
const PATIENCE: Duration = Duration::from_mins(1);

/// What is written at once, in bytes.
const BLOCK: usize = 256 * 1024;

/// What a session runs over.
pub(crate) enum Wire {
    Plain(TcpStream),
    Tls(Box<StreamOwned<ClientConnection, WideTcp>>),
}

impl Read for Wire {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(tcp) => tcp.read(buffer),
            Self::Tls(tls) => tls.read(buffer),
        }
    }
}

impl Write for Wire {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(tcp) => tcp.write(bytes),
            Self::Tls(tls) => tls.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(tcp) => tcp.flush(),
            Self::Tls(tls) => tls.flush(),
        }
    }
}

/// What a client asks for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ask<'a> {
    pub(crate) subprotocol: Subprotocol,
    pub(crate) streams: Streams,
    pub(crate) command: &'a [&'a str],
}

/// An open session.
pub(crate) struct Client {
    pub(crate) wire: Wire,
    pub(crate) receiver: Receiver,
}

impl Client {
    /// Opens a session, and waits for its first message, the empty one that every server sends.
    pub(crate) fn open(door: &Door, ask: &Ask<'_>) -> anyhow::Result<Self> {
        let mut client = Self::upgrade(door, &path(ask), Some(ask.subprotocol))?;
        let first = client.receive()?;
        anyhow::ensure!(matches!(first, Message::Data { bytes: 0 }), "{ask:?} began with {first:?}");
        Ok(client)
    }

    /// Opens whatever stands at that path and query.
    pub(crate) fn upgrade(door: &Door, path: &str, offer: Option<Subprotocol>) -> anyhow::Result<Self> {
        let mut wire = connect(door)?;
        let mut receiver = Receiver::new(offer.map_or(Coding::Raw, Subprotocol::coding));
        wire.write_all(request(door, path, offer).as_bytes())?;
        wire.flush()?;
        let head = receiver.head(&mut wire)?;
        anyhow::ensure!(head.starts_with("HTTP/1.1 101 "), "{} refused {path}: {head}", door.address);
        Ok(Self { wire, receiver })
    }

    /// The next message.
    pub(crate) fn receive(&mut self) -> anyhow::Result<Message> {
        self.receiver.next(&mut self.wire)
    }

    /// Reads to the close frame and says how many data bytes and messages came before it. Anything but success is a failure.
    pub(crate) fn receive_all(&mut self) -> anyhow::Result<Received> {
        let mut received = Received::default();
        loop {
            match self.receive()? {
                Message::Data { bytes } => {
                    received.bytes += bytes;
                    received.messages += 1;
                }
                Message::Control => {}
                Message::Status(status) => succeed(&status)?,
                Message::Close { code: 1000, .. } => return Ok(received),
                Message::Close { code, reason } => {
                    anyhow::bail!("the session was closed with {code} {reason:?}")
                }
            }
        }
    }

    /// The same, decoded and kept.
    pub(crate) fn read_all(&mut self) -> anyhow::Result<Vec<u8>> {
        let mut data = Vec::new();
        loop {
            match self.receive()? {
                Message::Data { .. } => data.extend(self.receiver.data()?),
                Message::Control => {}
                Message::Status(status) => succeed(&status)?,
                Message::Close { code: 1000, .. } => return Ok(data),
                close @ Message::Close { .. } => anyhow::bail!("the session ended with {close:?}"),
            }
        }
    }

    /// Writes a frame so many times, many at once.
    pub(crate) fn send_often(&mut self, frame: &[u8], times: usize) -> anyhow::Result<()> {
        let per_block = (BLOCK / frame.len()).max(1);
        let block = frame.repeat(per_block);
        for _ in 0..times / per_block {
            self.send(&block)?;
        }
        self.send(&block[..times % per_block * frame.len()])
    }

    /// Writes frames.
    pub(crate) fn send(&mut self, frames: &[u8]) -> anyhow::Result<()> {
        self.wire.write_all(frames)?;
        Ok(self.wire.flush()?)
    }
}

/// What came in a session.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Received {
    pub(crate) bytes: u64,
    pub(crate) messages: u64,
}

/// Fails unless that is a status of success; before v4 only a failure has words.
fn succeed(status: &str) -> anyhow::Result<()> {
    let json: Option<serde_json::Value> = serde_json::from_str(status).ok();
    let succeeded = json.is_some_and(|json| json["status"] == "Success");
    anyhow::ensure!(succeeded, "the command failed: {status}");
    Ok(())
}

fn connect(door: &Door) -> anyhow::Result<Wire> {
    let tcp =
        TcpStream::connect(door.address).with_context(|| format!("cannot connect to {}", door.address))?;
    tcp.set_nodelay(true)?;
    tcp.set_read_timeout(Some(PATIENCE))?;
    tcp.set_write_timeout(Some(PATIENCE))?;
    Ok(match &door.tls {
        None => Wire::Plain(tcp),
        Some(config) => {
            let name = ServerName::from(door.address.ip());
            let connection = ClientConnection::new(config.clone(), name)?;
            Wire::Tls(Box::new(StreamOwned::new(connection, WideTcp::new(tcp))))
        }
    })
}

fn path(ask: &Ask<'_>) -> String {
    let Ask { streams, command, .. } = ask;
    let mut query = String::new();
    for word in *command {
        query.extend(["command=", &utf8_percent_encode(word, NON_ALPHANUMERIC).to_string(), "&"]);
    }
    let Streams { stdin, stdout, stderr, tty } = streams;
    format!(
        "/api/v1/namespaces/default/pods/web-0/exec?{query}container=app&stdin={stdin}&stdout={stdout}&stderr={stderr}&tty={tty}"
    )
}

fn request(door: &Door, path: &str, offer: Option<Subprotocol>) -> String {
    let offer = offer.map_or_else(String::new, |offer| format!("Sec-WebSocket-Protocol: {offer}\r\n"));
    format!(
        "GET {path} HTTP/1.1\r\n\
         Host: {}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{offer}\
         Authorization: Bearer {}\r\n\r\n",
        door.address, door.token
    )
}

/// TCP read in large pieces: rustls asks for 4 KiB at a time, and a load that makes a system call for each would be what is measured.
pub(crate) struct WideTcp(BufReader<TcpStream>);

impl WideTcp {
    const READ: usize = 256 * 1024;

    fn new(tcp: TcpStream) -> Self {
        Self(BufReader::with_capacity(Self::READ, tcp))
    }
}

impl Read for WideTcp {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

impl Write for WideTcp {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.get_mut().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.get_mut().flush()
    }
}
