//! What a client lists in `Sec-WebSocket-Protocol`, with the bearer entry taken out.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::SecretString;

use super::Subprotocol;

/// The prefix of the entry that carries a bearer token (apiserver `pkg/authentication/request/websocket/protocol.go`).
pub const BEARER_PREFIX: &str = "base64url.bearer.authorization.k8s.io.";

/// The subprotocols that a client offers, in its order; never the bearer entry.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Offer {
    /// Those we know, in the client's order.
    known: Vec<Subprotocol>,
    /// The first name that it listed besides a token, known or not.
    first: Option<String>,
}

/// Why an offer's bearer entry is refused. None of these repeats a byte of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OfferError {
    /// Two entries with the prefix.
    #[error("Sec-WebSocket-Protocol carries more than one bearer token")]
    SeveralTokens,
    /// Not base64url without padding.
    #[error("the bearer token in Sec-WebSocket-Protocol is not base64url without padding")]
    NotBase64Url,
    /// Not UTF-8 once decoded.
    #[error("the bearer token in Sec-WebSocket-Protocol is not UTF-8")]
    NotUtf8,
    /// A token and nothing else: the answer could not name a subprotocol.
    #[error(
        "Sec-WebSocket-Protocol carries a bearer token but no subprotocol beside it; add one, such as base64.channel.k8s.io"
    )]
    TokenAlone,
}

impl Offer {
    /// Reads all `Sec-WebSocket-Protocol` lines of a request: the offer, and the token if one was listed. An empty token counts
    /// as absent.
    pub fn parse<'a>(
        lines: impl IntoIterator<Item = &'a str>,
    ) -> Result<(Self, Option<SecretString>), OfferError> {
        let entries = lines
            .into_iter()
            .flat_map(|line| line.split(','))
            .map(str::trim)
            .filter(|entry| !entry.is_empty());
        let mut known = Vec::new();
        let mut first = None;
        let mut token = None;
        for entry in entries {
            if let Some(encoded) = entry.strip_prefix(BEARER_PREFIX) {
                if token.is_some() {
                    return Err(OfferError::SeveralTokens);
                }
                let bytes = URL_SAFE_NO_PAD.decode(encoded).map_err(|_| OfferError::NotBase64Url)?;
                token = Some(String::from_utf8(bytes).map_err(|_| OfferError::NotUtf8)?);
            } else {
                first.get_or_insert(entry);
                known.extend(Subprotocol::from_name(entry));
            }
        }
        if token.is_some() && first.is_none() {
            return Err(OfferError::TokenAlone);
        }
        let token = token.filter(|token| !token.is_empty()).map(SecretString::from);
        Ok((Self { known, first: first.map(str::to_owned) }, token))
    }

    /// Those that we know, in the client's order of preference.
    pub fn known(&self) -> &[Subprotocol] {
        &self.known
    }

    /// True when the client offered nothing: it speaks `channel.k8s.io` and must be answered without the header.
    pub fn is_empty(&self) -> bool {
        self.first.is_none()
    }

    /// The first name listed besides a token: what a page of a dialect is answered, which would fail without.
    pub fn first(&self) -> Option<&str> {
        self.first.as_deref()
    }

    /// Whether `subprotocol` was offered.
    pub fn contains(&self, subprotocol: Subprotocol) -> bool {
        self.known.contains(&subprotocol)
    }

    /// The subprotocol that the API server would choose: v5 in any place, else the first known one in the client's order, and
    /// `channel.k8s.io` for a client that offers nothing. `None` if it offers only what nobody knows.
    pub fn preferred(&self) -> Option<Subprotocol> {
        if self.is_empty() {
            Some(Subprotocol::Channel)
        } else if self.contains(Subprotocol::V5) {
            Some(Subprotocol::V5)
        } else {
            self.known.first().copied()
        }
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    fn parse(lines: &[&str]) -> Result<(Vec<Subprotocol>, Option<String>), OfferError> {
        let (offer, token) = Offer::parse(lines.iter().copied())?;
        Ok((offer.known().to_vec(), token.map(|token| token.expose_secret().to_owned())))
    }

    #[test]
    fn a_token_is_taken_out_wherever_it_stands() {
        let token = "base64url.bearer.authorization.k8s.io.bXktdG9rZW4";
        let expected = Ok((vec![Subprotocol::Base64Channel], Some("my-token".to_owned())));
        assert_eq!(parse(&[&format!("{token}, base64.channel.k8s.io")]), expected);
        assert_eq!(parse(&["base64.channel.k8s.io", token]), expected);
    }

    #[test]
    fn the_rules_of_the_api_server_for_the_token_hold() {
        assert_eq!(parse(&["base64url.bearer.authorization.k8s.io.bXk"]), Err(OfferError::TokenAlone));
        assert_eq!(parse(&["base64url.bearer.authorization.k8s.io.bX*, x"]), Err(OfferError::NotBase64Url));
        assert_eq!(parse(&["base64url.bearer.authorization.k8s.io.bXk=, x"]), Err(OfferError::NotBase64Url));
        assert_eq!(parse(&["base64url.bearer.authorization.k8s.io._w, x"]), Err(OfferError::NotUtf8));
        let twice = "base64url.bearer.authorization.k8s.io.bXk";
        assert_eq!(parse(&[twice, twice, "x"]), Err(OfferError::SeveralTokens));
        assert_eq!(
            parse(&["base64url.bearer.authorization.k8s.io., v4.channel.k8s.io"]),
            Ok((vec![Subprotocol::V4], None))
        );
    }

    #[test]
    fn an_empty_offer_is_told_from_an_unknown_one() {
        assert!(Offer::parse([]).unwrap().0.is_empty());
        let (offer, _) = Offer::parse(["chat"]).unwrap();
        assert!(!offer.is_empty() && offer.known().is_empty());
    }

    #[test]
    fn errors_repeat_no_byte_of_the_token() {
        let error = parse(&["base64url.bearer.authorization.k8s.io.c2VjcmV0*, x"]).unwrap_err();
        assert!(!error.to_string().contains("c2VjcmV0"));
    }
}
