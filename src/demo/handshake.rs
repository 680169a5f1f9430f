//! The upgrade as golang.org/x/net/websocket and Kubernetes' wsstream do it, down to answers that hyper would not write: an empty
//! subprotocol header, a refusal without a length.

use http::header::{
    CONNECTION, HeaderName, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_PROTOCOL, SEC_WEBSOCKET_VERSION, UPGRADE,
};
use http::request::Parts;
use http::{HeaderMap, Method, StatusCode};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use crate::protocol::Subprotocol;

/// An upgrade that was agreed on.
#[derive(Debug)]
pub(super) struct Handshake {
    /// The head of the 101.
    pub(super) head: Vec<u8>,
    /// What is spoken from here on.
    pub(super) subprotocol: Subprotocol,
}

/// A refusal as bytes; the connection ends after it.
#[derive(Debug)]
pub(super) struct RawRefusal(pub(super) Vec<u8>);

/// Who shakes hands with the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Passage {
    /// Somebody on the node; the API server copies. Of a refusal it reads the head and writes it again.
    Copied,
    /// The API server itself.
    Direct,
}

impl RawRefusal {
    /// The node's plain text, as the API server copies it.
    pub(super) fn text(code: StatusCode, body: &str) -> Self {
        let retry = if code == StatusCode::TOO_MANY_REQUESTS { "Retry-After: 60\r\n" } else { "" };
        let length = body.len();
        let head = format!(
            "HTTP/1.1 {code}\r\nContent-Length: {length}\r\nContent-Type: text/plain; charset=utf-8\r\n{retry}\r\n"
        );
        Self((head + body).into_bytes())
    }

    /// golang.org/x/net's own: no length, no type.
    fn of_handshake(passage: Passage, code: StatusCode, header: &str, body: &str) -> Self {
        let connection = if passage == Passage::Copied { "Connection: close\r\n" } else { "" };
        Self(format!("HTTP/1.1 {code}\r\n{connection}{header}\r\n{body}").into_bytes())
    }
}

/// Whether the API server's proxy takes the request for an upgrade of any kind (apimachinery `pkg/util/httpstream`).
pub(super) fn wants_upgrade(headers: &HeaderMap) -> bool {
    let mut lines = headers.get_all(CONNECTION).into_iter();
    lines.any(|line| contains_upgrade(line.as_bytes()))
}

/// Whether it is a WebSocket upgrade (wsstream `conn.go`).
pub(super) fn wants_websocket(headers: &HeaderMap) -> bool {
    text(headers, &UPGRADE).eq_ignore_ascii_case("websocket") && wants_upgrade(headers)
}

/// Shakes hands with a server that knows `known`; `offer` is the one `Sec-WebSocket-Protocol` line that counts.
pub(super) fn shake(
    head: &Parts,
    offer: &str,
    known: &[Subprotocol],
    passage: Passage,
) -> Result<Handshake, RawRefusal> {
    let refuse = |code, header, body| Err(RawRefusal::of_handshake(passage, code, header, body));
    if head.method != Method::GET {
        return refuse(StatusCode::METHOD_NOT_ALLOWED, "", "bad method");
    }
    let key = text(&head.headers, &SEC_WEBSOCKET_KEY);
    if key.is_empty() {
        return refuse(StatusCode::BAD_REQUEST, "", "mismatch challenge/response");
    }
    if text(&head.headers, &SEC_WEBSOCKET_VERSION) != "13" {
        let version = "Sec-Websocket-Version: 13\r\n";
        return refuse(StatusCode::BAD_REQUEST, version, "missing or bad WebSocket Version");
    }
    let Some((name, subprotocol)) = choose(offer, known) else {
        return refuse(StatusCode::FORBIDDEN, "", "");
    };
    let accept = derive_accept_key(key.as_bytes());
    let head = format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: {accept}\r\nSec-WebSocket-Protocol: {name}\r\n\r\n"
    );
    Ok(Handshake { head: head.into_bytes(), subprotocol })
}

/// The first name in the client's order that the server knows. Who offers nothing speaks `channel.k8s.io` and is answered with an
/// empty name.
fn choose<'a>(offer: &'a str, known: &[Subprotocol]) -> Option<(&'a str, Subprotocol)> {
    offer.split(',').map(str::trim).find_map(|name| {
        let subprotocol = if name.is_empty() { Subprotocol::Channel } else { Subprotocol::from_name(name)? };
        known.contains(&subprotocol).then_some((name, subprotocol))
    })
}

/// Whether the line offers v5, in any place: then the API server's translator takes the request.
pub(super) fn offers_v5(offer: &str) -> bool {
    offer.split(',').any(|name| name.trim() == Subprotocol::V5.name())
}

/// The first header line of that name, as Go's `Header.Get`; empty if there is none.
pub(super) fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> &'a str {
    let line = headers.get(name).and_then(|line| line.to_str().ok());
    line.map_or("", str::trim)
}

/// The offer of a request whose credential did not come as a subprotocol.
pub(super) fn first_offer(headers: &HeaderMap) -> String {
    text(headers, &SEC_WEBSOCKET_PROTOCOL).to_owned()
}

fn contains_upgrade(line: &[u8]) -> bool {
    const WORD: &[u8] = b"upgrade";
    line.windows(WORD.len()).any(|window| window.eq_ignore_ascii_case(WORD))
}

#[cfg(test)]
mod tests {
    use super::*;

    const RUNTIME: [Subprotocol; 2] = [Subprotocol::V4, Subprotocol::Base64Channel];

    #[test]
    fn the_clients_order_decides_among_known_names() {
        let chosen = |offer| choose(offer, &RUNTIME).map(|(_, subprotocol)| subprotocol);
        assert_eq!(chosen("base64.channel.k8s.io, v4.channel.k8s.io"), Some(Subprotocol::Base64Channel));
        assert_eq!(chosen("v5.channel.k8s.io,v4.channel.k8s.io"), Some(Subprotocol::V4));
        assert_eq!(chosen("v5.channel.k8s.io"), None);
        assert_eq!(chosen(""), None);
        assert_eq!(choose("", &[Subprotocol::Channel]), Some(("", Subprotocol::Channel)));
    }
}
