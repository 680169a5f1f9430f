//! In which form an object is asked for: the `Accept` header, as far as JSON goes.

use http::{HeaderMap, header};

use super::refusal::Refusal;

/// A form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// As it is.
    Plain,
    /// Rows for people.
    Table,
    /// Discovery of everything at once.
    Aggregated,
}

impl Form {
    /// What objects and lists come in.
    pub(super) const OF_OBJECTS: [Self; 2] = [Self::Plain, Self::Table];
    /// What discovery comes in.
    pub(super) const OF_DISCOVERY: [Self; 2] = [Self::Plain, Self::Aggregated];

    /// The first of `known` in the client's order. Protobuf, YAML and weights are passed over: real servers know them.
    pub(super) fn of(headers: &HeaderMap, known: &[Self]) -> Result<Self, Refusal> {
        let lines = headers.get_all(header::ACCEPT).into_iter().filter_map(|line| line.to_str().ok());
        let entries: Vec<&str> = lines.flat_map(|line| line.split(',')).map(str::trim).collect();
        if entries.is_empty() {
            return Ok(Self::Plain);
        }
        let found = entries.into_iter().filter_map(Self::read).find(|form| known.contains(form));
        found.ok_or_else(Refusal::not_acceptable)
    }

    fn read(entry: &str) -> Option<Self> {
        let mut parts = entry.split(';').map(str::trim);
        let kind = parts.next()?;
        let transformation = parts.find_map(|part| part.strip_prefix("as="));
        match (kind, transformation) {
            ("application/json" | "application/*" | "*/*", None) => Some(Self::Plain),
            ("application/json", Some("Table")) => Some(Self::Table),
            ("application/json", Some("APIGroupDiscoveryList")) => Some(Self::Aggregated),
            _ => None,
        }
    }
}
