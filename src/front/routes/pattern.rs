//! Paths with captures: `/pods/{namespace}/{pod}/shell`.

mod error;

use std::fmt;

pub(in crate::front) use error::CaptureError;
pub use error::PatternError;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use crate::target::{Captures, Template};

/// A path of which some segments are captured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathPattern(Vec<Segment>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Segment {
    Literal(String),
    Capture(String),
}

/// What no browser sends in a path as it stands, beside what is not ASCII (URL Standard, "path percent-encode set"). `?`, `#` and braces
/// never come so far, and of `^` browsers think differently.
const ENCODED: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>').add(b'`').add(b'\\');

impl PathPattern {
    /// Reads a pattern.
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        let path =
            text.strip_prefix('/').filter(|path| !path.contains(['?', '#'])).ok_or(PatternError::NoPath)?;
        let mut segments = Vec::new();
        for (index, segment) in path.split('/').enumerate() {
            // Only the last may be empty: a path that ends in a slash.
            let is_last = index == path.matches('/').count();
            if segment.is_empty() && !is_last {
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
                return Some(Err(CaptureError::new(name, text)));
            }
            captures.set(name, text);
        }
        Some(Ok(captures))
    }
}

impl Segment {
    fn parse(text: &str) -> Result<Self, PatternError> {
        if !text.contains(['{', '}']) {
            return Self::literal(text);
        }
        let template = Template::parse(text).ok();
        let name = template.as_ref().and_then(Template::as_capture);
        name.map(|name| Self::Capture(name.to_owned()))
            .ok_or_else(|| PatternError::Segment { segment: text.to_owned() })
    }

    /// A text that is compared with what is sent, letter by letter: so it must be what browsers send.
    fn literal(text: &str) -> Result<Self, PatternError> {
        // Browsers take an encoded dot for a dot here.
        if matches!(text.to_ascii_lowercase().replace("%2e", ".").as_str(), "." | "..") {
            return Err(PatternError::Dots { segment: text.to_owned() });
        }
        let written = utf8_percent_encode(text, ENCODED).to_string();
        if written != text {
            return Err(PatternError::Unencoded { segment: text.to_owned(), written });
        }
        Ok(Self::Literal(written))
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
        for text in ["", "pod/{name}", "/a//b", "/a?x={y}"] {
            assert_eq!(PathPattern::parse(text), Err(PatternError::NoPath), "{text:?}");
        }
        for text in ["/x-{pod}", "/{a}{b}", "/{", "/{}"] {
            assert!(matches!(PathPattern::parse(text), Err(PatternError::Segment { .. })), "{text:?}");
        }
        assert!(matches!(PathPattern::parse("/{a}/{a}"), Err(PatternError::Repeated { .. })));
    }

    #[test]
    fn a_path_that_no_browser_asks_for_is_none() {
        for text in ["/a/../b", "/./a", "/a/..", "/%2e%2E/a", "/.%2e"] {
            assert!(matches!(PathPattern::parse(text), Err(PatternError::Dots { .. })), "{text:?}");
        }
        for (text, written) in [("tü", "t%C3%BC"), ("a b", "a%20b"), ("a\\b", "a%5Cb"), ("a\u{7f}", "a%7F")]
        {
            let error = PatternError::Unencoded { segment: text.to_owned(), written: written.to_owned() };
            assert_eq!(PathPattern::parse(&format!("/{text}/{{pod}}")), Err(error));
            assert!(PathPattern::parse(&format!("/{written}/{{pod}}")).is_ok(), "{written}");
        }
        assert!(PathPattern::parse("/...").is_ok());
        assert_eq!(captures("/t%C3%BC/{pod}", "/t%C3%BC/a").map(|captures| captures.len()), Some(1));
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
