//! The cookie that keeps a browser logged in: out of reach of scripts and of other sites, gone when the browser is closed.

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use secrecy::{ExposeSecret as _, SecretString};

use crate::front::Answer;
use crate::front::content::Content;
use crate::front::origin::Scheme;
use crate::identity::CookieName;

/// A change of the cookie.
#[derive(Debug)]
pub(super) enum Change<'a> {
    /// From now on it carries this token, of which every character can stand in a cookie.
    Set(&'a SecretString),
    /// It is forgotten.
    Forget,
}

/// An answer without a body that changes the cookie of a browser that reached us by `scheme`.
pub(super) fn answer(code: StatusCode, name: &CookieName, change: &Change<'_>, scheme: Scheme) -> Answer {
    let (value, age) = match change {
        Change::Set(token) => (token.expose_secret(), ""),
        Change::Forget => ("", "; Max-Age=0"),
    };
    let secure = match scheme {
        Scheme::Http => "",
        Scheme::Https => "; Secure",
    };
    let cookie = format!("{name}={value}; HttpOnly; SameSite=Strict; Path=/{age}{secure}");
    let mut cookie = HeaderValue::try_from(cookie).expect("tokens that were accepted are visible ASCII");
    cookie.set_sensitive(true);
    let mut answer = Answer::new(Content::empty());
    *answer.status_mut() = code;
    answer.headers_mut().insert(header::SET_COOKIE, cookie);
    keep_to_yourself(answer.headers_mut());
    answer
}

/// What comes of a login is nobody else's.
fn keep_to_yourself(headers: &mut HeaderMap) {
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

const HEADERS: [(HeaderName, &str); 2] =
    [(header::REFERRER_POLICY, "no-referrer"), (header::CACHE_CONTROL, "no-store")];
