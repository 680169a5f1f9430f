//! The demo's users, each with a random token and a random login code.

use std::fmt::Write as _;

use secrecy::{ExposeSecret as _, SecretString};

use crate::front::LoginLink;
use crate::identity::token_hash;

/// One user.
pub(super) struct Person {
    name: &'static str,
    groups: &'static [&'static str],
    token: SecretString,
    code: SecretString,
}

impl Person {
    pub(super) fn new(name: &'static str, groups: &'static [&'static str]) -> Self {
        Self { name, groups, token: random(), code: random() }
    }

    pub(super) fn name(&self) -> &'static str {
        self.name
    }

    /// What stands in the URL that logs this user in; shown once, on the terminal.
    pub(super) fn code(&self) -> &str {
        self.code.expose_secret()
    }

    /// The token's file.
    pub(super) fn token(&self) -> &str {
        self.token.expose_secret()
    }

    pub(super) fn link(&self) -> LoginLink {
        LoginLink { code: self.code.clone(), token: self.token.clone() }
    }

    /// The entry in the users file.
    pub(super) fn entry(&self) -> String {
        let Self { name, groups, .. } = self;
        let (groups, hash) = (groups.join(", "), token_hash(self.token()));
        format!("  - name: {name}\n    groups: [{groups}]\n    tokenHash: \"{hash}\"\n")
    }
}

/// 128 random bits as hexadecimal digits.
fn random() -> SecretString {
    let mut digits = String::with_capacity(32);
    for byte in rand::random::<[u8; 16]>() {
        write!(digits, "{byte:02x}").expect("a String takes every byte that is written to it");
    }
    digits.into()
}
