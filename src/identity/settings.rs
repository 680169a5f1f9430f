//! Where users are listed, and where a token may be presented.

use std::{fmt, path::PathBuf};

/// A users file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsersFileSettings {
    /// Its path; it is read again when it changes.
    pub path: PathBuf,
}

/// The name of the cookie that may carry a token: an RFC 6265 token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CookieName(String);

/// Why a text can't name a cookie.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a cookie's name is letters, digits and any of !#$%&'*+-.^_`|~")]
pub struct CookieNameError;

impl CookieName {
    /// Takes `text` if it can name a cookie.
    pub fn parse(text: impl Into<String>) -> Result<Self, CookieNameError> {
        let text = text.into();
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
        if !text.is_empty() && text.bytes().all(allowed) { Ok(Self(text)) } else { Err(CookieNameError) }
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CookieName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
