//! The end of the process, in order: nothing new is let in, sessions get their time, then a close frame, then a little more.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{info, warn};

use crate::front::Front;
use crate::session;

/// What has to end.
pub(super) struct Parts {
    /// Tasks that accept.
    pub(super) listeners: TaskTracker,
    /// Tasks that read requests.
    pub(super) connections: TaskTracker,
    /// Sessions.
    pub(super) sessions: session::Registry,
    /// Pages that are being told a refusal, and the tunnels of the page's own.
    pub(super) front: Arc<Front>,
}

/// How long closing may take once everybody was told: a close frame there, one back, and what a slow page still reads.
const LINGER_LIMIT: Duration = Duration::from_secs(10);

/// Ends everything. The listeners have been told to stop already.
pub(super) async fn drain(parts: Parts, drain_timeout: Duration, hurry: &CancellationToken) {
    parts.listeners.close();
    parts.listeners.wait().await;
    parts.front.stop();
    let open = parts.sessions.count();
    if open == 0 || hurry.is_cancelled() {
        info!(sessions = open, "accepting no more");
    } else {
        info!(sessions = open, "accepting no more; waiting up to {drain_timeout:?} for the sessions to end");
    }
    tokio::select! {
        _ = timeout(drain_timeout, parts.all_ended()) => {}
        () = hurry.cancelled() => {}
    }
    parts.sessions.end_all();
    if timeout(LINGER_LIMIT, parts.all_ended()).await.is_err() {
        warn!(sessions = parts.sessions.count(), "some sessions did not end in time and are cut off");
    }
    info!("stopped");
}

impl Parts {
    /// Requests first: one that is being dialled can still become a session.
    async fn all_ended(&self) {
        self.connections.close();
        self.connections.wait().await;
        self.sessions.all_ended().await;
        self.front.all_told().await;
    }
}
