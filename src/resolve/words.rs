//! What others wrote, made fit to be shown: short, on one line, and nothing that changes how the rest is read.

/// The text on one line, without control characters and marks that turn the direction of what follows, cut to `limit` characters.
pub(super) fn printable(text: &str, limit: usize) -> String {
    let shown = text.chars().map(|c| if is_printable(c) { c } else { ' ' });
    let line: String = shown.take(limit).collect();
    line.trim().to_owned()
}

/// A reason as Kubernetes writes it, one word such as `CrashLoopBackOff`. What is none is not shown: it could name anything.
pub(super) fn reason(text: Option<String>) -> Option<String> {
    text.filter(|text| {
        (1..=REASON_LIMIT).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
    })
}

/// `a, b and 3 more`: the first of many.
pub(super) fn list<T: ToString>(names: &[T]) -> String {
    let mut shown: Vec<String> = names.iter().take(MOST_NAMES).map(T::to_string).collect();
    if let Some(rest) = names.len().checked_sub(MOST_NAMES).filter(|rest| *rest > 0) {
        let last = shown.pop().unwrap_or_default();
        shown.push(format!("{last} and {rest} more"));
    }
    shown.join(", ")
}

fn is_printable(c: char) -> bool {
    let turns =
        matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}');
    !c.is_control() && !turns
}

/// The longest of Kubernetes' own has half of it.
const REASON_LIMIT: usize = 64;
/// As many as anybody reads through.
const MOST_NAMES: usize = 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_change_how_the_rest_is_read_becomes_a_space() {
        assert_eq!(printable("a\u{1b}[31m\nb\u{202e}c\u{2028}", 300), "a [31m b c");
        assert_eq!(printable("größe ✓", 300), "größe ✓");
        assert_eq!(printable(&"ä".repeat(400), 300).chars().count(), 300);
    }

    #[test]
    fn a_reason_is_one_word_or_is_not_shown() {
        let shown = |text: &str| reason(Some(text.to_owned()));
        assert_eq!(shown("CrashLoopBackOff").as_deref(), Some("CrashLoopBackOff"));
        for text in ["", "node-1.example.com", "10.0.0.1", "two words", "a\n", &"a".repeat(65)] {
            assert_eq!(shown(text), None, "{text:?}");
        }
    }

    #[test]
    fn of_many_names_the_first_are_listed_and_the_rest_counted() {
        assert_eq!(list(&["a", "b"]), "a, b");
        let many: Vec<String> = (0..23).map(|number| format!("p{number}")).collect();
        assert!(list(&many).ends_with("p18, p19 and 3 more"), "{}", list(&many));
    }
}
