//! SIGTERM and Ctrl-C: the first asks the gate to end, the second not to wait.

use anyhow::Context as _;
use tokio::signal::unix::{SignalKind, signal};
use tracing::info;

use crate::app::Signals;

/// Listens from now on; the process no longer ends by these signals alone.
pub(super) fn watch() -> anyhow::Result<Signals> {
    let mut terminate = signal(SignalKind::terminate()).context("cannot listen for SIGTERM")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("cannot listen for SIGINT")?;
    let signals = Signals::default();
    let told = signals.clone();
    tokio::spawn(async move {
        for token in [told.drain, told.hurry] {
            tokio::select! {
                _ = terminate.recv() => info!("told to stop by SIGTERM"),
                _ = interrupt.recv() => info!("told to stop by Ctrl-C"),
            }
            token.cancel();
        }
    });
    Ok(signals)
}
