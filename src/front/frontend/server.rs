//! The page's own server: what it is asked, what it answers, and nothing of it kept. Both bodies stream.

mod credentials;
mod dial;
mod headers;
mod passed;
mod tunnel;
mod upload;

pub(super) use upload::UploadError;

use std::time::Duration;

use http::uri::{Authority, PathAndQuery, Scheme};
use http::{HeaderValue, Request, Response, StatusCode, Uri, Version, header};
use hyper::body::{Body as _, Incoming};
use hyper::upgrade::OnUpgrade;
use hyper_util::client::legacy::{self, Client};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use self::credentials::Credentials;
use self::dial::{DialError, Dialler};
use self::passed::Passed;
use self::upload::Upload;
use super::error::Failure;
use super::{FrontendError, FrontendStartError, ServerSettings};
use crate::cluster::Trust;
use crate::front::connection::Peer;
use crate::front::handshake::is_upgrade;
use crate::front::settings::CredentialNames;
use crate::front::{Answer, Content};
use crate::identity::Chain;

/// The page's own server.
#[derive(Debug)]
pub(super) struct Server {
    client: Client<Dialler, Upload>,
    scheme: Scheme,
    authority: Authority,
    url: String,
    credentials: Credentials,
    warnings: Vec<String>,
    /// Every WebSocket of the page's.
    tunnels: TaskTracker,
    /// Ends them, and event streams.
    stopping: CancellationToken,
}

/// How long a connection is kept for the next request: shorter than the servers themselves keep one, of which Node.js is the most
/// impatient with 5 s. A request that meets the end of its connection would be lost.
const IDLE_LIMIT: Duration = Duration::from_secs(4);
/// A page loads six files at once; so many pages at once find their connections open.
const IDLE_CONNECTIONS: usize = 32;
/// As the page's users send: an answer with more headers is an accident.
const HEADER_COUNT_LIMIT: usize = 256;

/// For the log, at start.
const ANYBODY: &str = "frontend: insecureSkipTlsVerify is on, so anybody in between can put another page in front of your users' \
                       terminals; name a certificateAuthority";

