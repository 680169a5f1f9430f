//! What proves execgate to an API server.

use std::{env, ffi::OsString, fmt, io, path::PathBuf};

use http::HeaderValue;

use super::{CredentialSettings, token_file::TokenFile};

/// A credential that is ready to be shown. Its `Debug` and `Display` say where it comes from.
pub struct Credential(Kind);

enum Kind {
    /// A token from the environment, for good.
    TokenEnv { variable: String, authorization: HeaderValue },
    /// A token from a file that changes.
    TokenFile(TokenFile),
    /// The TLS handshake has shown it.
    ClientCertificate { cert_file: PathBuf },
}

/// Why a token cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CredentialError {
    /// The variable is not there.
    #[error("the environment variable {variable} is not set; put the token there")]
    Unset {
        /// Its name.
        variable: String,
    },
    /// The file cannot be read.
    #[error("cannot read the token file {}; check that it exists and that execgate may read it", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// What is there is no token.
    #[error("{place} {problem}")]
    Token {
        /// Where it stands.
        place: String,
        /// What is wrong with it.
        problem: TokenProblem,
    },
}

/// What is wrong with a text that should be a token. None of these repeats a byte of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenProblem {
    /// Nothing, or white space only.
    #[error("is empty; it must hold a bearer token")]
    Empty,
    /// Something that no token has.
    #[error(
        "holds white space, control or non-ASCII characters inside its text; it must hold one bearer token and nothing else"
    )]
    Characters,
    /// Far too much.
    #[error("is longer than 64 KiB; it must hold one bearer token and nothing else")]
    TooLong,
}

impl Credential {
    /// Reads it for the first time.
    pub fn new(settings: &CredentialSettings) -> Result<Self, CredentialError> {
        match settings {
            CredentialSettings::TokenEnv(variable) => from_variable(variable, env::var_os(variable)),
            CredentialSettings::TokenFile(path) => Ok(Self(Kind::TokenFile(TokenFile::open(path.clone())?))),
            CredentialSettings::ClientCertificate { cert_file, .. } => {
                Ok(Self(Kind::ClientCertificate { cert_file: cert_file.clone() }))
            }
        }
    }

    /// The header for the next request.
    pub async fn authorization(&self) -> Option<HeaderValue> {
        match &self.0 {
            Kind::TokenEnv { authorization, .. } => Some(authorization.clone()),
            Kind::TokenFile(file) => Some(file.authorization().await),
            Kind::ClientCertificate { .. } => None,
        }
    }

    /// Has the file read again before the next request.
    pub fn forget(&self) {
        match &self.0 {
            Kind::TokenFile(file) => file.forget(),
            Kind::TokenEnv { .. } | Kind::ClientCertificate { .. } => {}
        }
    }
}

impl fmt::Display for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::TokenEnv { variable, .. } => write!(f, "the token in the environment variable {variable}"),
            Kind::TokenFile(file) => write!(f, "the token in the file {}", file.path().display()),
            Kind::ClientCertificate { cert_file } => {
                write!(f, "the client certificate in the file {}", cert_file.display())
            }
        }
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Credential({self})")
    }
}

/// `Bearer` and the token, never to be shown by `Debug`. White space around the token does not count: editors leave a line feed.
pub(super) fn bearer(text: &[u8]) -> Result<HeaderValue, TokenProblem> {
    let token = text.trim_ascii();
    if token.is_empty() {
        return Err(TokenProblem::Empty);
    }
    if token.len() > TOKEN_LIMIT {
        return Err(TokenProblem::TooLong);
    }
    if !token.iter().all(u8::is_ascii_graphic) {
        return Err(TokenProblem::Characters);
    }
    let mut value = HeaderValue::from_bytes(&[b"Bearer ", token].concat())
        .expect("graphic ASCII characters and a space make a header");
    value.set_sensitive(true);
    Ok(value)
}

fn from_variable(variable: &str, text: Option<OsString>) -> Result<Credential, CredentialError> {
    let text = text.ok_or_else(|| CredentialError::Unset { variable: variable.to_owned() })?;
    let authorization = bearer(text.as_encoded_bytes()).map_err(|problem| CredentialError::Token {
        place: format!("the environment variable {variable}"),
        problem,
    })?;
    Ok(Credential(Kind::TokenEnv { variable: variable.to_owned(), authorization }))
}

/// No token comes near; a wrong path might.
pub(super) const TOKEN_LIMIT: usize = 64 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_trimmed_and_never_shown() {
        let value = bearer(b" s3cret-token\r\n").unwrap();
        assert_eq!(value.as_bytes(), b"Bearer s3cret-token");
        assert_eq!(format!("{value:?}"), "Sensitive");
        let credential = from_variable("K8S_TOKEN", Some("s3cret-token".into())).unwrap();
        assert!(!format!("{credential:?}").contains("s3cret"));
    }

    #[test]
    fn what_is_no_token_is_refused_without_repeating_it() {
        let problem = |text: &[u8]| bearer(text).unwrap_err();
        assert_eq!(problem(b" \n"), TokenProblem::Empty);
        assert_eq!(problem(b"two words"), TokenProblem::Characters);
        assert_eq!(problem(b"a\r\nX-Evil: 1"), TokenProblem::Characters);
        assert_eq!(problem(b"nul\0"), TokenProblem::Characters);
        assert_eq!(problem(&vec![b'a'; TOKEN_LIMIT + 1]), TokenProblem::TooLong);
        let error = from_variable("K8S_TOKEN", Some("hush hush".into())).unwrap_err();
        assert!(!error.to_string().contains("hush"), "{error}");
    }

    #[test]
    fn a_variable_that_is_unset_or_empty_is_an_error_that_names_it() {
        let error = from_variable("K8S_TOKEN", None).unwrap_err();
        assert_eq!(error.to_string(), "the environment variable K8S_TOKEN is not set; put the token there");
        let error = from_variable("K8S_TOKEN", Some("".into())).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the environment variable K8S_TOKEN is empty; it must hold a bearer token"
        );
    }
}
