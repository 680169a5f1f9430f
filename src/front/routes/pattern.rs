//! Paths with captures: `/pods/{namespace}/{pod}/shell`.

use std::fmt;

use crate::target::{Captures, Template};

/// A path of which some segments are captured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathPattern(Vec<Segment>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Segment {
    Literal(String),
    Capture(String),
}

/// What is wrong with a pattern.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// No path.
    #[error(
        "must be a path that begins with a slash, without // and without a query, such as /pods/{{namespace}}/{{pod}}"
    )]
    NoPath,
    /// A capture that shares its segment.
    #[error(
        "in {segment:?}, a capture must be a whole segment of the path, between two slashes, such as {{pod}}"
    )]
    Segment {
        /// The segment.
        segment: String,
    },
    /// One name twice.
    #[error("captures {name:?} twice; give each its own name")]
    Repeated {
        /// The name.
        name: String,
    },
}

/// A segment that is captured and that two readers could read differently.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{name:?} is {text:?} in this address: percent-encoding, control characters and dots alone are not read there"
)]
pub(in crate::front) struct CaptureError {
    name: String,
    text: String,
}

impl PathPattern {
    /// Reads a pattern.
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        let path =
            text.strip_prefix('/').filter(|path| !path.contains(['?', '#'])).ok_or(PatternError::NoPath)?;
        let mut segments = Vec::new();
        for (index, segment) in path.split('/').enumerate() {
            // Only the last may be empty: a path that ends in a slash.
            let is_last = index == path.matches('/').count();
            if (segment.is_empty() && !is_last) || matches!(segment, "." | "..") {
                return Err(PatternError::NoPath);
            }
            segments.push(Segment::parse(segment)?);
        }
        let pattern = Self(segments);
        let names: Vec<&str> = pattern.names().collect();
        match names
            .iter()
            .enumerate()
            .find(|(index, name)| names.iter().take(*index).any(|other| other == *name))
        {
            Some((_, name)) => Err(PatternError::Repeated { name: (*name).to_owned() }),
            None => Ok(pattern),
        }
    }

    /// The names of what it captures.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|segment| match segment {
            Segment::Literal(_) => None,
            Segment::Capture(name) => Some(name.as_str()),
        })
    }

    /// A path that both match, if there is one.
    pub fn overlap(&self, other: &Self) -> Option<String> {
        if self.0.len() != other.0.len() {
            return None;
        }
        let mut path = String::new();
        for pair in self.0.iter().zip(&other.0) {
            let common = match pair {
                (Segment::Literal(one), Segment::Literal(two)) => (one == two).then_some(one.as_str()),
                // A capture is never empty.
                (Segment::Literal(text), Segment::Capture(_))
                | (Segment::Capture(_), Segment::Literal(text)) => {
                    (!text.is_empty()).then_some(text.as_str())
                }
                (Segment::Capture(_), Segment::Capture(_)) => Some("x"),
            };
            path.push('/');
            path.push_str(common?);
        }
        Some(path)
    }

    /// What a path as it was sent says, if it matches.
    pub(in crate::front) fn captures(&self, path: &str) -> Option<Result<Captures, CaptureError>> {
        let mut segments = path.strip_prefix('/').unwrap_or(path).split('/');
        let mut found = Vec::new();
        for segment in &self.0 {
            match (segment, segments.next()) {
                (Segment::Literal(text), Some(sent)) if text == sent => {}
                (Segment::Capture(name), Some(sent)) if !sent.is_empty() => found.push((name, sent)),
                _ => return None,
            }
        }
        if segments.next().is_some() {
            return None;
        }
        let mut captures = Captures::default();
        for (name, text) in found {
            if text.contains('%') || text.chars().any(char::is_control) || matches!(text, "." | "..") {
                return Some(Err(CaptureError { name: name.clone(), text: text.to_owned() }));
            }
            captures.set(name, text);
        }
        Some(Ok(captures))
    }
}

impl Segment {
    fn parse(text: &str) -> Result<Self, PatternError> {
        if !text.contains(['{', '}']) {
            return Ok(Self::Literal(text.to_owned()));
        }
        let template = Template::parse(text).ok();
        let name = template.as_ref().and_then(Template::as_capture);
        name.map(|name| Self::Capture(name.to_owned()))
            .ok_or_else(|| PatternError::Segment { segment: text.to_owned() })
    }
}

impl fmt::Display for PathPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for segment in &self.0 {
            match segment {
                Segment::Literal(text) => write!(f, "/{text}")?,
                Segment::Capture(name) => write!(f, "/{{{name}}}")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn captures(pattern: &str, path: &str) -> Option<Vec<(String, String)>> {
        let captures = PathPattern::parse(pattern).unwrap().captures(path)?.unwrap();
        Some(captures.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
    }

    #[test]
    fn a_capture_is_one_whole_segment() {
        let pattern = "/ws/{cluster}/{pod}/ssh";
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let expected = vec![pair("cluster", "alpha"), pair("pod", "web-0")];
        assert_eq!(captures(pattern, "/ws/alpha/web-0/ssh"), Some(expected));
        for other in
            ["/ws/alpha//ssh", "/ws/alpha/web-0", "/ws/alpha/web-0/ssh/", "/ws/alpha/web-0/x/ssh", "/", ""]
        {
            assert_eq!(captures(pattern, other), None, "{other}");
        }
        assert_eq!(captures("/", "/"), Some(vec![]));
        assert_eq!(captures("/shell/", "/shell/"), Some(vec![]));
    }

    #[test]
    fn a_path_that_two_readers_could_read_differently_is_refused() {
        let pattern = PathPattern::parse("/pod/{name}").unwrap();
        for path in ["/pod/a%2fb", "/pod/..", "/pod/%2e%2e", "/pod/a\u{7f}"] {
            assert!(matches!(pattern.captures(path), Some(Err(_))), "{path}");
        }
    }

    #[test]
    fn patterns_that_are_none_are_told_why() {
        for text in ["", "pod/{name}", "/a//b", "/a?x={y}", "/a/../b", "/./a"] {
            assert_eq!(PathPattern::parse(text), Err(PatternError::NoPath), "{text:?}");
        }
        for text in ["/x-{pod}", "/{a}{b}", "/{", "/{}"] {
            assert!(matches!(PathPattern::parse(text), Err(PatternError::Segment { .. })), "{text:?}");
        }
        assert!(matches!(PathPattern::parse("/{a}/{a}"), Err(PatternError::Repeated { .. })));
    }

    #[test]
    fn two_patterns_overlap_where_one_path_matches_both() {
        let overlap = |one, two| PathPattern::parse(one).unwrap().overlap(&PathPattern::parse(two).unwrap());
        assert_eq!(overlap("/pod/{name}", "/{kind}/list"), Some("/pod/list".to_owned()));
        assert_eq!(overlap("/pod/{name}", "/pod/{other}"), Some("/pod/x".to_owned()));
        assert_eq!(overlap("/pod/{name}", "/job/{name}"), None);
        assert_eq!(overlap("/pod/{name}", "/pod/"), None);
        assert_eq!(overlap("/pod/{name}", "/pod/{name}/x"), None);
    }
}
