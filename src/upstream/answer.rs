//! Whether a 101 is the answer to our request: RFC 6455 section 4.1, and what we ask besides. No IO.

use http::{HeaderMap, HeaderName, header};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use super::{UpgradeError, request::offered_by_name};
use crate::{cluster::Offered, protocol::Subprotocol};

/// Checks the headers of a 101 to a request with `key` and `offered`.
pub(super) fn check(headers: &HeaderMap, key: &str, offered: Offered) -> Result<Subprotocol, UpgradeError> {
    if !has_token(headers, &header::UPGRADE, "websocket") {
        return Err(UpgradeError::Upgrade);
    }
    if !has_token(headers, &header::CONNECTION, "upgrade") {
        return Err(UpgradeError::Connection);
    }
    let accept = headers.get(header::SEC_WEBSOCKET_ACCEPT);
    if accept.is_none_or(|accept| accept.as_bytes() != derive_accept_key(key.as_bytes()).as_bytes()) {
        return Err(UpgradeError::Accept);
    }
    if headers.contains_key(header::SEC_WEBSOCKET_EXTENSIONS) {
        return Err(UpgradeError::Extensions);
    }
    let mut lines = headers.get_all(header::SEC_WEBSOCKET_PROTOCOL).iter();
    // Runtimes answer an offer of nothing with an empty header: that names none.
    let Some(line) = lines.next().filter(|line| !line.is_empty()) else {
        return Err(UpgradeError::NoSubprotocol);
    };
    if lines.next().is_some() {
        return Err(UpgradeError::SeveralSubprotocols);
    }
    let name = String::from_utf8_lossy(line.as_bytes());
    offered_by_name(offered, &name).ok_or_else(|| UpgradeError::UnofferedSubprotocol(name.into_owned()))
}

fn has_token(headers: &HeaderMap, name: &HeaderName, token: &str) -> bool {
    headers
        .get_all(name)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .any(|entry| entry.trim().eq_ignore_ascii_case(token))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Key and accept of RFC 6455 section 1.3.
    const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
    const GOOD: [(&str, &str); 4] = [
        ("upgrade", "WebSocket"),
        ("connection", "keep-alive, Upgrade"),
        ("sec-websocket-accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="),
        ("sec-websocket-protocol", "v4.channel.k8s.io"),
    ];

    fn checked(replace: &str, with: &[&'static str]) -> Result<Subprotocol, UpgradeError> {
        let mut headers = HeaderMap::new();
        for (name, value) in GOOD.into_iter().filter(|(name, _)| *name != replace) {
            headers.insert(name, value.parse().unwrap());
        }
        for value in with {
            headers.append(HeaderName::try_from(replace).unwrap(), value.parse().unwrap());
        }
        check(&headers, KEY, Offered::V5ThenV4)
    }

    #[test]
    fn a_complete_101_is_taken() {
        assert_eq!(checked("x-other", &["1"]), Ok(Subprotocol::V4));
    }

    #[test]
    fn a_101_that_breaks_a_rule_is_told_by_that_rule() {
        assert_eq!(checked("upgrade", &["SPDY/3.1"]), Err(UpgradeError::Upgrade));
        assert_eq!(checked("connection", &["close"]), Err(UpgradeError::Connection));
        assert_eq!(checked("sec-websocket-accept", &[]), Err(UpgradeError::Accept));
        assert_eq!(
            checked("sec-websocket-accept", &["s3pPLMBiTxaQ9kYGzzhZRbK+xOO="]),
            Err(UpgradeError::Accept)
        );
        assert_eq!(checked("sec-websocket-protocol", &[]), Err(UpgradeError::NoSubprotocol));
        assert_eq!(checked("sec-websocket-protocol", &[""]), Err(UpgradeError::NoSubprotocol));
        assert_eq!(
            checked("sec-websocket-protocol", &["v4.channel.k8s.io", "v5.channel.k8s.io"]),
            Err(UpgradeError::SeveralSubprotocols)
        );
        assert_eq!(
            checked("sec-websocket-protocol", &["channel.k8s.io"]),
            Err(UpgradeError::UnofferedSubprotocol("channel.k8s.io".to_owned()))
        );
        assert_eq!(
            checked("sec-websocket-extensions", &["permessage-deflate"]),
            Err(UpgradeError::Extensions)
        );
    }
}
