//! What is kept of a token.

use std::fmt::Write;

use aws_lc_rs::digest;

/// `sha256:` and 64 hexadecimal digits. Tokens are random, not passwords: a fast hash is enough.
pub fn token_hash(token: &str) -> String {
    let digest = digest::digest(&digest::SHA256, token.as_bytes());
    let mut hash = String::from("sha256:");
    for byte in digest.as_ref() {
        write!(hash, "{byte:02x}").expect("a String takes every write");
    }
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_the_one_that_sha256sum_prints() {
        assert_eq!(
            token_hash("abc"),
            "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }
}
