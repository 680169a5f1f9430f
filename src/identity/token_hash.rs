//! A token as the users file keeps it: its SHA-256.

use std::fmt;

use aws_lc_rs::digest::{SHA256, digest};
use subtle::{Choice, ConstantTimeEq};

/// What stands in the users file for `token`: `sha256:` and 64 lower-case hexadecimal digits.
///
/// A plain hash is enough because tokens are random: there is nothing to guess that is easier than the token itself.
pub fn token_hash(token: &str) -> String {
    TokenHash::of(token).to_string()
}

/// The SHA-256 of a token. Compared in constant time only, hence no `PartialEq`; never shown by `Debug`.
#[derive(Clone, Copy)]
pub(super) struct TokenHash([u8; SIZE_BYTES]);

const SIZE_BYTES: usize = 32;
const PREFIX: &str = "sha256:";

impl TokenHash {
    /// The hash of a token.
    pub(super) fn of(token: &str) -> Self {
        let digest = digest(&SHA256, token.as_bytes());
        Self(digest.as_ref().try_into().expect("a SHA-256 digest has 32 bytes"))
    }

    /// Reads `sha256:` and 64 hexadecimal digits of either case.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix(PREFIX)?.as_bytes();
        let (pairs, rest) = digits.as_chunks::<2>();
        let bytes: Vec<u8> = pairs.iter().copied().map(byte).collect::<Option<_>>()?;
        if rest.is_empty() { bytes.try_into().ok().map(Self) } else { None }
    }

    /// The 32 bytes, for finding duplicates within one file.
    pub(super) fn as_bytes(&self) -> &[u8; SIZE_BYTES] {
        &self.0
    }
}

impl ConstantTimeEq for TokenHash {
    fn ct_eq(&self, other: &Self) -> Choice {
        self.0.ct_eq(&other.0)
    }
}

impl fmt::Display for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(PREFIX)?;
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenHash(..)")
    }
}

fn byte([high, low]: [u8; 2]) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    u8::try_from(digit(high)? * 16 + digit(low)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// NIST's vector for "abc" (FIPS 180-2, appendix B.1).
    const ABC: &str = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    #[test]
    fn the_hash_of_a_token_is_its_sha_256_in_lower_case() {
        assert_eq!(token_hash("abc"), ABC);
    }

    #[test]
    fn what_token_hash_writes_is_read_back_equal() {
        let read = TokenHash::parse(&token_hash("s3cret")).unwrap();
        assert!(bool::from(read.ct_eq(&TokenHash::of("s3cret"))));
        assert!(!bool::from(read.ct_eq(&TokenHash::of("s3creT"))));
    }

    #[test]
    fn digits_of_either_case_are_read() {
        let upper = format!("sha256:{}", ABC[7..].to_uppercase());
        assert_eq!(TokenHash::parse(&upper).unwrap().to_string(), ABC);
    }

    #[test]
    fn anything_else_is_no_hash() {
        let digits = &ABC[7..];
        for text in [
            "",
            "sha256:",
            digits,
            &format!("sha512:{digits}"),
            &format!("sha256:{}", &digits[1..]),
            &format!("sha256:{}", &digits[2..]),
            &format!("sha256:{digits}0"),
            &format!("sha256:{digits}00"),
            &format!("sha256: {digits}"),
            &format!("sha256:{}g", &digits[1..]),
            &format!("sha256:+{}", &digits[1..]),
            &format!("sha256:é{}", &digits[2..]),
        ] {
            assert!(TokenHash::parse(text).is_none(), "{text:?}");
        }
    }

    #[test]
    fn debug_does_not_show_the_hash() {
        assert_eq!(format!("{:?}", TokenHash::of("abc")), "TokenHash(..)");
    }
}
