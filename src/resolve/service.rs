//! A service that knows which pod is meant: it is told who asks for what, and names the pod. One request, one connection.

mod answer;
mod error;
mod url;

pub use error::ServiceError;
pub use url::{ServiceUrl, ServiceUrlError};

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Uri, header};
use http_body_util::Full;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde_json::{Map, Value, json};
use tokio::time::{Instant, timeout_at};
use tokio_util::task::AbortOnDropHandle;

pub(super) use self::answer::Meant;
use super::{ResolverError, body};
use crate::cluster::{Credential, CredentialSettings, Trust, USER_AGENT};
use crate::identity::Principal;
use crate::net::tls::{ClientTls, HandshakeError};
use crate::net::{self, Transport};
use crate::target::{Captures, ClusterName};

/// One service.
#[derive(Debug, Clone)]
pub struct ServiceSettings {
    /// Where to ask.
    pub url: ServiceUrl,
    /// What proves execgate to it, as a bearer token.
    pub secret: Option<CredentialSettings>,
    /// Whom to believe to be it.
    pub trust: Trust,
    /// For the connection, the request and the answer together.
    pub timeout: Duration,
}

/// A service that can be asked: its trust and secret are read.
#[derive(Debug)]
pub(super) struct Service {
    settings: ServiceSettings,
    tls: Option<ClientTls>,
    secret: Option<Credential>,
}

/// What a service is told.
pub(super) struct Question<'a> {
    pub(super) cluster: &'a ClusterName,
    pub(super) principal: &'a Principal,
    pub(super) captures: &'a Captures,
}

impl ServiceSettings {
    /// Somebody waits for the answer.
    pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(5);
}

impl Service {
    /// Reads certificates and the secret. Blocks on files: for start-up.
    pub(super) fn new(name: &str, settings: ServiceSettings) -> Result<Self, ResolverError> {
        let tls = || ClientTls::new(settings.url.host(), &(&settings.trust).into(), None);
        let tls = settings.url.is_tls().then(tls).transpose();
        let tls = tls.map_err(|source| ResolverError::Tls { name: name.to_owned(), source })?;
        let secret = settings.secret.as_ref().map(Credential::new).transpose();
        let secret = secret.map_err(|source| ResolverError::Secret { name: name.to_owned(), source })?;
        Ok(Self { settings, tls, secret })
    }

    /// What to tell the operator at start.
    pub(super) fn warnings(&self) -> Vec<String> {
        self.tls.as_ref().map(|tls| tls.warnings().to_vec()).unwrap_or_default()
    }

    /// Asks, within the service's timeout.
    pub(super) async fn ask(&self, question: &Question<'_>) -> Result<Meant, ServiceError> {
        let limit = self.settings.timeout;
        let deadline = Instant::now() + limit;
        let asked = timeout_at(deadline, self.exchange(question, deadline)).await;
        asked.unwrap_or(Err(ServiceError::Timeout { limit }))
    }

    async fn exchange(&self, question: &Question<'_>, deadline: Instant) -> Result<Meant, ServiceError> {
        let request = self.request(question).await;
        let transport = self.connect().await?;
        let (mut sender, connection) = http1::Builder::new()
            .max_headers(MAX_HEADERS)
            .max_header_size(MAX_HEADER_SIZE)
            .handshake(TokioIo::new(transport))
            .await
            .map_err(broken)?;
        let _driver = AbortOnDropHandle::new(tokio::spawn(connection));
        let (head, incoming) = sender.send_request(request).await.map_err(broken)?.into_parts();
        // What refuses the secret may have got a new one, and so may execgate.
        if head.status == http::StatusCode::UNAUTHORIZED {
            self.secret.iter().for_each(Credential::forget);
        }
        let body = body::whole(incoming, ANSWER_LIMIT, deadline).await.map_err(ServiceError::Body)?;
        answer::read(head.status, &body, question.cluster)
    }

    async fn connect(&self) -> Result<Transport, ServiceError> {
        let limits = net::Limits { timeout: self.settings.timeout, keepalive: KEEPALIVE };
        let tcp = net::connect(self.settings.url.host(), self.settings.url.port(), limits).await;
        let tcp = tcp.map_err(ServiceError::Connect)?;
        match &self.tls {
            None => Ok(Transport::Plain(tcp)),
            Some(tls) => tls.handshake(tcp).await.map_err(ServiceError::Tls),
        }
    }

    async fn request(&self, question: &Question<'_>) -> Request<Full<Bytes>> {
        let json = HeaderValue::from_static("application/json");
        let mut request = Request::new(Full::from(question.to_json()));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = Uri::try_from(self.settings.url.path()).expect("it is the path of a URI");
        let host = HeaderValue::try_from(self.settings.url.authority());
        let headers = request.headers_mut();
        headers.insert(header::HOST, host.expect("a host and a port out of a URI are visible ASCII"));
        headers.insert(header::USER_AGENT, HeaderValue::from_static(USER_AGENT));
        headers.insert(header::CONTENT_TYPE, json.clone());
        headers.insert(header::ACCEPT, json);
        if let Some(secret) = &self.secret {
            headers.extend(secret.authorization().await.map(|value| (header::AUTHORIZATION, value)));
        }
        request
    }
}

impl Question<'_> {
    fn to_json(&self) -> String {
        let captures: Map<String, Value> =
            self.captures.iter().map(|(name, value)| (name.to_owned(), json!(value))).collect();
        let question = json!({
            "user": self.principal.user(),
            "groups": self.principal.groups(),
            "cluster": self.cluster.as_str(),
            "captures": captures,
        });
        question.to_string()
    }
}

/// In TLS 1.3 a broken connection is also how a server says what is wrong with the handshake.
fn broken(error: hyper::Error) -> ServiceError {
    match HandshakeError::find(&error) {
        Some(source) => ServiceError::Tls(source),
        None => ServiceError::Broken(error),
    }
}

/// Three names, and a message.
const ANSWER_LIMIT: usize = 64 * 1024;
/// A service sends about ten.
const MAX_HEADERS: usize = 64;
/// A server cannot fill our memory.
const MAX_HEADER_SIZE: usize = 16 * 1024;
/// No connection lives that long.
const KEEPALIVE: Duration = Duration::from_secs(30);
