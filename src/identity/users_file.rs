//! Users listed in a YAML file, each with the hash of a token. The file is read again when it changes.

mod document;
mod problem;
mod watch;

use std::{
    collections::HashSet,
    fmt,
    fs::{self, File},
    io::{self, Read as _},
    path::{Path, PathBuf},
    sync::Arc,
};

use arc_swap::ArcSwap;
use secrecy::ExposeSecret as _;
use subtle::{ConditionallySelectable as _, ConstantTimeEq as _};

use super::{Authenticator, Presented, Principal, UsersFileSettings, Verdict, token_hash::TokenHash};

pub use problem::UsersFileProblem;

/// More than the YAML crate's limit on nodes lets through.
const SIZE_LIMIT: u64 = 16 * 1024 * 1024;

/// One users file, as it was when it was last good.
pub struct UsersFile {
    path: PathBuf,
    users: ArcSwap<Vec<User>>,
}

/// One entry. A person may have several, so that a token can be rotated.
struct User {
    hash: TokenHash,
    principal: Principal,
}

/// Why a users file can't be used. No variant repeats a hash.
#[derive(Debug, thiserror::Error)]
pub enum UsersFileError {
    /// It can't be read.
    #[error("the users file {path} can't be read", path = path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// It can be read, and says something that can't be meant.
    #[error("{path}:{line}:{column}: {problem}", path = path.display())]
    Invalid {
        /// The file.
        path: PathBuf,
        /// Counted from 1.
        line: u64,
        /// Counted from 1.
        column: u64,
        /// What is wrong there, and what would be right.
        problem: UsersFileProblem,
    },
}

impl UsersFile {
    /// Reads the file for the first time. Blocks: for start-up.
    pub fn load(settings: UsersFileSettings) -> Result<Arc<Self>, UsersFileError> {
        let path = settings.path;
        let bytes = open(&path).and_then(contents).map_err(|source| unreadable(&path, source))?;
        let users = document::parse(&path, &bytes)?;
        Ok(Arc::new(Self { path, users: ArcSwap::from_pointee(users) }))
    }

    /// The file's path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Everybody who is listed, once each, in the file's order.
    pub fn principals(&self) -> Vec<Principal> {
        let users = self.users.load();
        let mut seen = HashSet::new();
        let first = users.iter().filter(|user| seen.insert(user.principal.user()));
        first.map(|user| user.principal.clone()).collect()
    }

    fn find(&self, token: &str) -> Option<Principal> {
        let users = self.users.load();
        let hash = TokenHash::of(token);
        // Every entry is compared whole, and the one that matches is kept without a branch: the time taken depends on the number
        // of entries and on nothing else.
        let mut found = u64::MAX;
        for (index, user) in (0_u64..).zip(users.iter()) {
            found.conditional_assign(&index, user.hash.ct_eq(&hash));
        }
        let user = users.get(usize::try_from(found).ok()?)?;
        Some(user.principal.clone())
    }
}

impl Authenticator for UsersFile {
    /// A token that this file does not list may stand in the next one: it is absent here, and the chain's end rejects it.
    fn authenticate(&self, presented: &Presented) -> Verdict {
        let Presented::Token { token, .. } = presented else {
            return Verdict::Absent;
        };
        self.find(token.expose_secret()).map_or(Verdict::Absent, Verdict::Accepted)
    }
}

impl fmt::Debug for UsersFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UsersFile")
            .field("path", &self.path)
            .field("users", &self.users.load().len())
            .finish()
    }
}

/// Opens a users file. A path that leads to a pipe or a device must not block.
fn open(path: &Path) -> io::Result<File> {
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
    }
    File::open(path)
}

/// All that is in a users file, which must not fill the memory.
fn contents(file: File) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.take(SIZE_LIMIT + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > SIZE_LIMIT {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "larger than 16 MiB"));
    }
    Ok(bytes)
}

fn unreadable(path: &Path, source: io::Error) -> UsersFileError {
    UsersFileError::Read { path: path.to_owned(), source }
}

#[cfg(test)]
mod tests;
