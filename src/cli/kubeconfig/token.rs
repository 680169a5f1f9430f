//! The user's token: shown to be theirs, and told to kubectl by file or as it is.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use secrecy::{ExposeSecret as _, SecretString};

use crate::identity::{Authenticator as _, Place, Presented, UsersFile, Verdict};

/// How kubectl gets the token.
pub(super) enum Token {
    /// From this file, each time.
    File(PathBuf),
    /// From the kubeconfig.
    Inline(SecretString),
}

/// Why a token is none of this user's. None of these repeats it.
#[derive(Debug, thiserror::Error)]
pub(super) enum TokenError {
    #[error("cannot read a token from {place}")]
    Read { place: String, source: io::Error },
    #[error(
        "{place} holds a token that no users file lists; give the one that was shown when {user:?} was added"
    )]
    Unknown { place: String, user: String },
    #[error("{place} holds the token of {owner:?}, not of {user:?}")]
    AnothersToken { place: String, owner: String, user: String },
}

impl Token {
    /// Reads the token and looks whose it is. `-` is stdin.
    pub(super) fn read(path: &Path, users_files: &[Arc<UsersFile>], user: &str) -> Result<Self, TokenError> {
        let from_stdin = path == Path::new("-");
        let place = if from_stdin { "stdin".to_owned() } else { path.display().to_string() };
        let read = if from_stdin { io::read_to_string(io::stdin()) } else { fs::read_to_string(path) };
        let text = read.map_err(|source| TokenError::Read { place: place.clone(), source })?;
        let token = SecretString::from(text.trim());
        match owner(&token, users_files) {
            None => Err(TokenError::Unknown { place, user: user.to_owned() }),
            Some(owner) if owner != user => {
                Err(TokenError::AnothersToken { place, owner, user: user.to_owned() })
            }
            Some(_) if from_stdin => Ok(Self::Inline(token)),
            Some(_) => {
                let whole = std::path::absolute(path).map_err(|source| TokenError::Read { place, source })?;
                Ok(Self::File(whole))
            }
        }
    }
}

/// What to do where no token was given.
pub(super) fn instructions(user: &str) -> String {
    let name = shell_word(user);
    format!(
        "there is no token in it, because execgate knows only hashes; who has the token adds it with: kubectl config set-credentials {name} --kubeconfig FILE --token \"$(cat TOKEN_FILE)\""
    )
}

fn owner(token: &SecretString, users_files: &[Arc<UsersFile>]) -> Option<String> {
    if token.expose_secret().is_empty() {
        return None;
    }
    let presented = Presented::Token { token: token.clone(), place: Place::Authorization };
    users_files.iter().find_map(|file| match file.authenticate(&presented) {
        Verdict::Accepted(principal) => Some(principal.user().to_owned()),
        Verdict::Rejected | Verdict::Absent => None,
    })
}

/// As a shell reads it, whatever it holds.
fn shell_word(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.@:/".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_users_name_is_one_word_of_the_shells() {
        assert_eq!(shell_word("jo@example.com"), "jo@example.com");
        assert_eq!(shell_word("jo's $(id)"), r"'jo'\''s $(id)'");
    }
}
