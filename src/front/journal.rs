//! The log's lines about requests and sessions. Names and numbers only: never a token, never a terminal's byte.

use std::error::Error;
use std::fmt::Write as _;

use tracing::{Span, debug, info, warn};

use super::connection::Peer;
use super::refusal::Refused;
use crate::cluster::Fault;
use crate::identity::Unauthenticated;
use crate::policy::Grant;
use crate::protocol::{Close, ExitStatus, Pairing};
use crate::relay::Outcome;
use crate::upstream::DialError;

/// A session begins. Its span says who and where.
pub(super) fn opened(grant: &Grant, pairing: Pairing, peer: &Peer) {
    let options = grant.options();
    info!(
        client.address = %peer.address,
        verb = %options.verb,
        command = %options.command,
        tty = options.streams.tty,
        subprotocol.downstream = %pairing.downstream,
        subprotocol.upstream = %pairing.upstream,
        "session opened"
    );
}

/// A session is over.
pub(super) fn closed(grant: &Grant, outcome: &Outcome) {
    let summary = &outcome.summary;
    info!(
        command = %grant.options().command,
        bytes.in = summary.input.bytes,
        bytes.out = summary.output_bytes,
        bytes.lost.in = summary.lost.to_cluster.saturating_add(summary.input.dropped_bytes),
        bytes.lost.out = summary.lost.to_client,
        duration_ms = u64::try_from(outcome.duration.as_millis()).unwrap_or(u64::MAX),
        exit.code = summary.exit.as_ref().and_then(ExitStatus::code),
        exit.message = summary.exit.as_ref().and_then(ExitStatus::message),
        ended.by = %summary.ended_by,
        close.code = summary.close.as_ref().map_or(Close::ABNORMAL, |close| close.code),
        close.reason = summary.close.as_ref().map(Close::reason),
        error = summary.failure,
        "session closed"
    );
}

/// A client that waits for its session. If it leaves, and all that waits with it is dropped, the log is told what was asked: a
/// dial starts the command, and hanging up must not keep that from whoever reads the log.
pub(super) struct Waiting<'a> {
    grant: &'a Grant,
    span: &'a Span,
    peer: &'a Peer,
    told: bool,
}

impl<'a> Waiting<'a> {
    /// From just before the dial.
    pub(super) fn begin(grant: &'a Grant, span: &'a Span, peer: &'a Peer) -> Self {
        Self { grant, span, peer, told: false }
    }

    /// Until there is something else to tell.
    pub(super) fn end(mut self) {
        self.told = true;
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        if self.told {
            return;
        }
        let options = self.grant.options();
        self.span.in_scope(|| {
            info!(
                client.address = %self.peer.address,
                verb = %options.verb,
                command = %options.command,
                "the client left before its session began; the command may have run"
            );
        });
    }
}

/// A cluster was dialled in vain. Called inside the session's span.
pub(super) fn not_connected(error: &DialError) {
    match error.fault() {
        Fault::Upstream | Fault::Ours => warn!(error = chain(error), "the pod was not reached"),
        Fault::Downstream => info!(error = chain(error), "the API server refused"),
    }
}

/// A request was refused. What a stranger can cause at will is for debugging only.
pub(super) fn refused(refused: &Refused, peer: &Peer) {
    let client = peer.address;
    match refused {
        Refused::Denied(denial) => {
            info!(client.address = %client, policy.rule = denial.rule(), "denied: {denial}");
        }
        Refused::Unauthenticated(error @ Unauthenticated::Invalid) => {
            info!(client.address = %client, "not authenticated: {error}");
        }
        Refused::TooManySessions(error) => warn!(client.address = %client, "{error}"),
        Refused::UnknownCluster(_) | Refused::NoDefaultCluster => {
            info!(client.address = %client, "refused: {refused}");
        }
        // Told in the session's span already.
        Refused::Dial(_) => {}
        Refused::Head(_)
        | Refused::Origin(_)
        | Refused::Route(_)
        | Refused::Nowhere
        | Refused::Request(_)
        | Refused::Unauthenticated(Unauthenticated::Missing)
        | Refused::Handshake(_)
        | Refused::Pairing(_) => debug!(client.address = %client, "refused: {refused}"),
    }
}

/// An error and its sources on one line.
fn chain(error: &dyn Error) -> String {
    let mut line = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        write!(line, ": {error}").expect("a String takes every byte that is written to it");
        source = error.source();
    }
    line
}
