//! One request on one connection, and its answer.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{HeaderValue, Response, StatusCode, header};
use http_body_util::{BodyExt as _, Empty};
use hyper::{body::Incoming, client::conn::http1, upgrade};
use hyper_util::rt::TokioIo;
use tokio::time::{Instant, timeout_at};
use tokio_util::task::AbortOnDropHandle;

use super::{
    Connected, DialError, Refusal, Stage, UpgradeError, answer,
    request::{Draft, Impersonated},
};
use crate::{
    cluster::{Cluster, Offered, ReachError},
    net::{ConnectError, Transport, tls::HandshakeError},
    protocol::STATUS_LIMIT,
    target::{ExecOptions, ExecTarget},
};

/// What every request of one dial has in common.
#[derive(Debug)]
pub(super) struct Call<'a> {
    pub(super) cluster: &'a Cluster,
    pub(super) target: &'a ExecTarget,
    pub(super) options: &'a ExecOptions,
    pub(super) impersonated: Option<Impersonated<'a>>,
    pub(super) deadline: Instant,
}

/// What came of a request.
#[derive(Debug)]
pub(super) enum Answer {
    /// 101, checked.
    Upgraded(Connected),
    /// 400 or more.
    Refused(Refusal),
}

impl Call<'_> {
    /// Connects, asks, and reads the answer. Whatever is not an upgrade ends with the connection closed: one on which an upgrade was
    /// refused must carry no further request, because what follows on it may no longer be judged (CVE-2018-1002105, CVE-2020-8559).
    pub(super) async fn exchange(
        &self,
        offered: Offered,
        authorization: Option<HeaderValue>,
    ) -> Result<Answer, DialError> {
        let draft = Draft {
            server: self.cluster.server(),
            target: self.target,
            options: self.options,
            impersonated: self.impersonated,
            authorization,
            offered,
        };
        let upgrade = draft
            .write()
            .map_err(|source| DialError::Request { cluster: self.cluster.name().clone(), source })?;
        let transport = self.connect().await?;
        let (mut sender, connection) = http1::Builder::new()
            .max_headers(MAX_HEADERS)
            .max_header_size(MAX_HEADER_SIZE)
            .handshake::<_, Empty<Bytes>>(TokioIo::new(transport))
            .await
            .map_err(|error| self.broken(error))?;
        // Ends, and with it the connection, when this function returns without an upgrade.
        let _driver = AbortOnDropHandle::new(tokio::spawn(connection.with_upgrades()));
        let response =
            self.in_time(sender.send_request(upgrade.request)).await?.map_err(|error| self.broken(error))?;
        match response.status() {
            StatusCode::SWITCHING_PROTOCOLS => self.upgraded(response, &upgrade.key, offered).await,
            status if status.is_redirection() => Err(self.redirected(&response)),
            status if status.is_client_error() || status.is_server_error() => {
                match self.refused(response).await {
                    refusal if refusal.wants_tls() => Err(self.not_an_upgrade(UpgradeError::WantsTls)),
                    refusal => Ok(Answer::Refused(refusal)),
                }
            }
            status => Err(self.not_an_upgrade(UpgradeError::Code(status.as_u16()))),
        }
    }

    /// Waits for the answer, but no longer than the deadline.
    async fn in_time<F: Future>(&self, answer: F) -> Result<F::Output, DialError> {
        timeout_at(self.deadline, answer).await.map_err(|_| self.too_late(Stage::Answering))
    }

    async fn connect(&self) -> Result<Transport, DialError> {
        let cluster = || self.cluster.name().clone();
        self.cluster.connect(self.deadline).await.map_err(|error| match error {
            ReachError::Connect(ConnectError::Timeout { .. }) => self.too_late(Stage::Connecting),
            ReachError::Connect(source) => DialError::Connect { cluster: cluster(), source },
            ReachError::TlsTimeout => self.too_late(Stage::Handshaking),
            ReachError::Tls(source) => DialError::Tls { cluster: cluster(), source },
        })
    }

    async fn upgraded(
        &self,
        mut response: Response<Incoming>,
        key: &str,
        offered: Offered,
    ) -> Result<Answer, DialError> {
        let subprotocol = answer::check(response.headers(), key, offered)
            .map_err(|problem| self.not_an_upgrade(problem))?;
        let upgraded = self.in_time(upgrade::on(&mut response)).await?.map_err(|error| self.broken(error))?;
        let parts =
            upgraded.downcast::<TokioIo<Transport>>().expect("hyper gives back the io that it was given");
        Ok(Answer::Upgraded(Connected {
            transport: parts.io.into_inner(),
            early: parts.read_buf,
            subprotocol,
        }))
    }

    async fn refused(&self, response: Response<Incoming>) -> Refusal {
        let (head, body) = response.into_parts();
        let patience = Instant::now() + BODY_PATIENCE;
        Refusal {
            code: head.status.as_u16(),
            content_type: head.headers.get(header::CONTENT_TYPE).cloned(),
            retry_after: head.headers.get(header::RETRY_AFTER).cloned(),
            body: read_body(body, patience.min(self.deadline)).await,
        }
    }

    fn redirected(&self, response: &Response<Incoming>) -> DialError {
        let location = response.headers().get(header::LOCATION);
        DialError::Redirected {
            cluster: self.cluster.name().clone(),
            code: response.status().as_u16(),
            location: location.map_or_else(String::new, |location| {
                String::from_utf8_lossy(location.as_bytes()).into_owned()
            }),
        }
    }

    fn not_an_upgrade(&self, source: UpgradeError) -> DialError {
        DialError::Upgrade { cluster: self.cluster.name().clone(), source }
    }

    fn too_late(&self, stage: Stage) -> DialError {
        DialError::Timeout {
            cluster: self.cluster.name().clone(),
            stage,
            limit: self.cluster.settings().connect_timeout,
        }
    }

    /// A connection that broke; in TLS 1.3 this is also how a server refuses a client certificate.
    fn broken(&self, error: hyper::Error) -> DialError {
        let cluster = self.cluster.name().clone();
        match HandshakeError::find(&error) {
            Some(source) => DialError::Tls { cluster, source },
            None => DialError::Broken { cluster, source: error },
        }
    }
}

/// Reads the body's beginning. What has not come by `deadline`, or by the end of the connection, is not worth more waiting: the
/// status code is known.
async fn read_body(mut body: Incoming, deadline: Instant) -> Bytes {
    let mut kept = BytesMut::new();
    let read = async {
        while let Some(Ok(frame)) = body.frame().await {
            if let Ok(data) = frame.into_data() {
                let room = STATUS_LIMIT - kept.len();
                kept.extend_from_slice(&data[..data.len().min(room)]);
            }
            if kept.len() == STATUS_LIMIT {
                break;
            }
        }
    };
    // Too late is no error here: what has come is kept.
    let _ = timeout_at(deadline, read).await;
    kept.freeze()
}

/// An API server sends about ten.
const MAX_HEADERS: usize = 64;
/// Room for long audit and warning headers; a server cannot fill our memory.
const MAX_HEADER_SIZE: usize = 16 * 1024;
/// A refusal is one small segment after its head; a server that keeps the connection open after it must not hold up a redial.
const BODY_PATIENCE: Duration = Duration::from_secs(2);
