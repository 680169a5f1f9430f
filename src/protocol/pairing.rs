//! Which subprotocol each leg of a session speaks.

use super::{Downstream, Offer, Subprotocol};
use crate::target::{ExecOptions, Streams, Verb};

/// What both legs speak, decided once the upstream has answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pairing {
    /// The page's side.
    pub downstream: Downstream,
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
    /// v5 before v4: for its half-close, which only v5 can pass on, or for output that only a translator keeps.
    V5,
    /// v5 alone: the client will end standard input with v5's close signal and offers nothing else, so a server that answered v4 would
    /// have started a command whose input could never end, for a client that has to be refused.
    V5Only,
}

impl Wanted {
    /// What a client with this offer needs for what it asks.
    pub fn of(offer: &Offer, options: &ExecOptions) -> Self {
        let speaks_v5 = offer.preferred() == Some(Subprotocol::V5);
        let Streams { stdin, tty, .. } = options.streams;
        match (stdin, tty) {
            (true, false) if speaks_v5 && !offer.contains(Subprotocol::V4) => Self::V5Only,
            (true, false) if speaks_v5 => Self::V5,
            // Before v5, the runtime's server gives a command for which no input was asked one that has ended already, and containerd
            // takes that for a client that detaches (`internal/cri/io/{exec_io,container_io}.go`): output is lost, a command on a
            // terminal that writes more than that holds never ends, and an attach may end the container's own input. A translator
            // opens no such stream.
            (false, _) if options.verb == Verb::Attach || tty => Self::V5,
            _ => Self::V4,
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
        Ok(Self { downstream: downstream.into(), upstream })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::Command;

    fn options(verb: Verb, streams: Streams) -> ExecOptions {
        ExecOptions { verb, container: None, command: Command::default(), streams }
    }

    const PIPE: Streams = Streams { stdin: true, stdout: true, stderr: true, tty: false };
    const TERMINAL: Streams = Streams { stdin: true, stdout: true, stderr: false, tty: true };

    fn offer(line: &str) -> Offer {
        Offer::parse([line]).unwrap().0
    }

    #[test]
    fn v5_is_asked_for_only_where_it_is_needed() {
        const QUIET_PIPE: Streams = Streams { stdin: false, ..PIPE };
        const QUIET_TERMINAL: Streams = Streams { stdin: false, ..TERMINAL };
        let wanted = |line, verb, streams| Wanted::of(&offer(line), &options(verb, streams));
        for (line, streams, exec, attach) in [
            ("v5.channel.k8s.io", PIPE, Wanted::V5Only, Wanted::V5Only),
            ("v4.channel.k8s.io, v5.channel.k8s.io", PIPE, Wanted::V5, Wanted::V5),
            ("base64.channel.k8s.io", PIPE, Wanted::V4, Wanted::V4),
            ("v5.channel.k8s.io", TERMINAL, Wanted::V4, Wanted::V4),
            ("v5.channel.k8s.io", QUIET_PIPE, Wanted::V4, Wanted::V5),
            ("v5.channel.k8s.io", QUIET_TERMINAL, Wanted::V5, Wanted::V5),
            ("base64.channel.k8s.io", QUIET_PIPE, Wanted::V4, Wanted::V5),
            ("base64.channel.k8s.io", QUIET_TERMINAL, Wanted::V5, Wanted::V5),
        ] {
            assert_eq!(wanted(line, Verb::Exec, streams), exec, "exec {line} {streams:?}");
            assert_eq!(wanted(line, Verb::Attach, streams), attach, "attach {line} {streams:?}");
        }
    }

    #[test]
    fn a_v5_client_on_a_v4_cluster_gets_v4_if_offered_and_is_refused_if_not() {
        let pair = |line, streams| {
            Pairing::new(&offer(line), Subprotocol::V4, streams).map(|pairing| pairing.downstream)
        };
        assert_eq!(pair("v5.channel.k8s.io, v4.channel.k8s.io", PIPE), Ok(Subprotocol::V4.into()));
        assert_eq!(pair("v5.channel.k8s.io", PIPE), Err(PairingError::NoHalfClose));
        assert_eq!(pair("v5.channel.k8s.io", TERMINAL), Ok(Subprotocol::V5.into()));
        assert_eq!(pair("chat", TERMINAL), Err(PairingError::NothingKnown));
    }

    #[test]
    fn a_client_that_offers_nothing_speaks_channel() {
        let pairing = Pairing::new(&Offer::parse([]).unwrap().0, Subprotocol::V4, TERMINAL).unwrap();
        assert_eq!(pairing.downstream, Subprotocol::Channel.into());
    }
}
