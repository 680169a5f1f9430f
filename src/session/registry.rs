//! Which sessions are open, how many may be, and how all of them are told to end.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::{SessionGuard, SessionId, Settings};
use crate::policy::Grant;

/// All sessions of this process.
#[derive(Debug, Clone)]
pub struct Registry {
    shared: Arc<Shared>,
}

/// What the registry and its guards share.
#[derive(Debug)]
pub(super) struct Shared {
    max: usize,
    open: AtomicUsize,
    /// The tasks that relay: a session's entry may end a little earlier than its task.
    tasks: TaskTracker,
    drain: CancellationToken,
}

/// There is no room for another session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("all places for sessions are taken ({max}); try again in a few seconds")]
pub struct TooManySessions {
    /// The limit.
    pub max: usize,
}

impl Registry {
    /// No sessions yet.
    pub fn new(settings: &Settings) -> Self {
        let shared = Shared {
            max: settings.max,
            open: AtomicUsize::new(0),
            tasks: TaskTracker::new(),
            drain: CancellationToken::new(),
        };
        Self { shared: Arc::new(shared) }
    }

    /// Counts a session in, if there is room. It takes the grant because nobody without one opens a session.
    pub fn open(&self, grant: &Grant) -> Result<SessionGuard, TooManySessions> {
        self.shared.enter()?;
        Ok(SessionGuard::new(SessionId::random(), grant, Arc::clone(&self.shared)))
    }

    /// How many sessions are open.
    pub fn count(&self) -> usize {
        self.shared.open.load(Ordering::Relaxed)
    }

    /// Runs a session's relay as a task that [`Registry::all_ended`] waits for.
    pub fn spawn(&self, relay: impl Future<Output = ()> + Send + 'static) {
        self.shared.tasks.spawn(relay);
    }

    /// Tells every session to end.
    pub fn end_all(&self) {
        self.shared.drain.cancel();
    }

    /// Waits until no relay runs. Call it once no request can open another session.
    pub async fn all_ended(&self) {
        self.shared.tasks.close();
        self.shared.tasks.wait().await;
    }
}

impl Shared {
    fn enter(&self) -> Result<(), TooManySessions> {
        let max = self.max;
        self.open
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |open| {
                (open < max).then(|| open.saturating_add(1))
            })
            .map(drop)
            .map_err(|_| TooManySessions { max })
    }

    pub(super) fn drain(&self) -> CancellationToken {
        self.drain.clone()
    }

    pub(super) fn leave(&self) {
        self.open.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_more_than_the_limit_is_refused_until_one_leaves() {
        let registry = Registry::new(&Settings { max: 2, ..Settings::default() });
        assert!(registry.shared.enter().is_ok() && registry.shared.enter().is_ok());
        assert_eq!(registry.shared.enter(), Err(TooManySessions { max: 2 }));
        registry.shared.leave();
        assert!(registry.shared.enter().is_ok());
        assert_eq!(registry.count(), 2);
    }

    #[tokio::test]
    async fn draining_tells_every_relay_and_waits_for_it() {
        let registry = Registry::new(&Settings::default());
        let drain = registry.shared.drain();
        registry.spawn(async move { drain.cancelled().await });
        registry.end_all();
        registry.all_ended().await;
    }
}
