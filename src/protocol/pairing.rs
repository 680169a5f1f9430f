//! Which subprotocol each leg of a session speaks.

use super::{Offer, Subprotocol};
use crate::target::{Streams, Verb};

/// What both legs speak, decided once the upstream has answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pairing {
    /// The page's side.
    pub downstream: Subprotocol,
    /// The API server's side.
    pub upstream: Subprotocol,
}

/// Why no subprotocol can be agreed on with the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PairingError {
    /// Only names that nobody knows.
    #[error(
        "none of the offered subprotocols is known; offer base64.channel.k8s.io, v4.base64.channel.k8s.io, channel.k8s.io, v4.channel.k8s.io or v5.channel.k8s.io"
    )]
    NothingKnown,
    /// The client closes its standard input with v5's signal, and this cluster has no way to say so.
    #[error(
        "the cluster does not speak v5.channel.k8s.io, so the end of standard input cannot be told to the command; offer v4.channel.k8s.io too, or ask for a tty"
    )]
    NoHalfClose,
}

/// What is worth asking the API server for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// v4 alone: no translator in the way, refusals arrive before the 101, exit codes are exact.
    V4,
    /// v5 before v4: the client will end standard input with v5's close signal, and only v5 can pass that on.
    HalfClose,
    /// v5 before v4: an attach without standard input. A runtime takes the input that nobody asked for as one that has ended: it ends
    /// the session, or even the container's own input (containerd 2, `internal/cri/io/container_io.go`). A translator asks for none.
    NoInput,
    /// v5 alone: the client offers nothing else, so a server that answered v4 would have started a command whose input could never
    /// end, for a client that has to be refused.
    HalfCloseOnly,
}

impl Wanted {
    /// What a client with this offer needs for this. v5's half-close matters only with stdin and without a tty.
    pub fn of(offer: &Offer, verb: Verb, streams: Streams) -> Self {
        let needs_end_of_input = streams.stdin && !streams.tty;
        if verb == Verb::Attach && !streams.stdin {
            Self::NoInput
        } else if !needs_end_of_input || offer.preferred() != Some(Subprotocol::V5) {
            Self::V4
        } else if offer.contains(Subprotocol::V4) {
            Self::HalfClose
        } else {
            Self::HalfCloseOnly
        }
    }
}

impl Pairing {
    /// Pairs what the client offers with what the API server answered.
    pub fn new(offer: &Offer, upstream: Subprotocol, streams: Streams) -> Result<Self, PairingError> {
        let first = offer.preferred().ok_or(PairingError::NothingKnown)?;
        let end_of_input_is_lost =
            first == Subprotocol::V5 && streams.stdin && !streams.tty && !upstream.has_close_signal();
        let downstream = if !end_of_input_is_lost {
            first
        } else if offer.contains(Subprotocol::V4) {
            Subprotocol::V4
        } else {
            return Err(PairingError::NoHalfClose);
        };
        Ok(Self { downstream, upstream })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PIPE: Streams = Streams { stdin: true, stdout: true, stderr: true, tty: false };
    const TERMINAL: Streams = Streams { stdin: true, stdout: true, stderr: false, tty: true };

    fn offer(line: &str) -> Offer {
        Offer::parse([line]).unwrap().0
    }

    #[test]
    fn v5_is_asked_for_only_where_its_half_close_is_needed() {
        assert_eq!(Wanted::of(&offer("v5.channel.k8s.io"), Verb::Exec, PIPE), Wanted::HalfCloseOnly);
        assert_eq!(Wanted::of(&offer("v5.channel.k8s.io"), Verb::Exec, TERMINAL), Wanted::V4);
        assert_eq!(
            Wanted::of(&offer("v5.channel.k8s.io"), Verb::Exec, Streams { stdin: false, ..PIPE }),
            Wanted::V4
        );
        assert_eq!(Wanted::of(&offer("base64.channel.k8s.io"), Verb::Exec, PIPE), Wanted::V4);
        assert_eq!(
            Wanted::of(&offer("v4.channel.k8s.io, v5.channel.k8s.io"), Verb::Exec, PIPE),
            Wanted::HalfClose
        );
    }

    #[test]
    fn an_attach_without_input_is_v5s_whoever_asks() {
        let silent = Streams { stdin: false, ..PIPE };
        for line in ["v5.channel.k8s.io", "v4.channel.k8s.io", "base64.channel.k8s.io"] {
            assert_eq!(Wanted::of(&offer(line), Verb::Attach, silent), Wanted::NoInput, "{line}");
        }
        assert_eq!(Wanted::of(&offer("v4.channel.k8s.io"), Verb::Attach, TERMINAL), Wanted::V4);
        assert_eq!(Wanted::of(&offer("v5.channel.k8s.io"), Verb::Attach, PIPE), Wanted::HalfCloseOnly);
    }

    #[test]
    fn a_v5_client_on_a_v4_cluster_gets_v4_if_offered_and_is_refused_if_not() {
        let pair = |line, streams| {
            Pairing::new(&offer(line), Subprotocol::V4, streams).map(|pairing| pairing.downstream)
        };
        assert_eq!(pair("v5.channel.k8s.io, v4.channel.k8s.io", PIPE), Ok(Subprotocol::V4));
        assert_eq!(pair("v5.channel.k8s.io", PIPE), Err(PairingError::NoHalfClose));
        assert_eq!(pair("v5.channel.k8s.io", TERMINAL), Ok(Subprotocol::V5));
        assert_eq!(pair("chat", TERMINAL), Err(PairingError::NothingKnown));
    }

    #[test]
    fn a_client_that_offers_nothing_speaks_channel() {
        let pairing = Pairing::new(&Offer::parse([]).unwrap().0, Subprotocol::V4, TERMINAL).unwrap();
        assert_eq!(pairing.downstream, Subprotocol::Channel);
    }
}
