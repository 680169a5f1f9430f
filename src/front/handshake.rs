//! The WebSocket handshake (RFC 6455 section 4.2): what the request must carry, and the 101 that answers it.

use http::{HeaderMap, HeaderValue, Method, StatusCode, Version, header};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use super::{Answer, Content};

/// A request that can be answered with 101.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Handshake {
    accept: HeaderValue,
}

/// Why a request on an exec path can't become a WebSocket. The words are the API server's where it has some.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum HandshakeError {
    /// SPDY: kubectl falls back to it and prints only what it is told here.
    #[error(
        "exec over SPDY (POST) is not supported here, only over WebSocket (GET); kubectl 1.31 and later speak it unless KUBECTL_REMOTE_COMMAND_WEBSOCKETS=false"
    )]
    Post,
    #[error("Upgrade request required")]
    NoUpgrade,
    #[error("missing or bad WebSocket Version")]
    Version,
    #[error("mismatch challenge/response")]
    Key,
    #[error("a WebSocket upgrade request has no body")]
    Body,
}

impl Handshake {
    /// Reads the handshake of a GET or POST. HTTP/1.0 knows no upgrade (RFC 9110 section 7.8), and a 101 to it would lead nowhere.
    pub(super) fn read(
        method: &Method,
        version: Version,
        headers: &HeaderMap,
    ) -> Result<Self, HandshakeError> {
        if method != Method::GET {
            return Err(HandshakeError::Post);
        }
        if version < Version::HTTP_11 || !is_upgrade(headers) {
            return Err(HandshakeError::NoUpgrade);
        }
        if headers.get(header::CONTENT_LENGTH).is_some_and(|length| length != "0") {
            return Err(HandshakeError::Body);
        }
        if only(headers, header::SEC_WEBSOCKET_VERSION).is_none_or(|version| version != "13") {
            return Err(HandshakeError::Version);
        }
        let key = only(headers, header::SEC_WEBSOCKET_KEY)
            .filter(|key| !key.is_empty())
            .ok_or(HandshakeError::Key)?;
        let accept =
            HeaderValue::try_from(derive_accept_key(key.as_bytes())).expect("base64 is a header value");
        Ok(Self { accept })
    }

    /// The 101. `subprotocol` is one that the client named, and `None` if it offered none: an empty header would make it fail.
    pub(super) fn accept(&self, subprotocol: Option<&str>) -> Answer {
        let mut answer = Answer::new(Content::empty());
        *answer.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
        let headers = answer.headers_mut();
        headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
        headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
        headers.insert(header::SEC_WEBSOCKET_ACCEPT, self.accept.clone());
        let name = subprotocol.and_then(|name| HeaderValue::from_str(name).ok());
        headers.extend(name.map(|name| (header::SEC_WEBSOCKET_PROTOCOL, name)));
        answer
    }
}

/// Whether the API server would take the request for a WebSocket's (`IsWebSocketRequest`): only then does it look for a token
/// among the subprotocols.
pub(super) fn is_upgrade(headers: &HeaderMap) -> bool {
    let has = |name: header::HeaderName, token: &str| {
        headers
            .get_all(name)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|line| line.split(','))
            .any(|entry| entry.trim().eq_ignore_ascii_case(token))
    };
    has(header::CONNECTION, "upgrade") && has(header::UPGRADE, "websocket")
}

/// The value of a header that must stand there once.
fn only(headers: &HeaderMap, name: header::HeaderName) -> Option<&HeaderValue> {
    let mut values = headers.get_all(name).iter();
    values.next().filter(|_| values.next().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(lines: &[(&str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            let name: header::HeaderName = name.parse().unwrap();
            headers.append(name, value.parse().unwrap());
        }
        headers
    }

    const UPGRADE: [(&str, &str); 4] = [
        ("upgrade", "WebSocket"),
        ("connection", "keep-alive, Upgrade"),
        ("sec-websocket-version", "13"),
        ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
    ];

    fn get(lines: &[(&str, &str)]) -> Result<Handshake, HandshakeError> {
        Handshake::read(&Method::GET, Version::HTTP_11, &headers(lines))
    }

    #[test]
    fn the_answer_is_rfc_6455s_own_example() {
        let handshake = get(&UPGRADE).unwrap();
        assert_eq!(handshake.accept, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
        let answer = handshake.accept(None);
        assert!(!answer.headers().contains_key(header::SEC_WEBSOCKET_PROTOCOL));
        let answer = handshake.accept(Some("v4.channel.k8s.io"));
        assert_eq!(answer.headers()[header::SEC_WEBSOCKET_PROTOCOL], "v4.channel.k8s.io");
    }

    #[test]
    fn each_missing_part_is_told_as_the_api_server_tells_it() {
        let without = |index: usize| {
            let mut lines = UPGRADE.to_vec();
            lines.remove(index);
            get(&lines)
        };
        assert_eq!(without(0), Err(HandshakeError::NoUpgrade));
        assert_eq!(without(1), Err(HandshakeError::NoUpgrade));
        assert_eq!(without(2), Err(HandshakeError::Version));
        assert_eq!(without(3), Err(HandshakeError::Key));
        let read = |method, version| Handshake::read(&method, version, &headers(&UPGRADE));
        assert_eq!(read(Method::POST, Version::HTTP_11), Err(HandshakeError::Post));
        assert_eq!(read(Method::GET, Version::HTTP_10), Err(HandshakeError::NoUpgrade));
        let mut body = UPGRADE.to_vec();
        body.push(("content-length", "5"));
        assert_eq!(get(&body), Err(HandshakeError::Body));
    }
}
