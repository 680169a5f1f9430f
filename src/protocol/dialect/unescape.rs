//! The inside of a JSON string as text.

use super::escape::{LINE, Place, specials};

/// What a backslash and each letter are (RFC 8259 section 7), and 0 for those that are something else or nothing.
#[allow(clippy::indexing_slicing, reason = "it is made when this is compiled, and would not be if it failed")]
static SHORT: [u8; 256] = {
    let mut short = [0; 256];
    short[b'"' as usize] = b'"';
    short[b'\\' as usize] = b'\\';
    short[b'/' as usize] = b'/';
    short[b'b' as usize] = 0x08;
    short[b'f' as usize] = 0x0c;
    short[b'n' as usize] = b'\n';
    short[b'r' as usize] = b'\r';
    short[b't' as usize] = b'\t';
    short
};

/// The text whose JSON is `inside`, which is UTF-8, between quotes; `None` where that is no JSON.
#[inline(never)] // Within a large function it has no registers.
pub(super) fn read_text(inside: &[u8]) -> Option<Vec<u8>> {
    // Text is never longer than its JSON, and a line is copied at a time, whatever of it belongs there.
    let mut text = vec![0; inside.len().saturating_add(LINE)];
    let mut place = Place::new(&mut text);
    let mut rest = inside;
    // What an escape in the line before took of this one.
    let mut taken = 0;
    while let Some(window) = rest.first_chunk() {
        taken = read_line(window, rest, taken, &mut place)?;
        rest = rest.get(LINE..)?;
    }
    rest = rest.get(taken..)?;
    while let Some((first, behind)) = rest.split_first() {
        match first {
            b'\\' => read_escape(&mut rest, &mut place)?,
            b'"' | 0..0x20 => return None,
            _ => {
                place.push_one(*first);
                rest = behind;
            }
        }
    }
    let count = place.written();
    text.truncate(count);
    Some(text)
}

/// Reads the first line of a window at the front of `rest`, of which so many bytes are taken, and says how many it took of the next.
fn read_line(window: &[u8; 2 * LINE], rest: &[u8], taken: usize, place: &mut Place<'_>) -> Option<usize> {
    let (line, _) = window.split_first_chunk()?;
    let left = |from: usize| u32::MAX.unbounded_shl(u32::try_from(from).unwrap_or(u32::MAX));
    let mut from = taken;
    let mut specials = specials(line) & left(from);
    while specials != 0 {
        let at = usize::try_from(specials.trailing_zeros()).ok()?;
        place.put::<LINE>(window, from, at.wrapping_sub(from));
        let mut escape = rest.get(at..)?;
        let before = escape.len();
        read_escape(&mut escape, place)?;
        from = at.wrapping_add(before.wrapping_sub(escape.len()));
        specials &= left(from);
    }
    if from < LINE {
        place.put::<LINE>(window, from, LINE.wrapping_sub(from));
    }
    Some(from.saturating_sub(LINE))
}

/// Takes an escaped character from the front.
fn read_escape(rest: &mut &[u8], place: &mut Place<'_>) -> Option<()> {
    let [b'\\', letter, behind @ ..] = *rest else {
        return None;
    };
    match SHORT.get(usize::from(*letter)) {
        Some(0) | None => place.push(read_long(rest)?.encode_utf8(&mut [0; 4]).as_bytes()),
        Some(short) => {
            place.push_one(*short);
            *rest = behind;
        }
    }
    Some(())
}

/// Takes a character that is written by its number from the front.
fn read_long(rest: &mut &[u8]) -> Option<char> {
    *rest = rest.strip_prefix(b"\\u")?;
    let first = read_unit(rest)?;
    if let Some(character) = char::from_u32(first.into()) {
        return Some(character);
    }
    *rest = rest.strip_prefix(b"\\u")?;
    char::decode_utf16([first, read_unit(rest)?]).next()?.ok()
}

/// Takes four digits.
fn read_unit(rest: &mut &[u8]) -> Option<u16> {
    let (digits, behind) = rest.split_first_chunk::<4>()?;
    *rest = behind;
    let add = |unit, digit: &u8| Some(unit << 4 | u16::try_from(char::from(*digit).to_digit(16)?).ok()?);
    digits.iter().try_fold(0, add)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn by_parser(inside: &str) -> Option<Vec<u8>> {
        serde_json::from_str::<String>(&format!("\"{inside}\"")).ok().map(String::into_bytes)
    }

    #[test]
    fn every_escape_is_read_as_a_json_parser_reads_it() {
        for inside in [
            "",
            "a",
            r"\n\r\t\b\f\/\\\u0000",
            r"\u00e9\u2713\uFFFF",
            r"\ud83d\ude00x",
            r"\ud83d",
            r"\ud83dx",
            r"\ude00",
            r"\ud83d\u0041",
            r"\ud83d\ud83d",
            r"\u00g0",
            r"\u+041",
            r"\u004",
            r"\x41",
            "\\",
            "a\\",
            "\"",
            "\n",
        ] {
            for before in 0..70 {
                let inside = "x".repeat(before) + inside;
                assert_eq!(read_text(inside.as_bytes()), by_parser(&inside), "{inside:?}");
            }
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_as_a_json_parser_reads_it(inside in r#"([ -~é✓😀]{0,40}(\\["\\/bfnrtu]|\\u[0-9a-fA-F]{4}){0,3}){0,5}"#) {
            prop_assert_eq!(read_text(inside.as_bytes()), by_parser(&inside));
        }

        #[test]
        fn what_was_written_is_read_back(text in any::<String>()) {
            let json = serde_json::to_string(&text).unwrap();
            let inside = json.strip_prefix('"').and_then(|json| json.strip_suffix('"')).unwrap();
            prop_assert_eq!(read_text(inside.as_bytes()), Some(text.into_bytes()));
        }
    }
}
