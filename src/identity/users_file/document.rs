//! The YAML of a users file: read, checked, turned into entries.

use std::{
    collections::{BTreeSet, HashMap, hash_map::Entry as Slot},
    path::Path,
};

use serde::Deserialize;
use serde_yaml::{Error as YamlError, Location, Spanned};

use super::{User, UsersFileError, UsersFileProblem as Problem};
use crate::identity::{Principal, token_hash::TokenHash};

/// Reads a whole users file.
pub(super) fn parse(path: &Path, bytes: &[u8]) -> Result<Vec<User>, UsersFileError> {
    read(bytes).and_then(check).map_err(|Misplaced { line, column, problem }| UsersFileError::Invalid {
        path: path.to_owned(),
        line,
        column,
        problem,
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    users: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Entry {
    name: Spanned<String>,
    #[serde(default)]
    groups: Vec<Spanned<String>>,
    token_hash: Spanned<String>,
}

struct Misplaced {
    line: u64,
    column: u64,
    problem: Problem,
}

impl Misplaced {
    fn new(location: Location, problem: Problem) -> Self {
        Self { line: location.line(), column: location.column(), problem }
    }
}

fn read(bytes: &[u8]) -> Result<Document, Misplaced> {
    let text = str::from_utf8(bytes).map_err(|error| not_utf8(&bytes[..error.valid_up_to()]))?;
    // A snippet would show the lines around an error, and hashes with them.
    let options = serde_yaml::options! { with_snippet: false };
    serde_yaml::from_str_with_options(text, options).map_err(|error| {
        let problem = problem(&error);
        match error.location() {
            Some(location) => Misplaced::new(location, problem),
            None => Misplaced { line: 1, column: 1, problem },
        }
    })
}

fn not_utf8(valid: &[u8]) -> Misplaced {
    let lines = valid.split(|byte| *byte == b'\n');
    let (line, last) = (0_u64..).zip(lines).last().unwrap_or_default();
    Misplaced {
        line: line + 1,
        column: String::from_utf8_lossy(last).chars().count() as u64 + 1,
        problem: Problem::NotUtf8,
    }
}

/// The parser's own words repeat what they found, which may be a token in the wrong place: ours never do.
fn problem(error: &YamlError) -> Problem {
    match error {
        YamlError::SerdeUnknownField { field, expected, .. } => {
            Problem::UnknownKey { key: presentable(field), known: expected.join(", ") }
        }
        YamlError::SerdeMissingField { field, .. } => Problem::MissingKey { key: field },
        YamlError::NullIntoString { .. } => Problem::MissingValue,
        YamlError::DuplicateMappingKey { key, .. } => {
            Problem::RepeatedKey { key: key.as_deref().and_then(presentable) }
        }
        YamlError::Budget { .. } | YamlError::AliasReplayLimitExceeded { .. } => Problem::TooLarge,
        YamlError::ExternalMessage { .. }
        | YamlError::ContainerEndMismatch { .. }
        | YamlError::UnknownAnchor { .. } => Problem::NotYaml,
        _ => Problem::Shape,
    }
}

/// A misspelt key is a short word; anything else might be a token.
fn presentable(key: &str) -> Option<String> {
    const LONGEST: usize = 20;
    let is_word = key.len() <= LONGEST && key.bytes().all(|byte| byte.is_ascii_alphabetic());
    is_word.then(|| key.to_owned())
}

fn check(document: Document) -> Result<Vec<User>, Misplaced> {
    let mut hashes = HashMap::new();
    let mut groups_of = HashMap::new();
    let mut users = Vec::with_capacity(document.users.len());
    for entry in document.users {
        check_name("user's name", &entry.name)?;
        for group in &entry.groups {
            check_name("group's name", group)?;
        }
        let hash = check_hash(&entry.token_hash, &mut hashes)?;
        check_groups(&entry, &mut groups_of)?;
        let groups = entry.groups.into_iter().map(|group| group.value).collect();
        users.push(User { hash, principal: Principal::new(entry.name.value, groups) });
    }
    Ok(users)
}

/// Names travel in HTTP headers to clusters that are impersonated on: what a header would trim or break on is refused here.
fn check_name(what: &'static str, name: &Spanned<String>) -> Result<(), Misplaced> {
    const RESERVED_PREFIX: &str = "system:";
    let text = &name.value;
    let problem = if text.is_empty() {
        Problem::EmptyName { what }
    } else if text.chars().any(char::is_control) {
        Problem::ControlCharacter { what }
    } else if text.trim() != text {
        Problem::SurroundingSpace { what, name: text.clone() }
    } else if text.starts_with(RESERVED_PREFIX) {
        Problem::Reserved { what, name: text.clone() }
    } else {
        return Ok(());
    };
    Err(Misplaced::new(name.referenced, problem))
}

fn check_hash(text: &Spanned<String>, seen: &mut HashMap<[u8; 32], u64>) -> Result<TokenHash, Misplaced> {
    let misplaced = |problem| Misplaced::new(text.referenced, problem);
    let hash = TokenHash::parse(&text.value).ok_or_else(|| misplaced(Problem::MalformedHash))?;
    if hash.as_bytes() == TokenHash::of("").as_bytes() {
        return Err(misplaced(Problem::EmptyToken));
    }
    match seen.entry(*hash.as_bytes()) {
        Slot::Vacant(slot) => {
            slot.insert(text.referenced.line());
            Ok(hash)
        }
        Slot::Occupied(first) => Err(misplaced(Problem::RepeatedHash { first_line: *first.get() })),
    }
}

fn check_groups(entry: &Entry, seen: &mut HashMap<String, (BTreeSet<String>, u64)>) -> Result<(), Misplaced> {
    let name = &entry.name;
    let groups: BTreeSet<String> = entry.groups.iter().map(|group| group.value.clone()).collect();
    let (first_groups, first_line) =
        seen.entry(name.value.clone()).or_insert_with(|| (groups.clone(), name.referenced.line()));
    if *first_groups == groups {
        Ok(())
    } else {
        let problem = Problem::OtherGroups { name: name.value.clone(), first_line: *first_line };
        Err(Misplaced::new(name.referenced, problem))
    }
}
