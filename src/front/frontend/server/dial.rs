//! Opens a connection to the page's own server.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::Uri;
use hyper_util::client::legacy::connect::{Connected, Connection};
use hyper_util::rt::TokioIo;
use tokio::time::{Instant, timeout_at};

use crate::cluster;
use crate::front::frontend::ServerSettings;
use crate::net::tls::{ClientTls, HandshakeError, TlsError};
use crate::net::{self, ConnectError, Limits, Transport};

/// Knows the way. The client's pool asks it for a connection when it has none left.
#[derive(Debug, Clone)]
pub(super) struct Dialler {
    way: Arc<Way>,
}

#[derive(Debug)]
struct Way {
    settings: ServerSettings,
    tls: Option<ClientTls>,
}

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub(super) enum DialError {
    #[error(transparent)]
    Connect(ConnectError),
    #[error("the TLS handshake took too long")]
    TlsTimeout,
    #[error(transparent)]
    Tls(HandshakeError),
}

impl DialError {
    pub(super) fn is_timeout(&self) -> bool {
        matches!(self, Self::Connect(ConnectError::Timeout { .. }) | Self::TlsTimeout)
    }
}

impl Dialler {
    pub(super) fn new(settings: &ServerSettings) -> Result<Self, TlsError> {
        let url = &settings.url;
        let name = settings.tls_server_name.as_deref().unwrap_or_else(|| url.host());
        let tls = url.is_tls().then(|| ClientTls::new(name, &(&settings.trust).into(), None)).transpose()?;
        Ok(Self { way: Arc::new(Way { settings: settings.clone(), tls }) })
    }

    pub(super) fn warnings(&self) -> &[String] {
        self.way.tls.as_ref().map_or(&[], ClientTls::warnings)
    }
}

impl Way {
    async fn go(&self) -> Result<Transport, DialError> {
        let timeout = self.settings.connect_timeout;
        let deadline = Instant::now() + timeout;
        let limits = Limits { timeout, keepalive: cluster::Settings::DEFAULT_KEEPALIVE };
        let (host, port) = (self.settings.url.host(), self.settings.url.port());
        let tcp = net::connect(host, port, limits).await.map_err(DialError::Connect)?;
        match &self.tls {
            None => Ok(Transport::Plain(tcp)),
            Some(tls) => timeout_at(deadline, tls.handshake(tcp))
                .await
                .map_err(|_| DialError::TlsTimeout)?
                .map_err(DialError::Tls),
        }
    }
}

impl tower_service::Service<Uri> for Dialler {
    type Response = TokioIo<Transport>;
    type Error = DialError;
    type Future = Pin<Box<dyn Future<Output = Result<TokioIo<Transport>, DialError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), DialError>> {
        Poll::Ready(Ok(()))
    }

    /// There is one server: the URI that is asked for is always its own.
    fn call(&mut self, _: Uri) -> Self::Future {
        let way = Arc::clone(&self.way);
        Box::pin(async move { way.go().await.map(TokioIo::new) })
    }
}

impl Connection for Transport {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}
