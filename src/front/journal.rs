//! The log's lines about requests and sessions. Names and numbers only: never a token, never a terminal's byte.

use std::error::Error;
use std::fmt::Write as _;
use std::net::SocketAddr;

use tokio::time::Instant;
use tracing::{Span, debug, field, info, info_span, warn};

use super::connection::Peer;
use super::refusal::Refused;
use super::site::{LoginError, RosterError};
use crate::cluster::Fault;
use crate::identity::{Principal, Unauthenticated};
use crate::policy::{Grant, ReadGrant};
use crate::protocol::{Close, ExitStatus, Pairing};
use crate::relay::Outcome;
use crate::resolve::ResolveError;
use crate::target::ClusterName;
use crate::upstream::{DialError, ReadBodyError, ReadError};

/// A session begins. Its span says who and where.
pub(super) fn opened(grant: &Grant, pairing: &Pairing, peer: &Peer) {
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

/// A read from its being let in to its last byte: the log gets one line, whatever ends it.
#[derive(Debug)]
pub(super) struct Reading {
    span: Span,
    client: SocketAddr,
    path: String,
    began: Instant,
    bytes: u64,
    progress: Progress,
}

/// How far a read has come.
#[derive(Debug)]
enum Progress {
    /// There is an answer to come, or more of it.
    Waiting,
    /// It has passed, all of it.
    Through,
    /// It ended before its end.
    Cut(String),
    /// The log knows.
    Told,
}

impl Reading {
    /// Just before the API server is asked.
    pub(super) fn begin(grant: &ReadGrant, peer: &Peer) -> Self {
        let target = grant.target();
        let span = info_span!(
            "read",
            user.name = grant.principal().user(),
            k8s.cluster.name = %target.cluster,
            k8s.namespace.name = target.resource.namespace().map(field::display),
            k8s.pod.name = target.resource.pod().map(field::display),
        );
        Self {
            span,
            client: peer.address,
            path: target.resource.api_path(),
            began: Instant::now(),
            bytes: 0,
            progress: Progress::Waiting,
        }
    }

    /// The span of everything that happens in this read: who, and where.
    pub(super) fn span(&self) -> &Span {
        &self.span
    }

    /// There is no answer, or it is no.
    pub(super) fn failed(mut self, error: &ReadError) {
        self.progress = Progress::Told;
        let (client, path, code) = (self.client, &self.path, error.http_status());
        self.span.in_scope(|| match error.fault() {
            Fault::Upstream | Fault::Ours => {
                warn!(client.address = %client, path, code, error = chain(error), "not read");
            }
            Fault::Downstream => {
                info!(client.address = %client, path, code, error = chain(error), "not read");
            }
        });
    }

    /// A piece of the answer goes to the client.
    pub(super) fn passed(&mut self, length: usize) {
        self.bytes += length as u64;
    }

    /// All of it has gone.
    pub(super) fn through(&mut self) {
        self.progress = Progress::Through;
    }

    /// It ended before its end.
    pub(super) fn cut(&mut self, error: &ReadBodyError) {
        self.progress = Progress::Cut(chain(error));
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        let (client, path, bytes) = (self.client, &self.path, self.bytes);
        let duration_ms = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.span.in_scope(|| match &self.progress {
            Progress::Through => {
                info!(client.address = %client, path, code = 200, bytes, duration_ms, "read");
            }
            Progress::Waiting => info!(
                client.address = %client, path, bytes, duration_ms, "the client left before it had read all"
            ),
            Progress::Cut(error) => warn!(
                client.address = %client, path, code = 200, bytes, duration_ms, error, "cut off while it was read"
            ),
            Progress::Told => {}
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

/// The pods of a cluster as the terminal page lists them: many reads, one line.
pub(super) struct Listing<'a> {
    pub(super) principal: &'a Principal,
    pub(super) cluster: &'a ClusterName,
    pub(super) peer: &'a Peer,
}

impl Listing<'_> {
    /// So many are shown.
    pub(super) fn done(&self, pods: usize) {
        let (user, cluster, client) = (self.principal.user(), self.cluster, self.peer.address);
        info!(client.address = %client, user.name = user, k8s.cluster.name = %cluster, pods, "pods listed");
    }

    /// They are not shown, or not all of them.
    pub(super) fn failed(&self, error: &RosterError) {
        let (user, cluster, client) = (self.principal.user(), self.cluster, self.peer.address);
        let error_chain = chain(error);
        match error.fault() {
            Fault::Upstream | Fault::Ours => {
                warn!(client.address = %client, user.name = user, k8s.cluster.name = %cluster, error = error_chain, "pods not listed");
            }
            Fault::Downstream => {
                info!(client.address = %client, user.name = user, k8s.cluster.name = %cluster, error = error_chain, "pods not listed");
            }
        }
    }
}

/// A pod that a resolver looks for.
pub(super) struct Finding<'a> {
    pub(super) principal: &'a Principal,
    pub(super) cluster: &'a ClusterName,
    pub(super) resolver: &'a str,
    pub(super) peer: &'a Peer,
}

impl Finding<'_> {
    /// It found none that can be opened; gives the refusal back.
    pub(super) fn failed(&self, error: ResolveError) -> Refused {
        let (user, cluster, client) = (self.principal.user(), self.cluster, self.peer.address);
        let (resolver, error_chain) = (self.resolver, chain(&error));
        match error.fault() {
            Fault::Upstream | Fault::Ours => {
                warn!(client.address = %client, user.name = user, k8s.cluster.name = %cluster, resolver, error = error_chain, "no pod found");
            }
            Fault::Downstream => {
                info!(client.address = %client, user.name = user, k8s.cluster.name = %cluster, resolver, error = error_chain, "no pod found");
            }
        }
        Refused::Resolve(Box::new(error))
    }
}

/// A request was refused. What a stranger can cause at will is for debugging only.
pub(super) fn refused(refused: &Refused, peer: &Peer) {
    let client = peer.address;
    match refused {
        Refused::Denied(denial) => {
            info!(client.address = %client, policy.rule = denial.rule(), "denied: {denial}");
        }
        Refused::Unauthenticated { error: error @ Unauthenticated::Invalid, .. } => {
            info!(client.address = %client, "not authenticated: {error}");
        }
        Refused::TooManySessions(error) => warn!(client.address = %client, "{error}"),
        Refused::UnknownCluster(_) | Refused::NoDefaultCluster => {
            info!(client.address = %client, "refused: {refused}");
        }
        // Told already, with who and where.
        Refused::Dial(_) | Refused::Roster(_) | Refused::Resolve(_) => {}
        Refused::Frontend(error) if error.is_ours() => {
            warn!(client.address = %client, error = chain(&**error), "the page did not answer");
        }
        Refused::Login(error @ LoginError::Wrong) => {
            info!(client.address = %client, "not logged in: {error}");
        }
        Refused::Head(_)
        | Refused::Origin(_)
        | Refused::Embedding(_)
        | Refused::Route(_)
        | Refused::Nowhere
        | Refused::Request(_)
        | Refused::Unauthenticated { error: Unauthenticated::Missing, .. }
        | Refused::Handshake(_)
        | Refused::Pairing(_)
        | Refused::Frontend(_)
        | Refused::Login(_) => debug!(client.address = %client, "refused: {refused}"),
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
