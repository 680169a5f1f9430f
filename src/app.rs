//! Builds every part in order, runs them, and ends them in order: listeners, sessions, and then the rest.

mod drain;
mod start;

pub use start::{StartError, rehearse};

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{info, warn};

use crate::front::{Front, Frontend, Listener, LoginLink, Relay, Rooms};
use crate::identity::UsersFile;
use crate::relay::BlockPool;
use crate::{config, front, session};

/// A gate that is built and bound, and does not accept yet.
#[derive(Debug)]
pub struct App {
    listeners: Vec<Listener>,
    front: front::Settings,
    rooms: Rooms,
    links: Vec<LoginLink>,
    users_files: Vec<Arc<UsersFile>>,
    sessions: session::Settings,
}

/// What tells a running gate to end.
#[derive(Debug, Clone, Default)]
pub struct Signals {
    /// Accept no more, and let the sessions go on for the drain timeout.
    pub drain: CancellationToken,
    /// Give the sessions no more time.
    pub hurry: CancellationToken,
}

/// Connections beyond one for each session: heads that are being read, refusals that are being told, pages that load their files,
/// kept-alive connections. Each holds a socket and a few KiB; without a bound they would eat the sessions' file descriptors.
const SPARE_CONNECTIONS: usize = 1024;
/// How often a users file is looked at.
const WATCH_PERIOD: Duration = Duration::from_secs(1);

impl App {
    /// Reads every file that the settings name and binds every address.
    pub async fn build(settings: config::Settings) -> Result<Self, StartError> {
        let users_files = start::users_files(settings.users_files)?;
        let rooms = Rooms {
            chain: start::chain(&users_files),
            policy: crate::policy::Policy::new(settings.policy),
            clusters: start::clusters(settings.clusters, settings.default_cluster)?,
            resolvers: start::resolvers(settings.resolvers)?,
            sessions: session::Registry::new(&settings.sessions),
            frontend: start::frontend(&settings.front)?,
            relay: Relay {
                blocks: BlockPool::new(settings.relay.read_ahead_total),
                settings: settings.relay,
            },
        };
        Ok(Self {
            listeners: start::listeners(&settings.front.listeners).await?,
            front: settings.front,
            rooms,
            links: Vec::new(),
            users_files,
            sessions: settings.sessions,
        })
    }

    /// Lets these links log somebody in on the terminal page.
    #[must_use]
    pub fn with_links(self, links: Vec<LoginLink>) -> Self {
        Self { links, ..self }
    }

    /// Where it listens, with the ports that were really taken.
    pub fn addresses(&self) -> Vec<SocketAddr> {
        self.listeners.iter().map(Listener::address).collect()
    }

    /// Serves until it is told to end and every session has ended.
    pub async fn run(self, signals: Signals) {
        self.announce();
        let drain_timeout = self.sessions.drain_timeout;
        let slots = Arc::new(Semaphore::new(self.sessions.max.saturating_add(SPARE_CONNECTIONS)));
        let sessions = self.rooms.sessions.clone();
        let front = Arc::new(Front::new(&self.front, self.rooms, self.links));
        let background = TaskTracker::new();
        for file in self.users_files {
            background.spawn(signals.hurry.clone().run_until_cancelled_owned(file.watch(WATCH_PERIOD)));
        }
        let connections = TaskTracker::new();
        let listeners = TaskTracker::new();
        for listener in self.listeners {
            let (front, slots) = (Arc::clone(&front), Arc::clone(&slots));
            listeners.spawn(listener.serve(front, slots, connections.clone(), signals.drain.clone()));
        }
        signals.drain.cancelled().await;
        let parts = drain::Parts { listeners, connections, sessions, front };
        drain::drain(parts, drain_timeout, &signals.hurry).await;
        signals.hurry.cancel();
        background.close();
        background.wait().await;
    }

    fn announce(&self) {
        let clusters = self.rooms.clusters.iter();
        let of_clusters = clusters.flat_map(|cluster| cluster.warnings());
        let of_frontend = self.rooms.frontend.iter().flat_map(Frontend::warnings);
        let of_listeners = self.listeners.iter().flat_map(Listener::warnings);
        for warning in of_clusters.chain(of_frontend).chain(of_listeners) {
            warn!("{warning}");
        }
        for warning in self.rooms.resolvers.iter().flat_map(|resolver| resolver.warnings()) {
            warn!("{warning}");
        }
        if self.front.page.is_some() && !front::page_is_built() {
            warn!(
                "page is configured, but this execgate was built without the terminal page: it says there how to build it in"
            );
        }
        for listener in &self.listeners {
            let (scheme, address) = (listener.scheme(), listener.address());
            if scheme == "http" && !address.ip().is_loopback() {
                warn!(
                    "{address} is plain http: tokens and sessions pass in clear unless something in front ends TLS; set tls"
                );
            }
            info!("listening on {scheme}://{address}");
        }
    }
}
