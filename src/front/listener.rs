//! One listening address: binds it, accepts within bounds, does TLS, and gives each connection a task.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{debug, warn};

use super::connection::{self, Peer, Slot};
use super::origin::Scheme;
use super::{Front, ListenerSettings, TlsFiles};
use crate::net::tls::{ServerTls, TlsError};
use crate::net::{self, Transport};

/// A bound address.
#[derive(Debug)]
pub struct Listener {
    socket: TcpListener,
    address: SocketAddr,
    tls: Option<ServerTls>,
}

/// Why an address can't be listened on.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// Somebody else listens there.
    #[error("cannot listen on {address}: another program already does; stop it or choose another port")]
    InUse {
        /// The address.
        address: SocketAddr,
    },
    /// Ports below 1024 are the system's.
    #[error(
        "cannot listen on {address}: this user may not; ports below 1024 need a privilege, 8443 does not"
    )]
    NotPermitted {
        /// The address.
        address: SocketAddr,
    },
    /// The address is another machine's.
    #[error(
        "cannot listen on {address}: this machine has no such address; 0.0.0.0 or [::] listens on all of its own"
    )]
    NotOurs {
        /// The address.
        address: SocketAddr,
    },
    /// Anything else that the system says.
    #[error("cannot listen on {address}")]
    Other {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// The certificate or its key can't be used.
    #[error("cannot serve TLS on {address}")]
    Tls {
        /// The address.
        address: SocketAddr,
        /// Why not.
        source: Box<TlsError>,
    },
}

/// Who has connected and does not finish the handshake is gone.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);
/// A client that vanished says nothing, and a page's own event stream may have nothing to say to it for days.
const KEEPALIVE: Duration = Duration::from_secs(30);
/// When the process is out of file descriptors, accepting again at once would spin.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

impl Listener {
    /// Reads the certificate, then binds the address.
    pub async fn bind(settings: &ListenerSettings) -> Result<Self, ListenError> {
        let address = settings.address;
        let tls = settings.tls.as_ref().map(|files| read_tls(address, files)).transpose()?;
        let socket = TcpListener::bind(address).await.map_err(|source| ListenError::new(address, source))?;
        let address = socket.local_addr().map_err(|source| ListenError::new(address, source))?;
        Ok(Self { socket, address, tls })
    }

    /// The address, with the port that was really taken.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// `http` or `https`.
    pub fn scheme(&self) -> &'static str {
        self.connection_scheme().as_str()
    }

    /// What to tell the operator at start.
    pub fn warnings(&self) -> &[String] {
        self.tls.as_ref().map_or(&[], ServerTls::warnings)
    }

    /// Accepts until `shutdown`, then returns at once: new connections are refused by the kernel from then on. Connections take
    /// their places from `slots`; while none is free, newcomers wait in the kernel's queue. `connections` has their tasks.
    pub async fn serve(
        self,
        front: Arc<Front>,
        slots: Arc<Semaphore>,
        connections: TaskTracker,
        shutdown: CancellationToken,
    ) {
        loop {
            let accepted = tokio::select! {
                () = shutdown.cancelled() => return,
                accepted = self.accept(&slots) => accepted,
            };
            match accepted {
                Ok((tcp, address, slot)) => {
                    let peer = Peer { address, scheme: self.connection_scheme(), slot };
                    let (tls, front, shutdown) = (self.tls.clone(), Arc::clone(&front), shutdown.clone());
                    connections.spawn(converse(tcp, tls, front, peer, shutdown));
                }
                Err(error) => {
                    warn!(%error, "cannot accept a connection; if files have run out, raise the limit (ulimit -n)");
                    sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    }

    async fn accept(&self, slots: &Arc<Semaphore>) -> io::Result<(TcpStream, SocketAddr, Slot)> {
        let slot = Arc::clone(slots).acquire_owned().await.expect("the semaphore is never closed");
        let (tcp, address) = self.socket.accept().await?;
        net::tune(&tcp, KEEPALIVE)?;
        Ok((tcp, address, Arc::new(slot)))
    }

    fn connection_scheme(&self) -> Scheme {
        match self.tls {
            Some(_) => Scheme::Https,
            None => Scheme::Http,
        }
    }
}

impl ListenError {
    fn new(address: SocketAddr, source: io::Error) -> Self {
        match source.kind() {
            io::ErrorKind::AddrInUse => Self::InUse { address },
            io::ErrorKind::PermissionDenied => Self::NotPermitted { address },
            io::ErrorKind::AddrNotAvailable => Self::NotOurs { address },
            _ => Self::Other { address, source },
        }
    }
}

fn read_tls(address: SocketAddr, files: &TlsFiles) -> Result<ServerTls, ListenError> {
    ServerTls::load(files.cert_file.clone(), files.key_file.clone())
        .map_err(|source| ListenError::Tls { address, source: Box::new(source) })
}

async fn converse(
    tcp: TcpStream,
    tls: Option<ServerTls>,
    front: Arc<Front>,
    peer: Peer,
    shutdown: CancellationToken,
) {
    let address = peer.address;
    let transport = match shutdown.run_until_cancelled(secure(tcp, tls)).await {
        None => return,
        Some(Ok(transport)) => transport,
        Some(Err(error)) => {
            debug!(client.address = %address, %error, "a TLS handshake failed");
            return;
        }
    };
    connection::serve(transport, front, peer, shutdown).await;
}

async fn secure(tcp: TcpStream, tls: Option<ServerTls>) -> io::Result<Transport> {
    match tls {
        None => Ok(Transport::Plain(tcp)),
        Some(tls) => timeout(HANDSHAKE_TIMEOUT, tls.accept(tcp)).await?,
    }
}
