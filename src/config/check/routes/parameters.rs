//! Query parameters of a route: each has one reader, because whoever reads one takes it away from the others.

use crate::{
    config::{
        check::Check,
        file::{Command, CredentialPlace, Route},
        key::KeyPath,
    },
    target::{ExecOptions, Verb},
};

impl Check<'_> {
    /// Refuses a parameter that something else of `route`, at `key`, reads too.
    pub(super) fn parameters(&mut self, key: &KeyPath, route: &Route) {
        let is_query = matches!(route.command, Command::Query);
        let mut read: Vec<(KeyPath, &str)> = Vec::new();
        for (key, name) in named(key, route) {
            if name.is_empty() {
                self.refuse(&key, "must not be empty; write a query parameter's name");
            } else if is_query && ExecOptions::knows(Verb::Exec, name) {
                let text = format!(
                    "the query parameter {name:?} is read by `command: query` already; choose another"
                );
                self.refuse(&key, text);
            } else if let Some((reader, _)) = read.iter().find(|(_, known)| *known == name) {
                let text =
                    format!("the query parameter {name:?} is read by {reader} already; choose another");
                self.refuse(&key, text);
            }
            read.push((key, name));
        }
    }
}

/// The parameters that `route` names, each with the key that reads it.
fn named<'r>(key: &KeyPath, route: &'r Route) -> Vec<(KeyPath, &'r str)> {
    let query = key.field("query");
    let captures = route.query.keys().map(|name| (query.field(name), name.as_str()));
    let size = route.initial_size.as_ref().map(|size| {
        let key = key.field("initialSize");
        [(key.field("columns"), size.columns.as_str()), (key.field("rows"), size.rows.as_str())]
    });
    // A second one is refused for itself.
    let token = route.credential.iter().flatten().enumerate().find_map(|(index, place)| match place {
        CredentialPlace::Query(name) => {
            Some((key.field("credential").index(index).field("query"), name.as_str()))
        }
        CredentialPlace::Authorization | CredentialPlace::Subprotocol | CredentialPlace::Cookie(_) => None,
    });
    captures.chain(size.into_iter().flatten()).chain(token).collect()
}
