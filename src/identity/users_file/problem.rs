//! What can be wrong in a users file, in words that say what would be right.

/// One mistake in a users file. None repeats a hash, or any other value that might be a token written in the wrong place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UsersFileProblem {
    /// Not UTF-8.
    #[error("the file is not UTF-8 text")]
    NotUtf8,
    /// The YAML parser gave up.
    #[error("this is not valid YAML; look at the indentation, the quotes and the brackets just before")]
    NotYaml,
    /// YAML, but of another shape.
    #[error(
        "this has another shape than a users file; expected is `users:` and under it a list of entries like `{{name: alice, groups: [developers], tokenHash: \"sha256:...\"}}`"
    )]
    Shape,
    /// A key that entries don't have.
    #[error("unknown key{}; known here are {known}", named(key.as_deref()))]
    UnknownKey {
        /// The key, unless it looks like something that should not be repeated.
        key: Option<String>,
        /// What would be right.
        known: String,
    },
    /// A key that must be there.
    #[error("the key `{key}` is missing")]
    MissingKey {
        /// Which.
        key: &'static str,
    },
    /// A key without a value, or with `null`.
    #[error("a value is missing here; if it is the word null, write it in quotes")]
    MissingValue,
    /// The same key twice in one entry.
    #[error("the key{} is given twice; keep one", named(key.as_deref()))]
    RepeatedKey {
        /// The key, unless it looks like something that should not be repeated.
        key: Option<String>,
    },
    /// A larger file than anybody means.
    #[error("the file is too large or too deeply nested; split it into several users files")]
    TooLarge,
    /// A user or group without a name.
    #[error("the {what} is empty; give it a name")]
    EmptyName {
        /// `user's name` or `group's name`.
        what: &'static str,
    },
    /// A line break, a NUL or the like in a name.
    #[error("the {what} holds a control character; names are printable text on one line")]
    ControlCharacter {
        /// `user's name` or `group's name`.
        what: &'static str,
    },
    /// Spaces round a name.
    #[error("the {what} {name:?} begins or ends with a space; write it without")]
    SurroundingSpace {
        /// `user's name` or `group's name`.
        what: &'static str,
        /// The name.
        name: String,
    },
    /// A name that Kubernetes gives to its own.
    #[error(
        "the {what} {name:?} begins with `system:`, which Kubernetes keeps for itself: a cluster that execgate impersonates users on would give such a name its built-in rights; choose another name and bind it to the rights it needs"
    )]
    Reserved {
        /// `user's name` or `group's name`.
        what: &'static str,
        /// The name.
        name: String,
    },
    /// A `tokenHash` that is none.
    #[error(
        "tokenHash is not a hash: write `sha256:` and the 64 hexadecimal digits of the token's SHA-256, never the token itself; `execgate token hash` makes one"
    )]
    MalformedHash,
    /// The hash of nothing, as an unset variable in a script makes it.
    #[error("tokenHash is the hash of an empty token; `execgate token hash` makes one of a real token")]
    EmptyToken,
    /// Two entries for one token: whose is it?
    #[error(
        "this tokenHash stands already in the entry at line {first_line}; every entry needs a token of its own"
    )]
    RepeatedHash {
        /// Where the first one is.
        first_line: u64,
    },
    /// A second entry for a user, which is how a token is rotated, but with other groups.
    #[error(
        "the user {name:?} stands already at line {first_line} with other groups; entries of one user must have the same groups"
    )]
    OtherGroups {
        /// The user.
        name: String,
        /// Where the first one is.
        first_line: u64,
    },
}

fn named(key: Option<&str>) -> String {
    key.map(|key| format!(" `{key}`")).unwrap_or_default()
}
