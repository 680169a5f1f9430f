//! One HTTP/1.1 request to an API server, on a connection of its own, shown with the cluster's credential.

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use bytes::{Bytes, BytesMut};
use http::{HeaderValue, Request, Response, StatusCode, Uri, header};
use http_body_util::{BodyExt as _, Full};
use hyper::{
    body::{Body, Frame, Incoming, SizeHint},
    client::conn::http1,
};
use hyper_util::rt::TokioIo;
use tokio::time::{Instant, timeout_at};
use tokio_util::task::AbortOnDropHandle;

use super::{Cluster, ReachError, SendError, Stage};
use crate::{
    net::{ConnectError, Transport, tls::HandshakeError},
    protocol::{STATUS_LIMIT, Status},
};

/// What an API server's audit log shows.
pub const USER_AGENT: &str = concat!("execgate/", env!("CARGO_PKG_VERSION"));

/// The body of an API server's answer as it comes in, and the connection that it comes on: dropping the body closes that.
pub struct AnswerBody {
    incoming: Incoming,
    _driver: AbortOnDropHandle<hyper::Result<()>>,
}

/// What came of showing one credential.
enum Attempt {
    Answered(Response<AnswerBody>),
    /// 401, and what was said with it.
    Unauthorized(String),
}

impl Cluster {
    /// Asks the API server in execgate's own name. `request` has a path and query as Kubernetes writes them and the headers that the
    /// caller wants; the server's path prefix, `Host`, `User-Agent` and the credential are put in here. The head of the answer has
    /// the cluster's connect timeout; how long its body may take is the caller's affair. A token that is refused may just have been
    /// replaced: it is read again, and a different one gets one more try.
    pub async fn send(&self, request: Request<Full<Bytes>>) -> Result<Response<AnswerBody>, SendError> {
        let deadline = Instant::now() + self.settings().connect_timeout;
        let authorization = self.authorization().await;
        let refused = match self.attempt(request.clone(), authorization.clone(), deadline).await? {
            Attempt::Answered(answer) => return Ok(answer),
            Attempt::Unauthorized(words) => words,
        };
        self.forget_token();
        let fresh = self.authorization().await;
        if fresh == authorization {
            return Err(self.credential_refused(refused));
        }
        match self.attempt(request, fresh, deadline).await? {
            Attempt::Answered(answer) => Ok(answer),
            Attempt::Unauthorized(words) => Err(self.credential_refused(words)),
        }
    }

    /// Connects, sends `request` as it is, and waits for the head of the answer, all until `deadline`. The connection carries no
    /// second request; a 101 can be taken up with [`hyper::upgrade::on`].
    pub async fn exchange<B>(
        &self,
        request: Request<B>,
        deadline: Instant,
    ) -> Result<Response<AnswerBody>, SendError>
    where
        B: Body<Data = Bytes, Error: std::error::Error + Send + Sync> + Send + Unpin + 'static,
    {
        let transport = self.transport(deadline).await?;
        let (mut sender, connection) = http1::Builder::new()
            .max_headers(MAX_HEADERS)
            .max_header_size(MAX_HEADER_SIZE)
            .handshake(TokioIo::new(transport))
            .await
            .map_err(|error| self.broken(error))?;
        let driver = AbortOnDropHandle::new(tokio::spawn(connection.with_upgrades()));
        let response = timeout_at(deadline, sender.send_request(request))
            .await
            .map_err(|_| self.too_late(Stage::Answering))?
            .map_err(|error| self.broken(error))?;
        Ok(response.map(|incoming| AnswerBody { incoming, _driver: driver }))
    }

    /// The error of a connection that broke; in TLS 1.3 this is also how a server refuses a client certificate.
    pub fn broken(&self, error: hyper::Error) -> SendError {
        let cluster = self.name().clone();
        match HandshakeError::find(&error) {
            Some(source) => SendError::Tls { cluster, source },
            None => SendError::Broken { cluster, source: error },
        }
    }

    /// The error of a deadline that passed.
    pub fn too_late(&self, stage: Stage) -> SendError {
        SendError::Timeout { cluster: self.name().clone(), stage, limit: self.settings().connect_timeout }
    }

    /// The error of an answer that points elsewhere: not followed, the credential is for this server alone.
    pub fn redirected<B>(&self, answer: &Response<B>) -> SendError {
        let location = answer.headers().get(header::LOCATION);
        SendError::Redirected {
            cluster: self.name().clone(),
            code: answer.status().as_u16(),
            location: location.map_or_else(String::new, |location| {
                String::from_utf8_lossy(location.as_bytes()).into_owned()
            }),
        }
    }

