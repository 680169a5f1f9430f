//! Puts what a request said into names: each capture is checked for itself, so that none can say more than one value.

use crate::target::{Captures, NameError, Template};

/// What a request says that can be no part of a name. `Display` is for the user: it is about nothing but their own address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FillError {
    /// It makes no name.
    #[error("{whose} cannot be used here: {source}")]
    Name {
        /// What it was made from.
        whose: String,
        /// What is wrong.
        source: NameError,
    },
    /// It makes no label value.
    #[error(
        "{whose} cannot be used here: {text:?} is no value of a label, which has letters, digits, '-', '_' and '.', starting and ending with a letter or digit, and at most 63 characters"
    )]
    Label {
        /// What it was made from.
        whose: String,
        /// The beginning of the text.
        text: String,
    },
    /// It is no number of a pod.
    #[error("{whose} cannot be used here: {text:?} is no ordinal of a pod, such as 0 or 12")]
    Ordinal {
        /// What it was made from.
        whose: String,
        /// The beginning of the text.
        text: String,
    },
}

/// The name that `template` makes of what was captured.
pub(super) fn name<T>(
    template: &Template,
    captures: &Captures,
    parse: fn(String) -> Result<T, NameError>,
) -> Result<T, FillError> {
    parse(template.fill(captures)).map_err(|source| FillError::Name { whose: whose(template), source })
}

/// The label value that `template` makes of what was captured.
pub(super) fn label(template: &Template, captures: &Captures) -> Result<String, FillError> {
    for name in template.captures() {
        let text = captures.get(name).unwrap_or_default();
        if text.is_empty() || !text.bytes().all(is_label_byte) {
            return Err(FillError::Label { whose: said(name), text: shown(text) });
        }
    }
    let filled = template.fill(captures);
    if is_label_value(&filled) {
        Ok(filled)
    } else {
        Err(FillError::Label { whose: whose(template), text: shown(&filled) })
    }
}

/// The number of a pod of a stateful set that `template` makes of what was captured, as it stands in the pod's name.
pub(super) fn ordinal(template: &Template, captures: &Captures) -> Result<String, FillError> {
    let filled = template.fill(captures);
    if is_ordinal(&filled) {
        Ok(filled)
    } else {
        Err(FillError::Ordinal { whose: whose(template), text: shown(&filled) })
    }
}

/// Whether `text` is a number as it stands in a pod's name.
pub(super) fn is_ordinal(text: &str) -> bool {
    text.parse::<u32>().is_ok_and(|number| number.to_string() == text)
}

/// Whether `text` may stand behind a label's key; Kubernetes' `IsValidLabelValue`, but for the empty value.
pub(super) fn is_label_value(text: &str) -> bool {
    let ends = [text.as_bytes().first(), text.as_bytes().last()];
    (1..=LABEL_LIMIT).contains(&text.len())
        && text.bytes().all(is_label_byte)
        && ends.into_iter().flatten().all(u8::is_ascii_alphanumeric)
}

fn is_label_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-_.".contains(&byte)
}

/// Where the captures of `template` come from, in words.
fn whose(template: &Template) -> String {
    let captures: Vec<String> = template.captures().map(said).collect();
    if captures.is_empty() {
        format!("{:?} in the configuration", template.to_string())
    } else {
        captures.join(" with ")
    }
}

fn said(capture: &str) -> String {
    match capture {
        Captures::USER => "your user name".to_owned(),
        capture => format!("what the address says as {{{capture}}}"),
    }
}

/// Enough of a text to know it again.
fn shown(text: &str) -> String {
    text.chars().take(SHOWN_LIMIT).collect()
}

/// Kubernetes' `LabelValueMaxLength`.
const LABEL_LIMIT: usize = 63;
/// A label value and a little more.
const SHOWN_LIMIT: usize = 80;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::Namespace;

    fn captures(name: &str, value: &str) -> Captures {
        let mut captures = Captures::default();
        captures.set(name, value);
        captures
    }

    #[test]
    fn label_values_are_those_of_kubernetes() {
        let longest = "a".repeat(63);
        for text in ["a", "0", "web-0", "a_b.C", &longest] {
            assert!(is_label_value(text), "{text:?}");
        }
        for text in ["", "-a", "a-", ".a", "a_", "a,b", "a=b", "a b", "a\n", "ä", "!a", &"a".repeat(64)] {
            assert!(!is_label_value(text), "{text:?}");
        }
    }

    #[test]
    fn a_capture_that_would_say_more_than_one_value_is_refused_and_named() {
        let template = Template::parse("job-{jobId}").unwrap();
        for text in ["", "1,owner=bob", "1)", "a=b", "a b", "1\u{0}", "in (a)"] {
            let error = label(&template, &captures("jobId", text)).unwrap_err();
            assert!(error.to_string().starts_with("what the address says as {jobId} cannot"), "{error}");
        }
        assert_eq!(label(&template, &captures("jobId", "-17")).unwrap(), "job--17");
        assert!(label(&template, &captures("jobId", "17-")).is_err());
        assert!(label(&template, &Captures::default()).is_err());
    }

    #[test]
    fn a_user_name_that_no_label_can_hold_is_told_as_such() {
        let template = Template::parse("{user}").unwrap();
        let error = label(&template, &captures(Captures::USER, "alice@example.com")).unwrap_err();
        assert!(
            error.to_string().starts_with("your user name cannot be used here: \"alice@example.com\""),
            "{error}"
        );
    }

    #[test]
    fn what_makes_no_name_is_told_with_the_capture_that_it_came_from() {
        let template = Template::parse("team-{team}").unwrap();
        assert_eq!(name(&template, &captures("team", "a"), Namespace::parse).unwrap().as_str(), "team-a");
        let error = name(&template, &captures("team", "../x"), Namespace::parse).unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("what the address says as {team} cannot be used here: the namespace")
        );
    }

    #[test]
    fn an_ordinal_is_written_in_one_way_only() {
        let template = Template::parse("{ordinal}").unwrap();
        assert_eq!(ordinal(&template, &captures("ordinal", "12")).unwrap(), "12");
        for text in ["", "01", "+1", "-1", "1a", "99999999999"] {
            assert!(ordinal(&template, &captures("ordinal", text)).is_err(), "{text:?}");
        }
    }
}
