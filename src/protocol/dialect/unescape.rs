//! The inside of a JSON string as text.

use super::escape::{LINE, Place, specials};

/// The text whose JSON is `inside`, which is UTF-8, between quotes; `None` where that is no JSON.
pub(super) fn read_text(inside: &[u8]) -> Option<Vec<u8>> {
    // Text is never longer than its JSON; a line is copied at a time, whatever of it belongs there.
    let mut text = vec![0; inside.len().saturating_add(LINE)];
    let mut place = Place::new(&mut text);
    // All before is read.
    let mut read = 0_usize;
    for (number, line) in inside.chunks(LINE).enumerate() {
        let begin = number.saturating_mul(LINE);
        let end = begin.saturating_add(line.len());
        let mut specials = from(specials_of(line), begin, read);
        while specials != 0 {
            let at = begin.saturating_add(usize::try_from(specials.trailing_zeros()).unwrap_or(LINE));
            place.put_or_push(inside, read, at);
            let escape = inside.get(at..)?;
            let mut rest = escape;
            match escape {
                [b'\\', letter, behind @ ..] if *letter != b'u' => {
                    place.push_one(short(*letter)?);
                    rest = behind;
                }
                _ => place.push(read_long(&mut rest)?.encode_utf8(&mut [0; 4]).as_bytes()),
            }
            read = inside.len().saturating_sub(rest.len());
            specials = from(specials, begin, read);
        }
        if read < end {
            place.put_or_push(inside, read, end);
            read = end;
        }
    }
    let count = place.written();
    text.truncate(count);
    Some(text)
}

fn specials_of(line: &[u8]) -> u32 {
    let mut last = [b' '; LINE];
    specials(line.first_chunk().unwrap_or_else(|| {
        last.iter_mut().zip(line).for_each(|(slot, byte)| *slot = *byte);
        &last
    }))
}

/// Those of a line's specials that are not read.
fn from(specials: u32, begin: usize, read: usize) -> u32 {
    let count = u32::try_from(read.saturating_sub(begin)).unwrap_or(u32::MAX);
    specials & u32::MAX.unbounded_shl(count)
}

/// What a backslash and this letter are (RFC 8259 section 7).
fn short(letter: u8) -> Option<u8> {
    Some(match letter {
        b'"' | b'\\' | b'/' => letter,
        b'b' => 0x08,
        b'f' => 0x0c,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        _ => return None,
    })
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