impl Server {
    pub(super) fn new(
        settings: &ServerSettings,
        credentials: &CredentialNames,
    ) -> Result<Self, FrontendStartError> {
        let dialler = Dialler::new(settings).map_err(FrontendStartError::Tls)?;
        let scheme = if settings.url.is_tls() { Scheme::HTTPS } else { Scheme::HTTP };
        let authority = Authority::try_from(settings.url.authority()).expect("it was taken out of a URI");
        let mut warnings: Vec<String> =
            dialler.warnings().iter().map(|text| format!("frontend: {text}")).collect();
        if settings.trust == Trust::Insecure {
            warnings.push(ANYBODY.to_owned());
        }
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE_LIMIT)
            .pool_max_idle_per_host(IDLE_CONNECTIONS)
            .http1_max_headers(HEADER_COUNT_LIMIT)
            // The page's own: its links, redirects and cookies are made of it.
            .set_host(false)
            .build(dialler);
        Ok(Self {
            client,
            scheme,
            authority,
            url: settings.url.to_string(),
            credentials: Credentials::new(credentials, &settings.keep_cookies),
            warnings,
            tunnels: TaskTracker::new(),
            stopping: CancellationToken::new(),
        })
    }

    pub(super) fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// Passes a request on, and its answer back. Only a WebSocket's upgrade is passed; asked for another protocol, the server is
    /// asked without.
    pub(super) async fn answer(
        &self,
        chain: &Chain,
        mut request: Request<Incoming>,
        peer: &Peer,
    ) -> Result<Answer, FrontendError> {
        let is_websocket = request.version() >= Version::HTTP_11 && is_upgrade(request.headers());
        let upgrade = is_websocket.then(|| hyper::upgrade::on(&mut request));
        let mut request = self.outgoing(chain, request, peer);
        if upgrade.is_some() {
            headers::upgrade(request.headers_mut());
        }
        let answer = self.client.request(request).await.map_err(|error| self.failed(error))?;
        match (answer.status(), upgrade) {
            (StatusCode::SWITCHING_PROTOCOLS, Some(upgrade)) => Ok(self.tunnel(upgrade, answer, peer)),
            (StatusCode::SWITCHING_PROTOCOLS, None) => Err(FrontendError::Switched { url: self.url.clone() }),
            _ => Ok(self.passed(answer)),
        }
    }

    /// Ends tunnels and event streams, now and from now on.
    pub(super) fn stop(&self) {
        self.stopping.cancel();
    }

    pub(super) async fn stopped(&self) {
        self.tunnels.close();
        self.tunnels.wait().await;
    }

    /// The same request, to the other server: method, path and query as they are, without what was for execgate alone.
    fn outgoing(&self, chain: &Chain, request: Request<Incoming>, peer: &Peer) -> Request<Upload> {
        let (mut head, body) = request.into_parts();
        head.uri = self.uri(head.uri.path_and_query(), chain);
        head.version = Version::HTTP_11;
        headers::end_to_end(&mut head.headers);
        headers::forwarded(&mut head.headers, peer);
        self.credentials.withhold(&mut head.headers, chain);
        if !body.is_end_stream() && body.size_hint().exact().is_none() {
            // Of some methods the client otherwise sends no body that does not say its length.
            head.headers.insert(header::TRANSFER_ENCODING, HeaderValue::from_static("chunked"));
        }
        let mut request = Request::new(Upload::new(body));
        *request.method_mut() = head.method;
        *request.uri_mut() = head.uri;
        *request.version_mut() = head.version;
        *request.headers_mut() = head.headers;
        request
    }

    fn uri(&self, target: Option<&PathAndQuery>, chain: &Chain) -> Uri {
        let mut parts = http::uri::Parts::default();
        parts.scheme = Some(self.scheme.clone());
        parts.authority = Some(self.authority.clone());
        parts.path_and_query = Some(match target {
            Some(target) => self.credentials.withheld_from(target, chain),
            None => PathAndQuery::from_static("/"),
        });
        Uri::from_parts(parts).expect("a scheme, an authority and a path make a URI")
    }

    fn passed(&self, answer: Response<Incoming>) -> Answer {
        let (mut head, body) = answer.into_parts();
        headers::end_to_end(&mut head.headers);
        let passed = Passed::new(body, self.url.clone());
        // A browser opens an event stream again by itself, wherever it gets to then; nothing else ends one.
        let passed = if is_event_stream(&head) { passed.until(self.stopping.clone()) } else { passed };
        let mut answer = Answer::new(Content::Passed(http_body_util::BodyExt::boxed_unsync(passed)));
        *answer.status_mut() = head.status;
        *answer.headers_mut() = head.headers;
        answer
    }

    fn tunnel(&self, client: OnUpgrade, mut answer: Response<Incoming>, peer: &Peer) -> Answer {
        let server = hyper::upgrade::on(&mut answer);
        let (mut head, _) = answer.into_parts();
        headers::end_to_end(&mut head.headers);
        headers::upgrade(&mut head.headers);
        let (stopping, peer) = (self.stopping.clone(), peer.clone());
        self.tunnels.spawn(async move {
            stopping.run_until_cancelled(tunnel::run(client, server, peer.address)).await;
            drop(peer);
        });
        let mut answer = Answer::new(Content::empty());
        *answer.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
        *answer.headers_mut() = head.headers;
        answer
    }

    fn failed(&self, error: legacy::Error) -> FrontendError {
        if let Some(error) = find::<UploadError>(&error) {
            return FrontendError::Upload(*error);
        }
        let failure = match find::<DialError>(&error) {
            Some(error) if error.is_timeout() => Failure::Late,
            Some(_) => Failure::Down,
            None => Failure::Broke,
        };
        FrontendError::Server { url: self.url.clone(), failure, source: error }
    }
}

fn is_event_stream(head: &http::response::Parts) -> bool {
    let kind = head.headers.get(header::CONTENT_TYPE).map(HeaderValue::as_bytes);
    kind.is_some_and(|kind| kind.to_ascii_lowercase().starts_with(b"text/event-stream"))
}

/// An error among the sources of another.
fn find<'a, E: std::error::Error + 'static>(error: &'a (dyn std::error::Error + 'static)) -> Option<&'a E> {
    let mut current = Some(error);
    while let Some(error) = current {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        current = error.source();
    }
    None
}
