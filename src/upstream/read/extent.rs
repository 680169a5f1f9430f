//! Where a JSON value ends, in whatever pieces it comes. It checks nothing else: what was found is parsed as a whole.

/// The way through one value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
    /// Its first byte has not come.
    Ahead,
    /// In a string that is all of it, or in objects and lists this deep.
    Within(Inner),
    /// In a number or a word, which ends where something else begins.
    Word,
}

/// Inside brackets or quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Inner {
    depth: u32,
    text: Text,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Text {
    Outside,
    Inside,
    AfterBackslash,
}

impl Extent {
    /// Goes on through `bytes`, which begin with the value if it has not begun. Says after how many of them it ends, or `None` if it
    /// has not ended yet.
    pub(super) fn advance(&mut self, bytes: &[u8]) -> Option<usize> {
        for (index, byte) in bytes.iter().copied().enumerate() {
            match self {
                Self::Ahead => *self = Self::begun(byte),
                Self::Word if matches!(byte, b',' | b']' | b'}' | b' ' | b'\t' | b'\r' | b'\n') => {
                    return Some(index);
                }
                Self::Word => {}
                Self::Within(inner) => {
                    inner.step(byte);
                    if inner.has_ended() {
                        return Some(index + 1);
                    }
                }
            }
        }
        None
    }

    fn begun(byte: u8) -> Self {
        match byte {
            b'{' | b'[' => Self::Within(Inner { depth: 1, text: Text::Outside }),
            b'"' => Self::Within(Inner { depth: 0, text: Text::Inside }),
            _ => Self::Word,
        }
    }
}

impl Inner {
    fn step(&mut self, byte: u8) {
        match (self.text, byte) {
            (Text::Outside, b'"') | (Text::AfterBackslash, _) => self.text = Text::Inside,
            (Text::Outside, b'{' | b'[') => self.depth = self.depth.saturating_add(1),
            (Text::Outside, b'}' | b']') => self.depth = self.depth.saturating_sub(1),
            (Text::Inside, b'\\') => self.text = Text::AfterBackslash,
            (Text::Inside, b'"') => self.text = Text::Outside,
            (Text::Outside | Text::Inside, _) => {}
        }
    }

    fn has_ended(self) -> bool {
        self.depth == 0 && self.text == Text::Outside
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ends(text: &str) -> Option<usize> {
        Extent::Ahead.advance(text.as_bytes())
    }

    #[test]
    fn a_value_ends_with_its_last_bracket_or_quote_or_before_what_follows_a_word() {
        assert_eq!(ends(r#"{"a":[1,{"b":"]}"}]},"#), Some(20));
        assert_eq!(ends(r#""a\"b\\","#), Some(8));
        assert_eq!(ends("12.5e3 ,"), Some(6));
        assert_eq!(ends("null]"), Some(4));
        assert_eq!(ends("[]"), Some(2));
        assert_eq!(ends(r#"{"a":1"#), None);
        assert_eq!(ends("12"), None);
    }

    #[test]
    fn a_value_in_single_bytes_ends_in_the_same_place() {
        for text in [r#"{"a":"\\\"}","b":[[]]} "#, r#""x""#, "-1,", "[\"]\"]"] {
            let mut extent = Extent::Ahead;
            let at = text.bytes().position(|byte| extent.advance(&[byte]).is_some());
            let whole = ends(text).unwrap();
            let last = if matches!(text.as_bytes()[0], b'-') { whole } else { whole - 1 };
            assert_eq!(at, Some(last), "{text}");
        }
    }
}
