//! One exec session of the load: the upgrade, then raw frames over blocking sockets.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use anyhow::Context as _;
use rustls::pki_types::ServerName;
use rustls::{ClientConnection, StreamOwned};

use super::messages::{Message, Receiver};
use super::subject::Subject;

/// Nothing that is measured is silent for so long: who waits longer waits for ever.
const PATIENCE: Duration = Duration::from_mins(1);

/// What a session runs over.
pub(crate) enum Wire {
    Plain(TcpStream),
    Tls(Box<StreamOwned<ClientConnection, TcpStream>>),
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

/// An open session.
pub(crate) struct Client {
    pub(crate) wire: Wire,
    pub(crate) receiver: Receiver,
}

impl Client {
    /// Opens a session that runs `command`, and waits for its first message, the empty one that every server sends.
    pub(crate) fn open(subject: &Subject, command: &[&str]) -> anyhow::Result<Self> {
        let mut wire = connect(subject)?;
        let mut receiver = Receiver::default();
        wire.write_all(request(subject, command).as_bytes())?;
        wire.flush()?;
        let head = receiver.head(&mut wire)?;
        anyhow::ensure!(head.starts_with("HTTP/1.1 101 "), "{} refused {command:?}: {head}", subject.name);
        let mut client = Self { wire, receiver };
        let first = client.receive()?;
        anyhow::ensure!(matches!(first, Message::Data { bytes: 0 }), "{} began with {first:?}", subject.name);
        Ok(client)
    }

    /// The next message.
    pub(crate) fn receive(&mut self) -> anyhow::Result<Message> {
        self.receiver.next(&mut self.wire)
    }

    /// Reads to the close frame and says how many data bytes and messages came before it. Anything but 1000 is a failure.
    pub(crate) fn receive_all(&mut self) -> anyhow::Result<Received> {
        let mut received = Received::default();
        loop {
            match self.receive()? {
                Message::Data { bytes } => {
                    received.bytes += bytes;
                    received.messages += 1;
                }
                Message::Control => {}
                Message::Close { code: 1000, .. } => return Ok(received),
                Message::Close { code, reason } => {
                    anyhow::bail!("the session was closed with {code} {reason:?}")
                }
            }
        }
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

fn connect(subject: &Subject) -> anyhow::Result<Wire> {
    let tcp = TcpStream::connect(subject.address)
        .with_context(|| format!("cannot connect to {} at {}", subject.name, subject.address))?;
    tcp.set_nodelay(true)?;
    tcp.set_read_timeout(Some(PATIENCE))?;
    tcp.set_write_timeout(Some(PATIENCE))?;
    Ok(match &subject.tls {
        None => Wire::Plain(tcp),
        Some(config) => {
            let name = ServerName::from(subject.address.ip());
            let connection = ClientConnection::new(config.clone(), name)?;
            Wire::Tls(Box::new(StreamOwned::new(connection, tcp)))
        }
    })
}

fn request(subject: &Subject, command: &[&str]) -> String {
    let command = command.join("&command=");
    format!(
        "GET /api/v1/namespaces/default/pods/web-0/exec?command={command}&container=app&stdin=1&stdout=1&tty=1 HTTP/1.1\r\n\
         Host: {}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: base64.channel.k8s.io\r\n\
         Authorization: Bearer {}\r\n\r\n",
        subject.address, subject.token
    )
}
