//! Terminal sizes on channel 4 (client-go `tools/remotecommand/resize.go`).

use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};

/// The longest message on channel 4 that is looked at, in bytes. A size takes about 30.
pub const RESIZE_LIMIT: usize = 1024;

/// Columns and rows, neither ever zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TerminalSize {
    width: u16,
    height: u16,
}

impl TerminalSize {
    /// A size, unless a number is zero.
    pub fn new(width: u16, height: u16) -> Option<Self> {
        (width > 0 && height > 0).then_some(Self { width, height })
    }

    /// What terminals have had since the VT100, and xterm.js has if nobody says otherwise.
    pub const USUAL: Self = Self { width: 80, height: 24 };

    /// Columns.
    pub fn width(self) -> u16 {
        self.width
    }

    /// Rows.
    pub fn height(self) -> u16 {
        self.height
    }

    /// Reads one message as the API server would (a stream of JSON values, keys in any case, unknown keys skipped) and gives the
    /// last size. `None` if any part of it would end the server's decoder, or a number is missing or zero.
    pub fn parse(payload: &[u8]) -> Option<Self> {
        let mut last = None;
        for value in serde_json::Deserializer::from_slice(payload).into_iter::<Fields>() {
            let fields = value.ok()?;
            last = Some(Self::new(fields.width, fields.height)?);
        }
        last
    }

    /// The one spelling that is sent upstream.
    pub fn to_json(self) -> String {
        format!(r#"{{"Width":{},"Height":{}}}"#, self.width, self.height)
    }
}

/// Both numbers as encoding/json would fill them: the last of several, in any case of the key.
struct Fields {
    width: u16,
    height: u16,
}

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct FieldsVisitor;
        impl<'de> Visitor<'de> for FieldsVisitor {
            type Value = Fields;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a terminal size such as {\"Width\":80,\"Height\":24}")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields, A::Error> {
                let mut fields = Fields { width: 0, height: 0 };
                while let Some(key) = map.next_key::<String>()? {
                    if key.eq_ignore_ascii_case("width") {
                        fields.width = map.next_value()?;
                    } else if key.eq_ignore_ascii_case("height") {
                        fields.height = map.next_value()?;
                    } else {
                        map.next_value::<IgnoredAny>()?;
                    }
                }
                Ok(fields)
            }
        }
        deserializer.deserialize_map(FieldsVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Option<(u16, u16)> {
        TerminalSize::parse(text.as_bytes()).map(|size| (size.width(), size.height()))
    }

    #[test]
    fn every_spelling_that_the_api_server_takes_is_read() {
        assert_eq!(parse(r#"{"Width":80,"Height":24}"#), Some((80, 24)));
        assert_eq!(parse(r#" {"height":24 , "WIDTH":80, "x":{"y":[1]}} "#), Some((80, 24)));
        assert_eq!(parse("{\"Width\":80,\"Height\":24}\n{\"Width\":90,\"Height\":30}"), Some((90, 30)));
        assert_eq!(parse(r#"{"Width":65535,"Height":1}"#), Some((65535, 1)));
    }

    #[test]
    fn nothing_that_is_zero_malformed_or_out_of_range_gets_through() {
        let bad = [
            "",
            "null",
            "{}",
            "[]",
            "80",
            "{",
            r#"{"Width":80}"#,
            r#"{"Width":0,"Height":24}"#,
            r#"{"Width":70000,"Height":24}"#,
            r#"{"Width":-1,"Height":24}"#,
            r#"{"Width":80.5,"Height":24}"#,
            r#"{"Width":"80","Height":24}"#,
            r#"{"Width":80,"Height":24}{"#,
            r#"{"Width":80,"Height":24}x"#,
            r"[80,24]",
        ];
        for text in bad {
            assert_eq!(parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_size_has_one_spelling() {
        assert_eq!(TerminalSize::new(80, 24).unwrap().to_json(), r#"{"Width":80,"Height":24}"#);
    }
}
