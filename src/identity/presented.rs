//! What was shown as a credential, and where.

use std::{borrow::Cow, fmt};

use cookie::Cookie;
use http::{HeaderMap, header};
use secrecy::{ExposeSecret as _, SecretString};

use super::CookieName;

/// The one credential of a request. `Debug` and `Display` never show it.
#[derive(Debug, Clone)]
pub enum Presented {
    /// Nothing was shown.
    Absent,
    /// A bearer token.
    Token {
        /// The token.
        token: SecretString,
        /// Where it stood; of several places, the first.
        place: Place,
    },
    /// A credential stands there, but not one that can be read: an `Authorization` of another scheme, a malformed token. It is
    /// invalid; it is not the same as none.
    Unusable {
        /// Where it stands.
        place: Place,
    },
}

/// Where a credential may stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The `Authorization` header.
    Authorization,
    /// The bearer entry of `Sec-WebSocket-Protocol`.
    Subprotocol,
    /// The cookie that the configuration names.
    Cookie,
    /// The query parameter that a route names.
    Query,
}

/// Where a request's credential is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CredentialPlaces {
    /// The `Authorization` header.
    pub authorization: bool,
    /// The bearer entry of `Sec-WebSocket-Protocol`.
    pub subprotocol: bool,
    /// A cookie of this name.
    pub cookie: Option<CookieName>,
    /// A query parameter of this name. What stands in a URL is kept by many: only where a route says so.
    pub query: Option<String>,
}

impl CredentialPlaces {
    /// Where it is looked for if nobody says otherwise.
    pub fn usual(cookie: Option<CookieName>) -> Self {
        Self { authorization: true, subprotocol: true, cookie, query: None }
    }
}

/// How "send a token" goes on.
impl fmt::Display for CredentialPlaces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let authorization = self.authorization.then(|| "as \"Authorization: Bearer\"".to_owned());
        let subprotocol = self.subprotocol.then(|| "as a subprotocol".to_owned());
        let cookie = self.cookie.as_ref().map(|name| format!("in the cookie {name}"));
        let query = self.query.as_ref().map(|name| format!("in the query parameter {name}"));
        let places: Vec<String> = [authorization, subprotocol, cookie, query].into_iter().flatten().collect();
        match &places[..] {
            [places @ .., last] if !places.is_empty() => write!(f, "{}, or {last}", places.join(", ")),
            places => f.write_str(&places.concat()),
        }
    }
}

/// The tokens of a request that do not stand in a header of their own.
#[derive(Debug, Default)]
pub struct TokensApart {
    /// What `protocol::Offer` took out of `Sec-WebSocket-Protocol`.
    pub subprotocol: Option<SecretString>,
    /// What stood in the query, where the route looks for it there.
    pub query: Option<SecretString>,
}

/// A request that contradicts itself about its credential: a 400.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PresentedError {
    /// Two places carry different credentials.
    #[error("{first} and {second} carry different credentials; send one")]
    Several {
        /// One place.
        first: Place,
        /// The other.
        second: Place,
    },
    /// More than one `Authorization` line, equal or not: two readers might disagree on which one counts.
    #[error("the Authorization header is sent more than once; send one")]
    RepeatedAuthorization,
    /// The cookie twice with different values, as when a neighbouring domain sets one too.
    #[error("the cookie {name} is sent more than once with different values; send one")]
    SeveralCookies {
        /// The cookie's name.
        name: CookieName,
    },
}

impl Presented {
    /// Collects what the headers carry, and the token that `protocol::Offer` took out of `Sec-WebSocket-Protocol`. The same token
    /// in two places is one credential.
    pub fn from_parts(
        headers: &HeaderMap,
        bearer_subprotocol: Option<SecretString>,
        cookie: Option<&CookieName>,
    ) -> Result<Self, PresentedError> {
        let tokens = TokensApart { subprotocol: bearer_subprotocol, query: None };
        Self::from_places(&CredentialPlaces::usual(cookie.cloned()), headers, tokens)
    }

