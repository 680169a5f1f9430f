//! Label selectors with captures in their values: `job-id={jobId},owner={user}`. Equality alone, as one value can say no more.

use std::fmt;

use super::FillError;
use super::fill;
use crate::target::{Captures, Template, TemplateError};

/// Labels that a pod must have. At least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selector(Vec<Requirement>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Requirement {
    key: String,
    value: Template,
}

/// Why a text is no such selector.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SelectorError {
    /// No `=`, or another comparison.
    #[error("{part:?} is no label with its value; write key=value, several with commas in between")]
    Form {
        /// What stands there.
        part: String,
    },
    /// A key that no label has.
    #[error(
        "{key:?} is no label's key: letters, digits, '-', '_' and '.', at most 63, perhaps with a domain and a slash before it"
    )]
    Key {
        /// The key.
        key: String,
    },
    /// A key for which two values are asked.
    #[error("the label {key:?} is asked for twice; a label has one value")]
    Twice {
        /// The key.
        key: String,
    },
    /// A value that no label has.
    #[error("{value:?} is no label's value: letters, digits, '-', '_' and '.', from 1 to 63")]
    Value {
        /// The value.
        value: String,
    },
    /// Braces that are wrong.
    #[error(transparent)]
    Template(#[from] TemplateError),
}

impl Selector {
    /// Reads `key=value`, several with commas in between, with captures in the values.
    pub fn parse(text: &str) -> Result<Self, SelectorError> {
        let mut requirements: Vec<Requirement> = Vec::new();
        for part in text.split(',').map(str::trim) {
            let requirement = Requirement::parse(part)?;
            if requirements.iter().any(|other| other.key == requirement.key) {
                return Err(SelectorError::Twice { key: requirement.key });
            }
            requirements.push(requirement);
        }
        Ok(Self(requirements))
    }

    /// The templates of the values.
    pub(super) fn templates(&self) -> impl Iterator<Item = &Template> {
        self.0.iter().map(|requirement| &requirement.value)
    }

    /// The selector as Kubernetes takes it.
    pub(super) fn fill(&self, captures: &Captures) -> Result<String, FillError> {
        let parts = self.0.iter().map(|Requirement { key, value }| {
            let value = fill::label(value, captures)?;
            Ok(format!("{key}={value}"))
        });
        Ok(parts.collect::<Result<Vec<_>, FillError>>()?.join(","))
    }
}

/// As it was written, without spaces.
impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, Requirement { key, value }) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { "," };
            write!(f, "{separator}{key}={value}")?;
        }
        Ok(())
    }
}

impl Requirement {
    fn parse(part: &str) -> Result<Self, SelectorError> {
        let form = || SelectorError::Form { part: part.to_owned() };
        let (key, value) = part.split_once('=').ok_or_else(form)?;
        let (key, value) = (key.trim_end(), value.strip_prefix('=').unwrap_or(value).trim_start());
        if key.is_empty() || key.ends_with('!') || value.is_empty() {
            return Err(form());
        }
        if !is_key(key) {
            return Err(SelectorError::Key { key: key.to_owned() });
        }
        let template = Template::parse(value)?;
        if fill::is_label_value(&template.fill_each("x")) {
            Ok(Self { key: key.to_owned(), value: template })
        } else {
            Err(SelectorError::Value { value: value.to_owned() })
        }
    }
}

/// Kubernetes' `IsQualifiedName`.
fn is_key(key: &str) -> bool {
    let (domain, name) = key.rsplit_once('/').map_or((None, key), |(domain, name)| (Some(domain), name));
    let is_domain = |domain: &str| crate::target::ApiGroup::parse(domain).is_ok();
    fill::is_label_value(name) && domain.is_none_or(is_domain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_captured_takes_its_place_in_the_values() {
        let selector = Selector::parse("example.com/job-id=j-{jobId}, owner=={user},tier=web").unwrap();
        let mut captures = Captures::default();
        captures.set("jobId", "17");
        captures.set(Captures::USER, "alice");
        assert_eq!(selector.fill(&captures).unwrap(), "example.com/job-id=j-17,owner=alice,tier=web");
        assert_eq!(selector.to_string(), "example.com/job-id=j-{jobId},owner={user},tier=web");
        let names: Vec<&str> = selector.templates().flat_map(Template::captures).collect();
        assert_eq!(names, ["jobId", "user"]);
    }

    #[test]
    fn nothing_but_equality_is_taken() {
        for text in
            ["", "app", "app=", "=a", "app!=a", "app in (a,b)", "a=b,", "!app", "app=a,app=b", "a=b c"]
        {
            assert!(Selector::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_key_that_no_label_has_and_a_capture_in_a_key_are_refused() {
        for text in ["-a=b", "a b=c", "{key}=b", "A.b/=c", "Example/x=c", "/x=c"] {
            assert!(matches!(Selector::parse(text), Err(SelectorError::Key { .. })), "{text:?}");
        }
        assert!(matches!(Selector::parse("a={b"), Err(SelectorError::Template(_))));
        assert!(matches!(Selector::parse("a=-{b}"), Err(SelectorError::Value { .. })));
    }
}