    /// The error of a credential that the API server does not know; `answer` is what it said.
    pub fn credential_refused(&self, answer: String) -> SendError {
        SendError::CredentialRefused {
            cluster: self.name().clone(),
            credential: self.credential_source(),
            answer,
        }
    }

    async fn attempt(
        &self,
        request: Request<Full<Bytes>>,
        authorization: Option<HeaderValue>,
        deadline: Instant,
    ) -> Result<Attempt, SendError> {
        let answer = self.exchange(self.addressed(request, authorization)?, deadline).await?;
        match answer.status() {
            StatusCode::UNAUTHORIZED => {
                Ok(Attempt::Unauthorized(excerpt(&answer.into_body().beginning(deadline).await)))
            }
            status if status.is_redirection() => Err(self.redirected(&answer)),
            _ => Ok(Attempt::Answered(answer)),
        }
    }

    async fn transport(&self, deadline: Instant) -> Result<Transport, SendError> {
        let cluster = || self.name().clone();
        self.connect(deadline).await.map_err(|error| match error {
            ReachError::Connect(ConnectError::Timeout { .. }) => self.too_late(Stage::Connecting),
            ReachError::Connect(source) => SendError::Connect { cluster: cluster(), source },
            ReachError::TlsTimeout => self.too_late(Stage::Handshaking),
            ReachError::Tls(source) => SendError::Tls { cluster: cluster(), source },
        })
    }

    fn addressed(
        &self,
        mut request: Request<Full<Bytes>>,
        authorization: Option<HeaderValue>,
    ) -> Result<Request<Full<Bytes>>, SendError> {
        let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
        let text = format!("{}{path}", self.server().prefix());
        // The prefix and the path are parts of URIs: together they can only be too long, as `http` ends one at 65,534 bytes.
        let length = text.len();
        *request.uri_mut() =
            Uri::try_from(text).map_err(|_| SendError::TooLong { cluster: self.name().clone(), length })?;
        let host = HeaderValue::try_from(self.server().authority())
            .expect("a host and a port out of a URI are visible ASCII");
        let headers = request.headers_mut();
        headers.insert(header::HOST, host);
        headers.insert(header::USER_AGENT, HeaderValue::from_static(USER_AGENT));
        headers.remove(header::AUTHORIZATION);
        headers.extend(authorization.map(|value| (header::AUTHORIZATION, value)));
        Ok(request)
    }
}

impl AnswerBody {
    /// The body's first 64 KiB. What has not come by `deadline`, within two seconds, or by the end of the connection, is not worth
    /// more waiting: the status code is known.
    pub async fn beginning(mut self, deadline: Instant) -> Bytes {
        let mut kept = BytesMut::new();
        let read = async {
            while let Some(Ok(frame)) = self.frame().await {
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
        let _ = timeout_at(deadline.min(Instant::now() + BODY_PATIENCE), read).await;
        kept.freeze()
    }
}

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<hyper::Result<Frame<Bytes>>>> {
        Pin::new(&mut self.incoming).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.incoming.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.incoming.size_hint()
    }
}

impl fmt::Debug for AnswerBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AnswerBody").finish_non_exhaustive()
    }
}

/// An answer's body for the log: its sentence, short and on one line.
pub fn excerpt(body: &[u8]) -> String {
    let status = Status::parse(body).filter(|status| status.kind.as_deref() == Some("Status"));
    let text = status
        .and_then(|status| status.message)
        .unwrap_or_else(|| String::from_utf8_lossy(body).into_owned());
    let line: String =
        text.trim().chars().map(|c| if c.is_control() { ' ' } else { c }).take(EXCERPT_LIMIT).collect();
    if line.is_empty() { "nothing".to_owned() } else { line }
}

/// A sentence of Kubernetes fits; an HTML page does not.
const EXCERPT_LIMIT: usize = 300;
/// An API server sends about ten.
const MAX_HEADERS: usize = 64;
/// Room for long audit and warning headers; a server cannot fill our memory.
const MAX_HEADER_SIZE: usize = 16 * 1024;
/// A refusal is one small segment after its head; a server that keeps the connection open after it must not hold up a redial.
const BODY_PATIENCE: Duration = Duration::from_secs(2);
