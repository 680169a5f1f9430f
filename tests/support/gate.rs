//! A gate in this process, on a free port.

use std::net::SocketAddr;

use execgate::app::{App, Signals};
use tokio::task::JoinHandle;

use super::ask::{Door, Serves};
use super::setup::{ALICE, Setup};

/// A running gate. Dropping it stops it.
pub(crate) struct Gate {
    pub(crate) address: SocketAddr,
    pub(crate) signals: Signals,
    pub(crate) running: JoinHandle<()>,
    pub(crate) setup: Setup,
}

impl Gate {
    /// A gate as it is set up.
    pub(crate) async fn start(setup: Setup) -> Self {
        Self::start_changed(setup, |_| {}).await
    }

    /// The same, with settings that no file may say.
    pub(crate) async fn start_changed(
        setup: Setup,
        change: impl FnOnce(&mut execgate::config::Settings),
    ) -> Self {
        let mut settings = setup.settings();
        change(&mut settings);
        let app = App::build(settings).await.unwrap();
        let address = app.addresses()[0];
        let signals = Signals::default();
        let running = tokio::spawn(app.run(signals.clone()));
        Self { address, signals, running, setup }
    }
}

impl Serves for Gate {
    fn door(&self) -> Door {
        Door { address: self.address, ca: self.setup.ca_pem(), token: ALICE.to_owned() }
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        self.signals.drain.cancel();
        self.signals.hurry.cancel();
    }
}
