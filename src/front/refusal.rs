//! The one place where an error before the relay becomes an answer: a `metav1.Status` over HTTP, or, for a page, which can't read
//! that, words in its terminal and a close code. What they read here and what the log reads are two texts.
//!
//! A page is told everything that it can do something about: who it is (401), that it may not (403), that there is no such thing
//! (404), that a cluster fails (5xx), that all places are taken (503). Requests that are malformed, foreign pages, and requests
//! without a usable handshake stay HTTP: they are for the developer, whose tools show them.

mod refused;
mod telling;

pub(super) use refused::Refused;
pub(super) use telling::Teller;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, StatusCode, header};

use super::frontend::FrontendError;
use super::handshake::HandshakeError;
use super::request::RequestError;
use super::{Answer, Content};
use crate::protocol::{Close, Farewell, Status};
use crate::target::{ClusterName, QueryError};
use crate::upstream::{DialError, ReadError};

/// What a client is told.
#[derive(Debug, Clone)]
pub(super) struct Refusal {
    code: StatusCode,
    /// The same words as a Status, for programs without a body of the API server's own, and for channel 3.
    status: Status,
    /// Headers that belong to the code.
    headers: Vec<(HeaderName, HeaderValue)>,
    /// The API server's own body, passed on as it is.
    body: Option<Body>,
    audience: Audience,
}

/// A body that is not ours.
#[derive(Debug, Clone)]
struct Body {
    content_type: Option<HeaderValue>,
    bytes: Bytes,
}

/// Who has to be able to read it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Audience {
    /// The user: on a page's terminal if it is a page.
    User,
    /// The developer: always over HTTP.
    Developer,
}

/// Seconds after which a place may have become free.
const RETRY_AFTER_SECONDS: &str = "5";

impl Refusal {
    /// The refusal over HTTP.
    pub(super) fn to_answer(&self) -> Answer {
        let (content_type, bytes) = if let Some(body) = &self.body {
            (body.content_type.clone(), body.bytes.clone())
        } else {
            let json = HeaderValue::from_static("application/json");
            (Some(json), Bytes::from(self.status.to_json()))
        };
        let mut answer = Answer::new(Content::from(bytes));
        *answer.status_mut() = self.code;
        let headers = answer.headers_mut();
        headers.extend(self.headers.iter().cloned());
        headers.extend(content_type.map(|value| (header::CONTENT_TYPE, value)));
        // A browser must not guess that a body is a page.
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        answer
    }

    /// The refusal for a page's terminal, if it is for its user.
    fn to_farewell(&self) -> Option<Farewell> {
        (self.audience == Audience::User).then(|| Farewell {
            words: format!("execgate: {}", self.words()),
            status: self.status.clone(),
            close: Close::for_http_status(self.code.as_u16(), self.words()),
        })
    }

    fn words(&self) -> &str {
        self.status.message.as_deref().unwrap_or_default()
    }

    fn new(code: StatusCode, words: impl Into<String>, audience: Audience) -> Self {
        Self {
            code,
            status: Status::refusal(code.as_u16(), reason(code), words),
            headers: Vec::new(),
            body: None,
            audience,
        }
    }

    fn for_user(code: StatusCode, words: impl Into<String>) -> Self {
        Self::new(code, words, Audience::User)
    }

    fn for_developer(code: StatusCode, words: impl Into<String>) -> Self {
        Self::new(code, words, Audience::Developer)
    }

    fn with(mut self, name: HeaderName, value: &'static str) -> Self {
        self.headers.push((name, HeaderValue::from_static(value)));
        self
    }

    fn about(mut self, kind: &str, name: &str) -> Self {
        self.status = self.status.about(kind, name);
        self
    }

    fn unauthorized(words: impl Into<String>) -> Self {
        Self::for_user(StatusCode::UNAUTHORIZED, words).with(header::WWW_AUTHENTICATE, "Bearer")
    }

    fn method_not_allowed(words: impl Into<String>) -> Self {
        Self::for_developer(StatusCode::METHOD_NOT_ALLOWED, words).with(header::ALLOW, "GET")
    }

    fn unknown_cluster(name: &ClusterName) -> Self {
        let words = format!("cluster {:?} not found", name.as_str());
        Self::for_user(StatusCode::NOT_FOUND, words).about("clusters", name.as_str())
    }
}

impl From<&Refused> for Refusal {
    fn from(refused: &Refused) -> Self {
        let words = refused.to_string();
        match refused {
            Refused::Head(_) | Refused::Route(_) | Refused::Pairing(_) => {
                Self::for_developer(StatusCode::BAD_REQUEST, words)
            }
            Refused::Nowhere => Self::for_developer(StatusCode::NOT_FOUND, words),
            Refused::Origin(_) | Refused::Embedding(_) => Self::for_developer(StatusCode::FORBIDDEN, words),
            Refused::Request(error) => error.into(),
            Refused::Unauthenticated { .. } => Self::unauthorized(words),
            Refused::NoDefaultCluster => Self::for_user(StatusCode::NOT_FOUND, words),
            Refused::Denied(_) => Self::for_user(StatusCode::FORBIDDEN, words),
            Refused::UnknownCluster(name) => Self::unknown_cluster(name),
            Refused::TooManySessions(_) => Self::for_user(StatusCode::SERVICE_UNAVAILABLE, words)
                .with(header::RETRY_AFTER, RETRY_AFTER_SECONDS),
            Refused::Handshake(error) => (*error).into(),
            Refused::Dial(error) => (&**error).into(),
            Refused::Resolve(error) => {
                let code = StatusCode::from_u16(error.http_status()).unwrap_or(StatusCode::BAD_GATEWAY);
                Self::for_user(code, error.for_user())
            }
            Refused::Login(error) => Self::for_developer(error.http_status(), words),
            Refused::Roster(error) => Self::for_developer(
                StatusCode::from_u16(error.http_status()).unwrap_or(StatusCode::BAD_GATEWAY),
                error.for_user(),
            ),
            Refused::Frontend(error) => (&**error).into(),
        }
    }
}

