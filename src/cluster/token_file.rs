//! A token in a file that somebody else replaces, as the kubelet does with a service account's.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

use arc_swap::ArcSwap;
use http::HeaderValue;
use tokio::{io::AsyncReadExt as _, time::Instant};

use super::{
    CredentialError,
    credential::{TOKEN_LIMIT, bearer},
};

/// The file and the last good token read from it.
pub(super) struct TokenFile {
    path: PathBuf,
    last: ArcSwap<Reading>,
}

#[derive(Clone)]
struct Reading {
    authorization: HeaderValue,
    good_until: Instant,
}

impl TokenFile {
    /// Reads the file for the first time; what is wrong now is an error.
    pub(super) fn open(path: PathBuf) -> Result<Self, CredentialError> {
        let bytes = fs::read(&path);
        let reading =
            Reading { authorization: parse(&path, bytes)?, good_until: Instant::now() + READ_EVERY };
        Ok(Self { path, last: ArcSwap::from_pointee(reading) })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The header, from the file if it was not read within the last minute. What goes wrong now is a warning, and the last good
    /// token stays: it may well be valid still (as client-go's `cachingTokenSource` does, `transport/token_source.go`).
    pub(super) async fn authorization(&self) -> HeaderValue {
        let last = self.last.load_full();
        let now = Instant::now();
        if now < last.good_until {
            return last.authorization.clone();
        }
        let authorization = match parse(&self.path, self.read().await) {
            Ok(authorization) => authorization,
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "keeping the last good token");
                last.authorization.clone()
            }
        };
        self.keep(authorization.clone(), now + READ_EVERY);
        authorization
    }

    /// Has the file read before the next use.
    pub(super) fn forget(&self) {
        self.keep(self.last.load().authorization.clone(), Instant::now());
    }

    fn keep(&self, authorization: HeaderValue, good_until: Instant) {
        self.last.store(Reading { authorization, good_until }.into());
    }

    async fn read(&self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let file = tokio::fs::File::open(&self.path).await?;
        file.take(READ_LIMIT).read_to_end(&mut bytes).await?;
        Ok(bytes)
    }
}

fn parse(path: &Path, bytes: io::Result<Vec<u8>>) -> Result<HeaderValue, CredentialError> {
    let bytes = bytes.map_err(|source| CredentialError::Read { path: path.to_owned(), source })?;
    bearer(&bytes).map_err(|problem| CredentialError::Token {
        place: format!("the token file {}", path.display()),
        problem,
    })
}

/// As often as client-go (`transport/token_source.go`): a token is replaced when a fifth of its life is left.
const READ_EVERY: Duration = Duration::from_mins(1);
/// Room for a token and for seeing that it is too long.
const READ_LIMIT: u64 = TOKEN_LIMIT as u64 + 1024;

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        fs::write(&path, text).unwrap();
        (folder, path)
    }

    #[tokio::test(start_paused = true)]
    async fn a_replaced_token_is_used_within_a_minute() {
        let (_folder, path) = file("first\n");
        let tokens = TokenFile::open(path.clone()).unwrap();
        fs::write(&path, "second\n").unwrap();
        tokio::time::advance(READ_EVERY / 2).await;
        assert_eq!(tokens.authorization().await, "Bearer first");
        tokio::time::advance(READ_EVERY / 2).await;
        assert_eq!(tokens.authorization().await, "Bearer second");
    }

    #[tokio::test]
    async fn a_refused_token_is_read_again_at_once() {
        let (_folder, path) = file("first");
        let tokens = TokenFile::open(path.clone()).unwrap();
        fs::write(&path, "second").unwrap();
        tokens.forget();
        assert_eq!(tokens.authorization().await, "Bearer second");
    }

    #[tokio::test]
    async fn a_file_that_turns_bad_leaves_the_last_good_token() {
        let (_folder, path) = file("first");
        let tokens = TokenFile::open(path.clone()).unwrap();
        fs::write(&path, "half written\nlines").unwrap();
        tokens.forget();
        assert_eq!(tokens.authorization().await, "Bearer first");
        fs::remove_file(&path).unwrap();
        tokens.forget();
        assert_eq!(tokens.authorization().await, "Bearer first");
        fs::write(&path, "third").unwrap();
        tokens.forget();
        assert_eq!(tokens.authorization().await, "Bearer third");
    }

    #[test]
    fn a_missing_file_is_an_error_that_names_it() {
        let error = TokenFile::open(PathBuf::from("/nowhere/token")).err().unwrap();
        assert!(error.to_string().contains("/nowhere/token"), "{error}");
    }
}
