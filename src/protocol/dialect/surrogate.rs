//! Halves of characters in JSON. A page that cuts a text between two UTF-16 code units sends `\ud83d` alone, as `JSON.stringify` writes
//! it (ECMA-262, `QuoteJSONString`). RFC 8259 section 8.2 leaves open what that is; no UTF-8 holds it.

/// `json` with U+FFFD in the place of each half that stands alone; `None` if there is none.
pub(super) fn mended(json: &str) -> Option<String> {
    let mut mended = String::with_capacity(json.len());
    let mut is_whole = true;
    let mut rest = json;
    while let Some((before, escape)) = rest.find('\\').and_then(|at| rest.split_at_checked(at)) {
        mended.push_str(before);
        let pair = [unit(escape, 0), unit(escape, UNIT)].map(Option::unwrap_or_default);
        let taken = match pair {
            [0xd800..0xdc00, 0xdc00..0xe000] => UNIT.saturating_mul(2),
            [0xd800..0xe000, _] => {
                mended.push_str("\\ufffd");
                is_whole = false;
                rest = escape.get(UNIT..).unwrap_or_default();
                continue;
            }
            // The backslash and what it stands before, which may be another backslash.
            _ => escape.char_indices().nth(2).map_or(escape.len(), |(end, _)| end),
        };
        let (escape, behind) = escape.split_at_checked(taken).unwrap_or((escape, ""));
        mended.push_str(escape);
        rest = behind;
    }
    mended.push_str(rest);
    (!is_whole).then_some(mended)
}

/// The bytes of a code unit that is written by its number.
const UNIT: usize = 6;

/// The code unit that is written by its number at `at`.
fn unit(json: &str, at: usize) -> Option<u16> {
    let digits = json.get(at..at.saturating_add(UNIT))?.strip_prefix("\\u")?;
    digits.bytes().all(|digit| digit.is_ascii_hexdigit()).then_some(())?;
    u16::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_halves_that_stand_alone_are_replaced() {
        for (json, text) in [
            (r#""\ud83d""#, "\u{fffd}"),
            (r#""\ude00x""#, "\u{fffd}x"),
            (r#""\uD83D\u0041\\ud83d""#, "\u{fffd}A\\ud83d"),
            (r#""\ud83d\ud83d\ude00\n\ude00""#, "\u{fffd}😀\n\u{fffd}"),
            (r#""é\ud83d漢""#, "é\u{fffd}漢"),
        ] {
            assert_eq!(serde_json::from_str::<String>(&mended(json).unwrap()).unwrap(), text, "{json}");
        }
        for json in
            ["", r#""\ud83d\ude00""#, r#""\\ud83d""#, r#""\u00e9\n""#, r#""\u+83d""#, "\\", "\\é", r"\ud8"]
        {
            assert_eq!(mended(json), None, "{json}");
        }
    }

    proptest! {
        #[test]
        fn every_cut_of_a_text_is_json_again(units in prop::collection::vec(any::<u16>(), 0..20)) {
            let escaped: Vec<String> = units.iter().map(|unit| format!("\\u{unit:04x}")).collect();
            let json = format!("\"{}\"", escaped.concat());
            let json = mended(&json).unwrap_or(json);
            prop_assert_eq!(serde_json::from_str::<String>(&json).unwrap(), String::from_utf16_lossy(&units));
        }
    }
}
