//! Whether a path may name a file. Pure: it looks nothing up.

use percent_encoding::percent_decode_str;

use crate::front::frontend::FrontendError;

/// The one folder with a dot that is meant to be seen (RFC 8615).
const WELL_KNOWN: &str = ".well-known";

/// Refuses what could lead out of the folder, and hides what a dot hides. Each segment is decoded once, as the lookup does.
pub(super) fn check(path: &str) -> Result<(), FrontendError> {
    let mut segments = path.split('/').skip(1).peekable();
    while let Some(segment) = segments.next() {
        let name = percent_decode_str(segment).decode_utf8().map_err(|_| FrontendError::Path)?;
        if matches!(&*name, "." | "..") || name.contains(['/', '\\']) || name.chars().any(char::is_control) {
            return Err(FrontendError::Path);
        }
        let is_hidden = name.starts_with('.') && name != WELL_KNOWN;
        // An empty segment would vanish in the lookup, and in a redirect it would be the beginning of another host's URL.
        if is_hidden || (name.is_empty() && segments.peek().is_some()) {
            return Err(FrontendError::NoSuchFile);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_names_pass_encoded_or_not() {
        for path in ["/", "/a/", "/a b.txt", "/a%20b.txt", "/%C3%A9", "/.well-known/x", "/a..b", "/100%"] {
            assert!(check(path).is_ok(), "{path}");
        }
    }

    #[test]
    fn what_leads_out_is_refused_however_it_is_written() {
        for path in [
            "/..",
            "/../x",
            "/a/../b",
            "/%2e%2e/x",
            "/.%2E/x",
            "/./x",
            "/%2e/x",
            "/..%2f..%2fetc/passwd",
            "/a%2fb",
            "/a%5cb",
            "/a\\b",
            "/a%00b",
            "/a%0ab",
            "/%ff",
        ] {
            assert!(matches!(check(path), Err(FrontendError::Path)), "{path}");
        }
    }

    #[test]
    fn hidden_names_and_empty_ones_are_not_there() {
        for path in ["/.env", "/.git/config", "/a/.htaccess", "/%2eenv", "//host", "/a//b"] {
            assert!(matches!(check(path), Err(FrontendError::NoSuchFile)), "{path}");
        }
    }
}
