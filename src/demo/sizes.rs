//! Terminal sizes as Go's encoding/json reads them from channel 4: a stream of values that ends for good at the first bad one.

use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};

/// Who takes the sizes that were read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Taker {
    /// The process's terminal, or a runtime that shrugs.
    Process,
    /// Nobody: a translator without a tty. The first size is read and waits for ever.
    Nobody,
}

/// Reads sizes out of messages.
pub(super) struct SizeDecoder {
    taker: Taker,
    state: State,
}

#[derive(Debug, PartialEq, Eq)]
enum State {
    /// Bytes of a value that is not whole yet.
    Reading(Vec<u8>),
    /// The decoder has ended: whoever writes to it next waits for ever.
    Dead,
}

/// The decoder has ended before this message came: nothing will ever read it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NeverRead;

/// Columns and rows as the wire says them, zero included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Size {
    pub(super) width: u16,
    pub(super) height: u16,
}

impl SizeDecoder {
    pub(super) fn new(taker: Taker) -> Self {
        Self { taker, state: State::Reading(Vec::new()) }
    }

    /// Takes one message and gives the sizes that it completes.
    pub(super) fn take(&mut self, message: &[u8]) -> Result<Vec<Size>, NeverRead> {
        let State::Reading(waiting) = &mut self.state else {
            return Err(NeverRead);
        };
        waiting.extend(message);
        let mut sizes = Vec::new();
        let mut values = serde_json::Deserializer::from_slice(waiting).into_iter::<Size>();
        let ended = loop {
            if waits_for_its_end(&waiting[values.byte_offset()..]) {
                break false;
            }
            match values.next() {
                Some(Ok(size)) => sizes.push(size),
                Some(Err(error)) => break !error.is_eof(),
                None => break false,
            }
            if self.taker == Taker::Nobody {
                break true;
            }
        };
        let read = values.byte_offset();
        if ended {
            self.state = State::Dead;
        } else {
            waiting.drain(..read);
        }
        if self.taker == Taker::Nobody {
            sizes.clear();
        }
        Ok(sizes)
    }
}

/// Whether these bytes begin with a number, a word or a string that Go takes for finished only once it has seen the byte behind it:
/// unlike an object or a list, which end with themselves.
fn waits_for_its_end(bytes: &[u8]) -> bool {
    let bytes = bytes.trim_ascii_start();
    match bytes.split_first() {
        None | Some((b'{' | b'[', _)) => false,
        Some((b'"', string)) => {
            let mut escaped = false;
            let end = string.iter().position(|&byte| {
                let ends = byte == b'"' && !escaped;
                escaped = byte == b'\\' && !escaped;
                ends
            });
            end.is_none_or(|end| end + 1 == string.len())
        }
        Some((b'-' | b'0'..=b'9', rest)) => rest.iter().all(|byte| b"0123456789+-.eE".contains(byte)),
        Some(_) => ["null", "true", "false"].iter().any(|word| word.as_bytes().starts_with(bytes)),
    }
}

/// Keys in any case, unknown ones skipped, missing and null ones zero; `null` is 0x0.
impl<'de> Deserialize<'de> for Size {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SizeVisitor)
    }
}

struct SizeVisitor;

impl<'de> Visitor<'de> for SizeVisitor {
    type Value = Size;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a terminal size or null")
    }

    fn visit_unit<E>(self) -> Result<Size, E> {
        Ok(Size { width: 0, height: 0 })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Size, A::Error> {
        let mut size = Size { width: 0, height: 0 };
        while let Some(key) = map.next_key::<String>()? {
            let field = match key.to_ascii_lowercase().as_str() {
                "width" => &mut size.width,
                "height" => &mut size.height,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                    continue;
                }
            };
            if let Some(number) = map.next_value::<Option<u16>>()? {
                *field = number;
            }
        }
        Ok(size)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sizes(decoder: &mut SizeDecoder, text: &str) -> Option<Vec<(u16, u16)>> {
        let sizes = decoder.take(text.as_bytes()).ok()?;
        Some(sizes.iter().map(|size| (size.width, size.height)).collect())
    }

    #[test]
    fn values_may_share_a_message_or_be_cut_between_two() {
        let mut decoder = SizeDecoder::new(Taker::Process);
        let two = r#" {"Width":80,"Height":24} {"height":30,"WIDTH":90,"x":[1]}"#;
        assert_eq!(sizes(&mut decoder, two), Some(vec![(80, 24), (90, 30)]));
        assert_eq!(sizes(&mut decoder, r#"{"Width":8"#), Some(vec![]));
        assert_eq!(sizes(&mut decoder, r#"0,"Height":24}"#), Some(vec![(80, 24)]));
        assert_eq!(sizes(&mut decoder, r#"null{"Width":null}"#), Some(vec![(0, 0), (0, 0)]));
    }

    #[test]
    fn a_value_that_has_no_end_of_its_own_waits_for_the_next_message() {
        let size = r#"{"Width":80,"Height":24}"#;
        let mut decoder = SizeDecoder::new(Taker::Process);
        assert_eq!(sizes(&mut decoder, "null"), Some(vec![]));
        assert_eq!(sizes(&mut decoder, size), Some(vec![(0, 0), (80, 24)]));
        for text in ["80", "\"80\"", "\"\\\"", "true", "-"] {
            let mut decoder = SizeDecoder::new(Taker::Process);
            assert_eq!(sizes(&mut decoder, text), Some(vec![]), "{text}");
            assert_eq!(sizes(&mut decoder, size), Some(vec![]), "{text}");
            assert_eq!(sizes(&mut decoder, size), None, "{text}");
        }
    }

    #[test]
    fn after_a_bad_value_nothing_is_read_any_more() {
        let bad = [
            r#"{"Width":70000,"Height":24}"#,
            r#"{"Width":-1}"#,
            r#"{"Width":80.5}"#,
            r#"{"Width":"80"}"#,
            "x",
            "[]",
        ];
        for text in bad {
            let mut decoder = SizeDecoder::new(Taker::Process);
            assert_eq!(sizes(&mut decoder, text), Some(vec![]), "{text}");
            assert_eq!(sizes(&mut decoder, r#"{"Width":80,"Height":24}"#), None, "{text}");
        }
    }

    #[test]
    fn where_nobody_takes_sizes_the_second_message_is_never_read() {
        let mut decoder = SizeDecoder::new(Taker::Nobody);
        let size = r#"{"Width":80,"Height":24}"#;
        assert_eq!(sizes(&mut decoder, size), Some(vec![]));
        assert_eq!(sizes(&mut decoder, size), None);
    }
}
