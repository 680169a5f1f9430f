//! In and out: a token that the user pastes into the page, or a link that the demo prints.

use std::time::Duration;

use http::{HeaderMap, HeaderValue, Request, StatusCode, header};
use http_body_util::{BodyExt as _, Limited};
use hyper::body::Incoming;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use subtle::ConstantTimeEq as _;
use tokio::time::timeout;

use super::Site;
use super::cookie::{self, Change};
use crate::front::connection::Peer;
use crate::front::origin::{NotOurPage, Scheme};
use crate::front::refusal::Refused;
use crate::front::request::RequestError;
use crate::front::{Answer, Front};
use crate::identity::{Presented, Unauthenticated};

/// `GET /login?code=CODE` makes a browser show `token` from then on. The code is not the token, so that what stays in a browser's
/// history is worth nothing once this process has ended.
#[derive(Debug)]
pub struct LoginLink {
    /// What stands in the URL.
    pub code: SecretString,
    /// What the cookie then carries.
    pub token: SecretString,
}

/// Why somebody is not logged in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(in crate::front) enum LoginError {
    #[error(transparent)]
    Page(#[from] NotOurPage),
    #[error(
        "a login is JSON: Content-Type: application/json and {{\"token\": \"...\"}}, of at most {BODY_LIMIT} bytes"
    )]
    Body,
    #[error("the login did not come within {BODY_PATIENCE:?}")]
    Slow,
    #[error("no token was entered; paste yours")]
    Empty,
    #[error("this token is not accepted; check that it was copied whole, and that it is still valid")]
    Wrong,
    #[error("this token is too long for a browser to keep: it has more than {TOKEN_LIMIT} characters")]
    TooLong,
    #[error("this login link is not valid; open the one that execgate printed when it started")]
    Link,
}

impl LoginError {
    /// The HTTP status code that fits.
    pub(in crate::front) fn http_status(self) -> StatusCode {
        match self {
            Self::Page(_) | Self::Link => StatusCode::FORBIDDEN,
            Self::Body | Self::Empty | Self::TooLong => StatusCode::BAD_REQUEST,
            Self::Slow => StatusCode::REQUEST_TIMEOUT,
            Self::Wrong => StatusCode::UNAUTHORIZED,
        }
    }
}

#[derive(Deserialize)]
struct Login {
    token: SecretString,
}

/// A token and the braces around it.
const BODY_LIMIT: usize = 16 * 1024;
/// It follows its head at once.
const BODY_PATIENCE: Duration = Duration::from_secs(10);
/// Browsers drop a cookie whose name, value and attributes have more than 4096 bytes together (RFC 6265 section 6.1).
const TOKEN_LIMIT: usize = 3900;

impl Site {
    /// `POST /login`: a token that is accepted becomes the cookie.
    pub(super) async fn log_in(
        &self,
        front: &Front,
        request: Request<Incoming>,
        peer: &Peer,
    ) -> Result<Answer, Refused> {
        let (head, body) = request.into_parts();
        let scheme = NotOurPage::check(&head.headers, peer.scheme).map_err(LoginError::from)?;
        let token = token(&head.headers, body).await?;
        front.rooms.chain.authenticate(&presented(&token)?).map_err(|error| match error {
            Unauthenticated::Invalid => LoginError::Wrong,
            Unauthenticated::Missing => LoginError::Empty,
        })?;
        Ok(cookie::answer(StatusCode::NO_CONTENT, &self.cookie, &Change::Set(&token), scheme))
    }

    /// `POST /logout`: the cookie is forgotten.
    pub(super) fn log_out(&self, headers: &HeaderMap, peer: &Peer) -> Result<Answer, Refused> {
        let scheme = NotOurPage::check(headers, peer.scheme).map_err(LoginError::from)?;
        Ok(cookie::answer(StatusCode::NO_CONTENT, &self.cookie, &Change::Forget, scheme))
    }

    /// `GET /login?code=CODE`. Each code is compared in constant time. Where no links were printed, there is nothing here.
    pub(super) fn follow_link(&self, query: &str, scheme: Scheme) -> Result<Answer, Refused> {
        if self.links.is_empty() {
            return Err(Refused::Nowhere);
        }
        let shown = query.strip_prefix("code=").unwrap_or("");
        let is_it = |link: &&LoginLink| link.code.expose_secret().as_bytes().ct_eq(shown.as_bytes()).into();
        let link = self.links.iter().find(is_it).ok_or(LoginError::Link)?;
        let mut answer =
            cookie::answer(StatusCode::SEE_OTHER, &self.cookie, &Change::Set(&link.token), scheme);
        answer.headers_mut().insert(header::LOCATION, HeaderValue::from_static("/"));
        Ok(answer)
    }
}

/// The token of a login, without the white space that copying leaves around it.
async fn token(headers: &HeaderMap, body: Incoming) -> Result<SecretString, LoginError> {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let kind = content_type.and_then(|value| value.split(';').next()).map(str::trim);
    if !kind.is_some_and(|kind| kind.eq_ignore_ascii_case("application/json")) {
        return Err(LoginError::Body);
    }
    let read = timeout(BODY_PATIENCE, Limited::new(body, BODY_LIMIT).collect()).await;
    let body = read.map_err(|_| LoginError::Slow)?.map_err(|_| LoginError::Body)?.to_bytes();
    let login: Login = serde_json::from_slice(&body).map_err(|_| LoginError::Body)?;
    match login.token.expose_secret().trim() {
        "" => Err(LoginError::Empty),
        token if token.len() > TOKEN_LIMIT => Err(LoginError::TooLong),
        token => Ok(token.into()),
    }
}

/// The token as if it had come in the header: whatever is no token there is none here, and could not stand in a cookie.
fn presented(token: &SecretString) -> Result<Presented, Refused> {
    let mut headers = HeaderMap::new();
    let header = HeaderValue::try_from(format!("Bearer {}", token.expose_secret()));
    headers.insert(header::AUTHORIZATION, header.map_err(|_| LoginError::Wrong)?);
    Ok(Presented::from_parts(&headers, None, None).map_err(RequestError::from)?)
}
