//! Makes what an API server says about where a list goes on unreadable to the client: it holds the name of the last object of the
//! page, which may be one that the client is not shown.

use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

use crate::policy::ReadGrant;

/// A key that lives as long as this process.
pub struct Seal(RandomizedNonceKey);

impl Seal {
    /// A new key.
    pub fn new() -> Self {
        let key = RandomizedNonceKey::new(&AES_256_GCM, &rand::random::<[u8; 32]>());
        Self(key.expect("AES-256 has keys of 32 bytes"))
    }

    /// What only [`Seal::open`] of this process can read, and only for the same user and list.
    pub(super) fn close(&self, grant: &ReadGrant, text: &str) -> String {
        let mut sealed = text.as_bytes().to_vec();
        let nonce = self.0.seal_in_place_append_tag(bound_to(grant), &mut sealed);
        let nonce = nonce.expect("a page's end is no gigabytes long");
        URL_SAFE_NO_PAD.encode([&nonce.as_ref()[..], &sealed].concat())
    }

    /// What was sealed; `None` for anything else.
    pub(super) fn open(&self, grant: &ReadGrant, text: &str) -> Option<String> {
        let mut bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (nonce, sealed) = bytes.split_at_mut_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let opened = self.0.open_in_place(nonce, bound_to(grant), sealed).ok()?;
        String::from_utf8(opened.to_vec()).ok()
    }
}

impl Default for Seal {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Seal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seal(..)")
    }
}

/// Clusters and paths hold no NUL, so nobody's name can shift the parts against each other.
fn bound_to(grant: &ReadGrant) -> Aad<String> {
    let target = grant.target();
    Aad::from(format!("{}\0{}\0{}", grant.principal().user(), target.cluster, target.resource.api_path()))
}

#[cfg(test)]
mod tests {
    use super::super::testing::pods_granted_to;
    use super::*;

    #[test]
    fn what_is_sealed_is_read_by_the_same_process_for_the_same_user_and_by_nobody_else() {
        let seal = Seal::new();
        let alice = pods_granted_to("alice");
        let sealed = seal.close(&alice, "eyJzdGFydCI6Ii92YXVsdFx1MDAwMCJ9");
        assert!(!sealed.contains("eyJzdGFydCI"));
        assert_eq!(seal.open(&alice, &sealed).as_deref(), Some("eyJzdGFydCI6Ii92YXVsdFx1MDAwMCJ9"));
        assert_ne!(seal.close(&alice, "same"), seal.close(&alice, "same"));
        assert_eq!(seal.open(&pods_granted_to("bob"), &sealed), None);
        assert_eq!(Seal::new().open(&alice, &sealed), None);
        for broken in ["", "AAAA", "not base64!", &sealed[1..]] {
            assert_eq!(seal.open(&alice, broken), None, "{broken:?}");
        }
    }
}