    /// The same, of these places alone: what stands elsewhere is for somebody else.
    pub fn from_places(
        places: &CredentialPlaces,
        headers: &HeaderMap,
        tokens: TokensApart,
    ) -> Result<Self, PresentedError> {
        let in_header = if places.authorization { in_authorization(headers)? } else { Self::Absent };
        let in_subprotocol = tokens.subprotocol.filter(|_| places.subprotocol);
        let in_subprotocol =
            in_subprotocol.map_or(Self::Absent, |token| Self::Token { token, place: Place::Subprotocol });
        let in_cookie = places.cookie.as_ref().map_or(Ok(Self::Absent), |name| in_cookie(headers, name))?;
        let in_query = tokens.query.filter(|_| places.query.is_some());
        let in_query = in_query.map_or(Self::Absent, |token| of_text(token, Place::Query));
        in_header.joined_with(in_subprotocol)?.joined_with(in_cookie)?.joined_with(in_query)
    }

    /// Where it stands.
    pub fn place(&self) -> Option<Place> {
        match self {
            Self::Absent => None,
            Self::Token { place, .. } | Self::Unusable { place } => Some(*place),
        }
    }

    fn joined_with(self, other: Self) -> Result<Self, PresentedError> {
        match (self.place(), other.place()) {
            (_, None) => Ok(self),
            (None, _) => Ok(other),
            (Some(first), Some(second)) => {
                if self.is_same_token(&other) {
                    Ok(self)
                } else {
                    Err(PresentedError::Several { first, second })
                }
            }
        }
    }

    /// Both tokens are the client's own: there is no secret of ours in this comparison.
    fn is_same_token(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Token { token: one, .. }, Self::Token { token: two, .. }) => {
                one.expose_secret() == two.expose_secret()
            }
            _ => false,
        }
    }
}

/// For the log.
impl fmt::Display for Presented {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent => f.write_str("no credential"),
            Self::Token { place, .. } => write!(f, "a bearer token in {place}"),
            Self::Unusable { place } => write!(f, "a credential in {place} that is no bearer token"),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Authorization => "the Authorization header",
            Self::Subprotocol => "the Sec-WebSocket-Protocol header",
            Self::Cookie => "the cookie",
            Self::Query => "the query",
        })
    }
}

/// `Authorization: Bearer TOKEN` (RFC 6750 section 2.1), the scheme in any case (RFC 9110 section 11.1).
fn in_authorization(headers: &HeaderMap) -> Result<Presented, PresentedError> {
    let mut lines = headers.get_all(header::AUTHORIZATION).iter();
    let Some(line) = lines.next() else {
        return Ok(Presented::Absent);
    };
    if lines.next().is_some() {
        return Err(PresentedError::RepeatedAuthorization);
    }
    let place = Place::Authorization;
    let token = line.to_str().ok().and_then(bearer_token);
    Ok(token.map_or(Presented::Unusable { place }, |token| Presented::Token { token: token.into(), place }))
}

fn bearer_token(line: &str) -> Option<&str> {
    let (scheme, rest) = line.split_once(' ')?;
    let token = rest.trim_matches(' ');
    (scheme.eq_ignore_ascii_case("bearer") && is_bearer_token(token)).then_some(token)
}

/// The grammar `b64token` of RFC 6750 section 2.1.
fn is_bearer_token(text: &str) -> bool {
    let unpadded = text.trim_end_matches('=');
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte);
    !unpadded.is_empty() && unpadded.bytes().all(allowed)
}

/// The value as it stands, without percent-decoding. An empty one is what is left after a logout: absent.
fn in_cookie(headers: &HeaderMap, name: &CookieName) -> Result<Presented, PresentedError> {
    // Other applications' cookies share the header; one that is not UTF-8 must not hide ours.
    let lines: Vec<Cow<'_, str>> =
        headers.get_all(header::COOKIE).iter().map(|line| String::from_utf8_lossy(line.as_bytes())).collect();
    let cookies = lines.iter().flat_map(|line| Cookie::split_parse(&**line));
    let mut values = cookies
        .filter_map(Result::ok)
        .filter(|cookie| cookie.name() == name.as_str())
        .map(|cookie| cookie.value_trimmed().to_owned())
        .filter(|value| !value.is_empty());
    let Some(value) = values.next() else {
        return Ok(Presented::Absent);
    };
    if values.any(|other| other != value) {
        return Err(PresentedError::SeveralCookies { name: name.clone() });
    }
    Ok(of_text(value.into(), Place::Cookie))
}

fn of_text(token: SecretString, place: Place) -> Presented {
    if is_bearer_token(token.expose_secret()) {
        Presented::Token { token, place }
    } else {
        Presented::Unusable { place }
    }
}

#[cfg(test)]
mod tests;
