//! A demo cluster from start to stop.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::authority::{Authority, AuthorityError};
use super::connection;
use super::journal::SeenRequest;
use super::pods::Pods;
use super::rbac::RbacRule;
use super::session::House;
use super::settings::{DemoSettings, Fault, Right, Scheme};
use super::state::State;

/// An exec server that runs. Dropping it ends its listener, its sessions and their processes.
pub struct DemoCluster {
    address: SocketAddr,
    authority: Authority,
    state: Arc<State>,
}

/// Why a demo cluster could not start.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// Its certificates could not be made.
    #[error("cannot make the certificates of demo cluster {cluster}")]
    Authority {
        /// The cluster.
        cluster: String,
        /// Why.
        source: AuthorityError,
    },
    /// The containers' directories could not be made.
    #[error(
        "cannot make the containers' directories of demo cluster {cluster} in {}; set TMPDIR to a directory that this user may write to",
        directory.display()
    )]
    Directory {
        /// The cluster.
        cluster: String,
        /// Where.
        directory: std::path::PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The address is taken or not ours.
    #[error("cannot listen on {address} for demo cluster {cluster}")]
    Listen {
        /// The cluster.
        cluster: String,
        /// The address.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
}

impl DemoCluster {
    /// Binds, and serves from now on.
    pub async fn start(settings: DemoSettings) -> Result<Self, DemoError> {
        let cluster = settings.name.clone();
        let authority = Authority::new(&cluster, settings.address.ip()).map_err(|source| {
            let cluster = cluster.clone();
            DemoError::Authority { cluster, source }
        })?;
        let (listener, address) = listen(settings.address).await.map_err(|source| DemoError::Listen {
            cluster: cluster.clone(),
            address: settings.address,
            source,
        })?;
        let pods = Pods::new(&cluster, settings.workloads).map_err(|source| DemoError::Directory {
            cluster,
            directory: std::env::temp_dir(),
            source,
        })?;
        let house = House {
            scheme: settings.scheme,
            idle_timeout: settings.idle_timeout,
            stop: CancellationToken::new(),
            tracker: TaskTracker::new(),
        };
        let tls = match settings.scheme {
            Scheme::Https => Some(TlsAcceptor::from(authority.server_config())),
            Scheme::Http => None,
        };
        let state = Arc::new(State::new(settings, pods, house.clone()));
        house.tracker.spawn(accept(listener, tls, Arc::clone(&state)));
        Ok(Self { address, authority, state })
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.state.settings.name
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What a cluster's `server` says in a configuration on this machine.
    pub fn server_url(&self) -> String {
        let mut address = self.address;
        if address.ip().is_unspecified() {
            address.set_ip(Ipv4Addr::LOCALHOST.into());
        }
        match self.state.settings.scheme {
            Scheme::Https => format!("https://{address}"),
            Scheme::Http => format!("http://{address}"),
        }
    }

    /// The certificate of its authority, as PEM. Made for a plain HTTP cluster too, where nobody asks for it.
    pub fn ca_pem(&self) -> &str {
        self.authority.ca_pem()
    }

    /// The service account's token.
    pub fn token(&self) -> SecretString {
        self.state.token()
    }

    /// Makes a new token and refuses the old one from now on.
    pub fn rotate_token(&self) -> SecretString {
        self.state.rotate_token()
    }

    /// Sets what RBAC allows the service account. At first it has every right.
    pub fn set_rights(&self, rights: &[Right]) {
        self.set_rules(RbacRule::with_rights(rights));
    }

    /// Sets everything that RBAC allows. At first that is what the manifest in docs/ gives.
    pub fn set_rules(&self, rules: Vec<RbacRule>) {
        self.state.set_rules(rules);
    }

    /// Breaks something behind the API server, or mends it with `None`.
    pub fn set_fault(&self, fault: Option<Fault>) {
        self.state.set_fault(fault);
    }

    /// The last 256 requests that arrived, oldest first.
    pub fn requests(&self) -> Vec<SeenRequest> {
        self.state.journal.requests()
    }

    /// Stops, and returns when sessions and processes have ended.
    pub async fn shutdown(self) {
        let House { stop, tracker, .. } = self.state.house.clone();
        stop.cancel();
        tracker.close();
        tracker.wait().await;
    }
}

impl Drop for DemoCluster {
    fn drop(&mut self) {
        self.state.house.stop.cancel();
    }
}

async fn listen(address: SocketAddr) -> io::Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind(address).await?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}

async fn accept(listener: TcpListener, tls: Option<TlsAcceptor>, state: Arc<State>) {
    let stop = state.house.stop.clone();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stop.cancelled() => return,
        };
        match accepted {
            Ok((stream, _)) => {
                let connection = connection::serve(stream, tls.clone(), Arc::clone(&state));
                state.house.tracker.spawn(connection);
            }
            Err(error) => {
                tracing::warn!(%error, cluster = state.settings.name, "the demo cluster cannot accept a connection");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

/// Accepting fails while file descriptors are short; trying at once again would only burn the processor.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
