//! A certificate for what listens on the loopback.

/// A certificate that is its own authority, and its key.
pub(crate) struct Certificate {
    pub(crate) pem: String,
    pub(crate) key_pem: String,
}

impl Certificate {
    /// Makes one for 127.0.0.1.
    pub(crate) fn of_loopback() -> anyhow::Result<Self> {
        let certified = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()])?;
        Ok(Self { pem: certified.cert.pem(), key_pem: certified.signing_key.serialize_pem() })
    }
}
