//! What can stop the reading of one value.

use std::fmt;

use serde::de::{Error, Expected, Unexpected};

use super::Decoder;
use crate::config::{problem::Finding, schema};

/// What stopped the reading of one value.
#[derive(Debug)]
pub(super) enum Fault {
    /// Said by a type about the value at hand.
    Text(String),
    /// A key that the mapping at hand must have.
    Missing(&'static str),
    /// Its place is known.
    Found(Finding),
    /// It is on the list already.
    Listed,
}

impl Fault {
    /// The same with its place: that of `decoder`, if it has none yet.
    pub(super) fn placed(self, decoder: &Decoder<'_>) -> Self {
        let (key, text) = match self {
            Self::Found(_) | Self::Listed => return self,
            Self::Text(text) => (decoder.key.clone(), text),
            Self::Missing(name) => {
                let key = decoder.key.field(name);
                let text = missing_words(schema::meaning(&key));
                (key, text)
            }
        };
        let place = decoder.node.place;
        Self::Found(Finding { place, key, text })
    }

    /// What is to be added to the list.
    pub(super) fn into_finding(self) -> Option<Finding> {
        match self {
            Self::Found(finding) => Some(finding),
            Self::Text(_) | Self::Missing(_) | Self::Listed => None,
        }
    }
}

fn missing_words(meaning: Option<String>) -> String {
    match meaning {
        Some(meaning) => format!("is missing ({meaning})"),
        None => "is missing".to_owned(),
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Missing(name) => write!(f, "{name} is missing"),
            Self::Found(finding) => f.write_str(&finding.text),
            Self::Listed => f.write_str("listed before"),
        }
    }
}

impl std::error::Error for Fault {}

impl Error for Fault {
    fn custom<T: fmt::Display>(text: T) -> Self {
        Self::Text(text.to_string())
    }

    /// Says what kind of value was found, never the value: it may be a secret in the wrong place.
    fn invalid_type(found: Unexpected<'_>, wanted: &dyn Expected) -> Self {
        let kind = match found {
            Unexpected::Bool(_) => "true or false",
            Unexpected::Unsigned(_) | Unexpected::Signed(_) | Unexpected::Float(_) => "a number",
            Unexpected::Str(_) => "text",
            Unexpected::Seq => "a list",
            Unexpected::Map => "a mapping",
            Unexpected::Unit => "nothing",
            _ => "something else",
        };
        Self::Text(format!("must be {wanted}, found {kind}"))
    }

    fn invalid_value(_: Unexpected<'_>, wanted: &dyn Expected) -> Self {
        Self::Text(format!("must be {wanted}"))
    }

    fn missing_field(name: &'static str) -> Self {
        Self::Missing(name)
    }
}
