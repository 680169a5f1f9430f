//! DNS-1123 names, by Kubernetes' own rules (apimachinery `pkg/util/validation/validation.go`).

use std::fmt;

/// Why a text is no name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Nothing between the slashes.
    #[error("the {what} is empty")]
    Empty {
        /// Which name.
        what: &'static str,
    },
    /// Longer than Kubernetes allows.
    #[error("the {what} is {length} characters long; at most {limit} are allowed")]
    TooLong {
        /// Which name.
        what: &'static str,
        /// Its length in bytes.
        length: usize,
        /// The limit in bytes.
        limit: usize,
    },
    /// A character, or a place for one, that DNS-1123 does not allow.
    #[error(
        "the {what} {text:?} is not a DNS-1123 {form}: lower-case letters, digits and '-'{dot}, starting and ending with a letter or digit"
    )]
    Malformed {
        /// Which name.
        what: &'static str,
        /// The text, shown escaped.
        text: String,
        /// `label` or `subdomain`.
        form: &'static str,
        /// How the sentence goes on about dots.
        dot: &'static str,
    },
}

/// A DNS-1123 label has at most 63 characters.
const LABEL_LIMIT: usize = 63;
/// A DNS-1123 subdomain has at most 253 characters.
const SUBDOMAIN_LIMIT: usize = 253;

fn check_label(what: &'static str, text: &str) -> Result<(), NameError> {
    check_length(what, text, LABEL_LIMIT)?;
    if is_label(text) { Ok(()) } else { Err(malformed(what, text, "label", "")) }
}

fn check_subdomain(what: &'static str, text: &str) -> Result<(), NameError> {
    check_length(what, text, SUBDOMAIN_LIMIT)?;
    if text.split('.').all(is_label) {
        Ok(())
    } else {
        Err(malformed(what, text, "subdomain", ", in parts joined by '.'"))
    }
}

fn check_length(what: &'static str, text: &str, limit: usize) -> Result<(), NameError> {
    match text.len() {
        0 => Err(NameError::Empty { what }),
        length if length > limit => Err(NameError::TooLong { what, length, limit }),
        _ => Ok(()),
    }
}

fn malformed(what: &'static str, text: &str, form: &'static str, dot: &'static str) -> NameError {
    NameError::Malformed { what, text: text.to_owned(), form, dot }
}

fn is_label(text: &str) -> bool {
    let alphanumeric = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let bytes = text.as_bytes();
    bytes.iter().all(|byte| alphanumeric(byte) || *byte == b'-')
        && bytes.first().is_some_and(alphanumeric)
        && bytes.last().is_some_and(alphanumeric)
}

macro_rules! name {
    ($(#[$doc:meta])* $name:ident, $what:literal, $check:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(String);

        impl $name {
            /// Takes `text` if it is such a name.
            pub fn parse(text: impl Into<String>) -> Result<Self, NameError> {
                let text = text.into();
                $check($what, &text)?;
                Ok(Self(text))
            }

            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

name!(
    /// A cluster's name in the configuration: a DNS-1123 subdomain, so that it can stand in a path.
    ClusterName, "cluster name", check_subdomain
);
name!(
    /// A namespace: a DNS-1123 label.
    Namespace, "namespace", check_label
);
name!(
    /// A pod: a DNS-1123 subdomain (`ValidatePodName`).
    PodName, "pod name", check_subdomain
);
name!(
    /// What makes pods, such as a deployment: a DNS-1123 subdomain.
    WorkloadName, "workload name", check_subdomain
);
name!(
    /// A container: a DNS-1123 label.
    ContainerName, "container name", check_label
);
name!(
    /// A group of the API, such as `apps`: a DNS-1123 subdomain.
    ApiGroup, "API group", check_subdomain
);
name!(
    /// A version of an API group, such as `v1`: a DNS-1123 label.
    ApiVersion, "API version", check_label
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_kubernetes_takes_are_taken() {
        for text in ["web-0", "a", "0", "x9-y"] {
            assert_eq!(Namespace::parse(text).unwrap().as_str(), text);
        }
        assert!(PodName::parse("web.example.com").is_ok());
        assert!(PodName::parse("a".repeat(253)).is_ok());
    }

    #[test]
    fn what_could_leave_its_path_segment_is_refused() {
        for text in ["..", ".", "a/b", "a%2fb", "A", "-a", "a-", "a..b", "a\u{0}", "a b", "ä"] {
            assert!(matches!(PodName::parse(text), Err(NameError::Malformed { .. })), "{text:?}");
        }
        assert!(matches!(Namespace::parse("a.b"), Err(NameError::Malformed { .. })));
        assert!(matches!(Namespace::parse(""), Err(NameError::Empty { .. })));
        assert!(matches!(
            Namespace::parse("a".repeat(64)),
            Err(NameError::TooLong { length: 64, limit: 63, .. })
        ));
    }
}
