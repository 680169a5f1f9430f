//! `Sec-WebSocket-Protocol`: no line makes it panic; a token never comes back as a subprotocol or in words; lines may be joined.

#![no_main]

use execgate::protocol::{BEARER_PREFIX, Downstream, Offer, Pairing, Subprotocol, Wanted};
use execgate::target::{Command, ExecOptions, Streams, Verb};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (&str, &str, u8)| {
    let (first, second, streams) = input;
    let streams = Streams {
        stdin: streams & 1 != 0,
        stdout: streams & 2 != 0,
        stderr: streams & 4 != 0,
        tty: streams & 8 != 0,
    };
    let joined = format!("{first},{second}");
    let (offer, token) = match Offer::parse([first, second]) {
        Ok((offer, token)) => (offer, token),
        Err(error) => {
            assert_eq!(Offer::parse([joined.as_str()]).err(), Some(error));
            assert!(!error.to_string().contains("bearer.authorization.k8s.io."));
            return;
        }
    };
    assert_eq!(
        Offer::parse([joined.as_str()]).map(|(offer, _)| offer),
        Ok(offer.clone()),
        "two lines are one list"
    );
    if token.is_some() {
        assert!(joined.contains(BEARER_PREFIX));
        assert!(!offer.is_empty(), "a token alone is refused");
    }
    let [exec, attach] = [Verb::Exec, Verb::Attach].map(|verb| {
        Wanted::of(&offer, &ExecOptions { verb, container: None, command: Command::default(), streams })
    });
    for upstream in Subprotocol::ALL {
        if let Ok(pairing) = Pairing::new(&offer, upstream, streams) {
            assert_eq!(pairing.upstream, upstream);
            let Downstream::Exec(downstream) = pairing.downstream else {
                unreachable!("an offer pairs subprotocols")
            };
            assert!(offer.contains(downstream) || offer.is_empty());
        }
    }
    let is_v5 = offer.preferred() == Some(Subprotocol::V5);
    assert!(
        is_v5 || (exec != Wanted::V5Only && attach == Wanted::V4),
        "what only v5 clients need is theirs alone"
    );
    assert!(is_v5 || exec == Wanted::V4 || (streams.tty && !streams.stdin));
});