impl From<&RequestError> for Refusal {
    fn from(error: &RequestError) -> Self {
        let words = error.to_string();
        match error {
            RequestError::Method { .. }
            | RequestError::Write { .. }
            | RequestError::Query(QueryError::Watch) => Self::method_not_allowed(words),
            // The page that is told has an address of the user's making, or of its own.
            RequestError::Routed(_) => Self::for_user(StatusCode::BAD_REQUEST, words),
            RequestError::NotAcceptable(_) => Self::for_developer(StatusCode::NOT_ACCEPTABLE, words),
            // The API server takes a bad bearer entry for a bad credential. The offer can't be read then, so there is no
            // subprotocol in which a page could be told.
            RequestError::Offer(_) => Self { audience: Audience::Developer, ..Self::unauthorized(words) },
            RequestError::Query(_)
            | RequestError::OfferText
            | RequestError::Presented(_)
            | RequestError::Body
            | RequestError::Version => Self::for_developer(StatusCode::BAD_REQUEST, words),
        }
    }
}

impl From<HandshakeError> for Refusal {
    fn from(error: HandshakeError) -> Self {
        let words = error.to_string();
        let bad_request = |words| Self::for_developer(StatusCode::BAD_REQUEST, words);
        match error {
            HandshakeError::Post => Self::method_not_allowed(words),
            HandshakeError::Version => bad_request(words).with(header::SEC_WEBSOCKET_VERSION, "13"),
            HandshakeError::NoUpgrade | HandshakeError::Key | HandshakeError::Body => bad_request(words),
        }
    }
}

/// A page reads the words for users, which name no address, node or argv; a program reads what the API server wrote, if it did.
impl From<&DialError> for Refusal {
    fn from(error: &DialError) -> Self {
        let code = StatusCode::from_u16(error.http_status()).unwrap_or(StatusCode::BAD_GATEWAY);
        let mut refusal = Self::for_user(code, error.for_user());
        if let DialError::Refused { refusal: answer, .. } = error {
            let retry_after = answer.retry_after.iter().cloned();
            refusal.headers.extend(retry_after.map(|value| (header::RETRY_AFTER, value)));
            refusal.body = (!answer.body.is_empty())
                .then(|| Body { content_type: answer.content_type.clone(), bytes: answer.body.clone() });
        }
        refusal
    }
}

impl From<&FrontendError> for Refusal {
    fn from(error: &FrontendError) -> Self {
        let refusal = Self::for_developer(error.http_status(), error.for_user());
        match error {
            FrontendError::Method { .. } => refusal.with(header::ALLOW, "GET, HEAD"),
            _ => refusal,
        }
    }
}

/// Kubernetes' own Status where the API server wrote one about the request, so that its clients know what to do; else the words for
/// users. What it says of its own failures can name addresses, and pages read too.
impl From<&ReadError> for Refusal {
    fn from(error: &ReadError) -> Self {
        let code = StatusCode::from_u16(error.http_status()).unwrap_or(StatusCode::BAD_GATEWAY);
        let mut refusal = Self::for_user(code, error.for_user());
        if let ReadError::Refused { refusal: answer, .. } = error {
            let retry_after = answer.retry_after.iter().cloned();
            refusal.headers.extend(retry_after.map(|value| (header::RETRY_AFTER, value)));
            refusal.body = answer.status().filter(|_| speaks_of_the_request(answer.code)).map(|_| Body {
                content_type: Some(HeaderValue::from_static("application/json")),
                bytes: answer.body.clone(),
            });
        }
        refusal
    }
}

/// Refusals do, and the timeout filter; other failures speak of what failed.
fn speaks_of_the_request(code: u16) -> bool {
    code < 500 || code == 504
}

/// The machine's word for a code (apimachinery `pkg/apis/meta/v1/types.go`, `StatusReason`).
fn reason(code: StatusCode) -> &'static str {
    match code {
        StatusCode::BAD_REQUEST => "BadRequest",
        StatusCode::UNAUTHORIZED => "Unauthorized",
        StatusCode::FORBIDDEN => "Forbidden",
        StatusCode::NOT_FOUND => "NotFound",
        StatusCode::METHOD_NOT_ALLOWED => "MethodNotAllowed",
        StatusCode::NOT_ACCEPTABLE => "NotAcceptable",
        StatusCode::CONFLICT => "Conflict",
        StatusCode::GONE => "Expired",
        StatusCode::TOO_MANY_REQUESTS => "TooManyRequests",
        StatusCode::SERVICE_UNAVAILABLE => "ServiceUnavailable",
        StatusCode::GATEWAY_TIMEOUT => "Timeout",
        _ => "InternalError",
    }
}
