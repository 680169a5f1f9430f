//! Texts with `{captures}` in them, and what a request filled in.

use std::fmt;

/// What a request's path and query said under the names of a route's captures, and who asks, under `user`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Captures(Vec<(String, String)>);

/// A text such as `app={name}`: literal parts, and names of captures in braces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template(Vec<Part>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Literal(String),
    Capture(String),
}

/// Why a text is no template.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// Braces that do not match.
    #[error("{text:?} has a brace without its partner; a capture is written {{name}}")]
    Brace {
        /// The text.
        text: String,
    },
    /// Something between braces that is no name.
    #[error("{name:?} is no capture's name: letters and digits, starting with a letter")]
    Name {
        /// What stands there.
        name: String,
    },
}

impl Captures {
    /// The capture of whoever asks: their user name.
    pub const USER: &str = "user";

    /// Sets a capture; what stood there before is replaced.
    pub fn set(&mut self, name: impl Into<String>, value: impl Into<String>) {
        let (name, value) = (name.into(), value.into());
        self.0.retain(|(known, _)| *known != name);
        self.0.push((name, value));
    }

    /// What was captured under that name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter().find_map(|(known, value)| (known == name).then_some(value))
    }

    /// All of them: name and value.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

impl Template {
    /// Reads a text in which `{name}` stands for a capture. A brace itself can't be written.
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        let brace = || TemplateError::Brace { text: text.to_owned() };
        let mut parts = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            let (literal, behind) = rest.split_at(rest.find(['{', '}']).unwrap_or(rest.len()));
            if !literal.is_empty() {
                parts.push(Part::Literal(literal.to_owned()));
            }
            let Some(behind) = behind.strip_prefix('{') else {
                if behind.is_empty() {
                    break;
                }
                return Err(brace());
            };
            let (name, behind) = behind.split_once('}').ok_or_else(brace)?;
            if !is_capture_name(name) {
                return Err(TemplateError::Name { name: name.to_owned() });
            }
            parts.push(Part::Capture(name.to_owned()));
            rest = behind;
        }
        Ok(Self(parts))
    }

    /// The names of the captures in it.
    pub fn captures(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|part| match part {
            Part::Literal(_) => None,
            Part::Capture(name) => Some(name.as_str()),
        })
    }

    /// The name, if it is one capture and nothing else.
    pub fn as_capture(&self) -> Option<&str> {
        match &self.0[..] {
            [Part::Capture(name)] => Some(name),
            _ => None,
        }
    }

    /// The text with that word for every capture: what is wrong with it is wrong whatever is captured.
    pub fn fill_each(&self, word: &str) -> String {
        let parts = self.0.iter().map(|part| match part {
            Part::Literal(text) => text.as_str(),
            Part::Capture(_) => word,
        });
        parts.collect()
    }

    /// The text with what was captured in it; a capture that the request did not set is empty.
    pub fn fill(&self, captures: &Captures) -> String {
        let parts = self.0.iter().map(|part| match part {
            Part::Literal(text) => text.as_str(),
            Part::Capture(name) => captures.get(name).unwrap_or_default(),
        });
        parts.collect()
    }
}

/// Letters and digits, starting with a letter.
pub fn is_capture_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.chars().all(|c| c.is_ascii_alphanumeric())
}

/// As it was written.
impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in &self.0 {
            match part {
                Part::Literal(text) => f.write_str(text)?,
                Part::Capture(name) => write!(f, "{{{name}}}")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_captured_takes_the_place_of_its_name() {
        let template = Template::parse("job-id={jobId},owner={user}").unwrap();
        let mut captures = Captures::default();
        captures.set("jobId", "17");
        captures.set(Captures::USER, "alice");
        assert_eq!(template.fill(&captures), "job-id=17,owner=alice");
        assert_eq!(template.captures().collect::<Vec<_>>(), ["jobId", "user"]);
        assert_eq!(template.fill_each("x"), "job-id=x,owner=x");
        assert_eq!(template.to_string(), "job-id={jobId},owner={user}");
        assert_eq!(Template::parse("{pod}").unwrap().as_capture(), Some("pod"));
        assert_eq!(Template::parse("x{pod}").unwrap().as_capture(), None);
    }

    #[test]
    fn a_brace_alone_and_a_name_that_is_none_are_refused() {
        for text in ["{", "}", "a}b", "{a", "a{b{c}"] {
            assert!(Template::parse(text).is_err(), "{text:?}");
        }
        assert!(matches!(Template::parse("{}"), Err(TemplateError::Name { name }) if name.is_empty()));
        assert!(matches!(Template::parse("{a-b}"), Err(TemplateError::Name { .. })));
    }
}
