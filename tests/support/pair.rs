//! A client and an API server with a gate between them, all three in the test's hands.

use super::api_server::ApiServer;
use super::ask::{Ask, TTY};
use super::gate::Gate;
use super::session::Session;
use super::setup::Setup;
use super::wire::Wire;

/// What the API server speaks if nothing else is said.
const V4: &str = "v4.channel.k8s.io";

pub(crate) struct Pair {
    pub(crate) page: Session,
    pub(crate) server: Wire,
    pub(crate) gate: Gate,
    api: ApiServer,
}

impl Pair {
    /// A client that offers `offer`, on a terminal.
    pub(crate) async fn terminal(offer: &str) -> Self {
        Self::limited(offer, TTY, "{}").await
    }

    /// With these streams, and `sessions` in the gate's configuration.
    pub(crate) async fn limited(offer: &str, streams: &str, sessions: &str) -> Self {
        let api = ApiServer::start().await;
        let gate = Gate::start(Setup::new().plain("alpha", api.address()).sessions(sessions)).await;
        let (page, server) = meet(&gate, &api, offer, streams, V4).await;
        Self { page, server, gate, api }
    }

    /// With these streams, and an API server that answers `upstream`.
    pub(crate) async fn speaking(offer: &str, upstream: &str, streams: &str) -> Self {
        let api = ApiServer::start().await;
        let gate = Gate::start(Setup::new().plain("alpha", api.address())).await;
        let (page, server) = meet(&gate, &api, offer, streams, upstream).await;
        Self { page, server, gate, api }
    }

    /// Another session through the same gate.
    pub(crate) async fn another(&self, offer: &str) -> (Session, Wire) {
        meet(&self.gate, &self.api, offer, TTY, V4).await
    }
}

async fn meet(gate: &Gate, api: &ApiServer, offer: &str, streams: &str, upstream: &str) -> (Session, Wire) {
    let ask = Ask::exec(gate, &format!("command=sh&{streams}")).offer(offer);
    tokio::join!(ask.open(), api.accept(upstream))
}
