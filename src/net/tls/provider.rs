//! The cryptography under TLS, from aws-lc-rs.

use rustls::CipherSuite;
use rustls::crypto::{CryptoProvider, aws_lc_rs as provided};

/// What handshakes choose from. AES-128 comes before AES-256, as Go's `crypto/tls`, and so every API server, and browsers prefer it: a
/// server that takes our order then encrypts with 10 rounds in the place of 14, and derives keys with SHA-256, which processors have
/// instructions for.
pub fn provider() -> CryptoProvider {
    let mut provider = provided::default_provider();
    provider.cipher_suites.sort_by_key(|suite| !is_aes_128(suite.suite()));
    provider
}

fn is_aes_128(suite: CipherSuite) -> bool {
    matches!(
        suite,
        CipherSuite::TLS13_AES_128_GCM_SHA256
            | CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256
            | CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aes_128_is_preferred_and_nothing_is_missing() {
        let suites = provider().cipher_suites;
        assert_eq!(suites[0].suite(), CipherSuite::TLS13_AES_128_GCM_SHA256);
        let firsts = suites.iter().take_while(|suite| is_aes_128(suite.suite())).count();
        assert_eq!(firsts, 3);
        assert_eq!(suites.len(), provided::default_provider().cipher_suites.len());
    }
}
