//! Opens a TCP connection to a host by name, trying its addresses one after another without waiting long for a dead one.

use std::{io, net::SocketAddr, time::Duration};

use socket2::{SockRef, TcpKeepalive};
use tokio::{
    net::{TcpStream, lookup_host},
    task::JoinSet,
    time::{sleep, timeout},
};

/// How long to try, and when to probe a quiet connection.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// For resolving and connecting together.
    pub timeout: Duration,
    /// Idle time after which the kernel probes the connection.
    pub keepalive: Duration,
}

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The name means nothing to the resolver.
    #[error("cannot resolve the host {host:?}; check its spelling and this machine's DNS")]
    Resolve {
        /// The name.
        host: String,
        /// What the resolver said.
        source: io::Error,
    },
    /// The name is known and has no address.
    #[error("the host {host:?} has no address; check its DNS records")]
    NoAddress {
        /// The name.
        host: String,
    },
    /// Nobody answers there.
    #[error(
        "cannot connect to {host}:{port}; check that a server listens there and that no firewall is in between"
    )]
    Unreachable {
        /// The host.
        host: String,
        /// The port.
        port: u16,
        /// What the first address that failed said.
        source: io::Error,
    },
    /// No answer in time, neither yes nor no.
    #[error(
        "no connection to {host}:{port} within {timeout:?}; a firewall may drop the packets, or the machine is down"
    )]
    Timeout {
        /// The host.
        host: String,
        /// The port.
        port: u16,
        /// How long it was tried.
        timeout: Duration,
    },
}

/// Connects to `host`, without Nagle's delay and with the kernel's keepalive.
pub async fn connect(host: &str, port: u16, limits: Limits) -> Result<TcpStream, ConnectError> {
    let attempt = async {
        let tcp = race(host, port, addresses(host, port).await?).await?;
        tune(&tcp, limits.keepalive).map_err(|source| ConnectError::Unreachable {
            host: host.to_owned(),
            port,
            source,
        })?;
        Ok(tcp)
    };
    timeout(limits.timeout, attempt).await.unwrap_or_else(|_| {
        Err(ConnectError::Timeout { host: host.to_owned(), port, timeout: limits.timeout })
    })
}

/// Resolves `host` and puts its address families in turn, beginning with the resolver's favourite (RFC 8305, section 4).
async fn addresses(host: &str, port: u16) -> Result<Vec<SocketAddr>, ConnectError> {
    let found: Vec<SocketAddr> = lookup_host((host, port))
        .await
        .map_err(|source| ConnectError::Resolve { host: host.to_owned(), source })?
        .collect();
    let Some(first) = found.first() else {
        return Err(ConnectError::NoAddress { host: host.to_owned() });
    };
    let favourite_is_v6 = first.is_ipv6();
    let (favourites, others): (Vec<_>, Vec<_>) =
        found.iter().copied().partition(|address| address.is_ipv6() == favourite_is_v6);
    let mut ordered = Vec::with_capacity(found.len());
    let mut others = others.into_iter();
    for favourite in favourites {
        ordered.push(favourite);
        ordered.extend(others.next());
    }
    ordered.extend(others);
    Ok(ordered)
}

/// Tries the addresses in order, the next one as soon as the last has failed or has been silent for a moment. The first
/// connection wins; dropping the set ends the other attempts.
async fn race(host: &str, port: u16, addresses: Vec<SocketAddr>) -> Result<TcpStream, ConnectError> {
    let mut waiting = addresses.into_iter();
    let mut attempts = JoinSet::new();
    let mut first_failure = None;
    loop {
        if let Some(address) = waiting.next() {
            attempts.spawn(TcpStream::connect(address));
        }
        let finished = tokio::select! {
            finished = attempts.join_next() => finished,
            () = sleep(HEAD_START), if waiting.len() > 0 => continue,
        };
        match finished {
            Some(Ok(Ok(tcp))) => return Ok(tcp),
            Some(Ok(Err(failure))) => {
                first_failure.get_or_insert(failure);
            }
            Some(Err(lost)) => {
                first_failure.get_or_insert_with(|| io::Error::other(lost));
            }
            None => {
                return Err(ConnectError::Unreachable {
                    host: host.to_owned(),
                    port,
                    source: first_failure.unwrap_or_else(|| io::ErrorKind::NotConnected.into()),
                });
            }
        }
    }
}

/// Spares a keystroke the wait for the next one, and has the kernel probe the other end once it was quiet for `keepalive`.
pub fn tune(tcp: &TcpStream, keepalive: Duration) -> io::Result<()> {
    tcp.set_nodelay(true)?;
    let probes = TcpKeepalive::new().with_time(keepalive).with_interval(keepalive).with_retries(PROBES);
    SockRef::from(tcp).set_tcp_keepalive(&probes)
}

/// How long an address has the field to itself: RFC 8305's recommended Connection Attempt Delay.
const HEAD_START: Duration = Duration::from_millis(250);
/// Unanswered probes after which the kernel gives the connection up: two may be lost.
const PROBES: u32 = 3;

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use tokio::net::TcpListener;

    use super::*;

    async fn listen() -> (TcpListener, SocketAddr) {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        (listener, address)
    }

    #[tokio::test]
    async fn an_address_that_refuses_is_followed_by_the_next_one() {
        let (_, dead) = listen().await;
        let (_listener, live) = listen().await;
        let tcp = race("api", 1, vec![dead, live]).await.unwrap();
        assert_eq!(tcp.peer_addr().unwrap(), live);
        let error = race("api", 1, vec![dead, dead]).await.unwrap_err();
        assert!(matches!(error, ConnectError::Unreachable { .. }), "{error:?}");
    }

    #[tokio::test]
    async fn a_connection_has_no_delay_and_is_probed() {
        let (_listener, address) = listen().await;
        let limits = Limits { timeout: Duration::from_secs(10), keepalive: Duration::from_secs(7) };
        let tcp = connect("127.0.0.1", address.port(), limits).await.unwrap();
        let socket = SockRef::from(&tcp);
        assert!(tcp.nodelay().unwrap() && socket.keepalive().unwrap());
        assert_eq!(socket.tcp_keepalive_time().unwrap(), limits.keepalive);
    }
}
