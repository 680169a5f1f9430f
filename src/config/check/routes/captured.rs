//! The names that a route captures.

use crate::{
    config::{check::Check, file::Route, key::KeyPath, suggest},
    front::PathPattern,
    target::{Captures, is_capture_name},
};

/// The names that a route captures, as far as they are known.
pub(super) struct Captured {
    names: Vec<String>,
    /// False where the path is wrong: nobody knows then what it would capture.
    is_whole: bool,
}

impl Captured {
    /// Whether nothing is captured under `name`, and nothing would be if the path were right.
    pub(super) fn lacks(&self, name: &str) -> bool {
        self.is_whole && !self.names.iter().any(|known| known == name)
    }

    /// What to say of a name that is not captured; `more` are names that stand for something else.
    pub(super) fn advice(&self, name: &str, more: &[&str]) -> String {
        let names: Vec<&str> = self.names.iter().map(String::as_str).chain(more.iter().copied()).collect();
        suggest::advice(name, "the route captures", &names)
    }
}

impl Check<'_> {
    /// What `route` captures from its path, if that is right, and from its query.
    pub(super) fn captured(&mut self, key: &KeyPath, route: &Route, path: Option<&PathPattern>) -> Captured {
        let mut names: Vec<String> =
            path.into_iter().flat_map(PathPattern::names).map(str::to_owned).collect();
        if names.iter().any(|name| name == Captures::USER) {
            self.refuse(&key.field("path"), TAKEN);
        }
        for (parameter, name) in &route.query {
            let key = key.field("query").field(parameter);
            if !is_capture_name(name) {
                self.refuse(
                    &key,
                    format!("{name:?} is no capture's name: letters and digits, starting with a letter"),
                );
            } else if name == Captures::USER {
                self.refuse(&key, TAKEN);
            } else if names.contains(name) {
                self.refuse(&key, format!("{name:?} is captured twice; give each its own name"));
            }
            names.push(name.clone());
        }
        Captured { names, is_whole: path.is_some() }
    }
}

const TAKEN: &str = "captures \"user\", which is whoever is logged in; choose another name";
