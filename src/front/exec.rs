//! One exec request from its head to its relay: the order of the checks, and nothing else. A check never comes after the effect
//! that it guards.

use std::sync::Arc;

use http::Request;
use hyper::body::Incoming;
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tracing::Instrument as _;

use super::connection::Peer;
use super::echo::Echo;
use super::handshake::HandshakeError;
use super::journal::Waiting;
use super::refusal::{Refusal, Refused, Teller};
use super::request::{Entry, ExecRequest};
use super::{Answer, Front, Relay, journal, locate, refuse};
use crate::cluster::Cluster;
use crate::net::Transport;
use crate::policy::Grant;
use crate::protocol::bridge::{Audience, OnDisconnect};
use crate::protocol::{Pairing, TerminalSize};
use crate::relay::{self, Connection};
use crate::session::SessionGuard;
use crate::upstream::{self, Connected};

/// A session that was let in: whatever happens next, dropping it ends its entry.
struct Admitted {
    grant: Grant,
    session: SessionGuard,
    cluster: Arc<Cluster>,
}

/// Its pod, reached: all that is missing is the 101.
struct Reached {
    upstream: Connection,
    pairing: Pairing,
    size: Option<TerminalSize>,
    audience: Audience,
    on_disconnect: Option<OnDisconnect>,
}

/// Answers a request for a session.
pub(super) async fn answer(
    front: &Front,
    entry: Entry,
    mut request: Request<Incoming>,
    peer: Peer,
) -> Answer {
    let upgrade = hyper::upgrade::on(&mut request);
    let (parts, _) = request.into_parts();
    let asked = match ExecRequest::read(&entry, &parts, front.token_cookie.as_ref()) {
        Ok(asked) => asked,
        Err(error) => {
            let refusal = refuse(&error.into(), &peer);
            let teller = Teller { farewells: &front.farewells, upgrade, slot: peer.slot };
            return teller.tell(&refusal, entry.page_line(&parts));
        }
    };
    let refusal = match admit(front, &asked, &peer).await {
        Err(refused) => refuse(&refused, &peer),
        Ok(admitted) => match reach(&admitted, &asked, &peer).await {
            Err(refused) => echo(&front.echo, &admitted.grant, &refused, refuse(&refused, &peer)),
            Ok((reached, answer)) => {
                let span = admitted.session.span().clone();
                let relay = front.rooms.relay.clone();
                let session = relay_session(admitted, reached, upgrade, relay, peer);
                front.rooms.sessions.spawn(session.instrument(span));
                return answer;
            }
        },
    };
    let teller = Teller { farewells: &front.farewells, upgrade, slot: peer.slot };
    teller.tell(&refusal, asked.page_line())
}

/// Who, may they, is there room, and where to: in this order, each told only to those who passed the ones before.
async fn admit(front: &Front, asked: &ExecRequest, peer: &Peer) -> Result<Admitted, Refused> {
    let rooms = &front.rooms;
    let principal = rooms.chain.authenticate(&asked.presented).map_err(|error| {
        let places = asked.credential_places().cloned();
        Refused::Unauthenticated { error, places }
    })?;
    let grant = locate::grant(front, asked, principal, peer).await?;
    let session = rooms.sessions.open(&grant)?;
    let name = &grant.target().cluster;
    let cluster = rooms.clusters.get(name).ok_or_else(|| Refused::UnknownCluster(name.clone()))?;
    Ok(Admitted { grant, session, cluster })
}

/// Is it a WebSocket, and is anybody there. Only what can be answered is dialled: a dial starts the command.
async fn reach(admitted: &Admitted, asked: &ExecRequest, peer: &Peer) -> Result<(Reached, Answer), Refused> {
    let handshake = asked.handshake.as_ref().map_err(|error| *error)?;
    let wanted = asked.wanted()?;
    let span = admitted.session.span();
    let dial = upstream::dial(&admitted.grant, &admitted.cluster, wanted).instrument(span.clone());
    let waiting = Waiting::begin(&admitted.grant, span, peer);
    let dialled = dial.await;
    waiting.end();
    let connected = dialled.inspect_err(|error| span.in_scope(|| journal::not_connected(error)))?;
    let pairing = asked.pairing(connected.subprotocol)?;
    let answer = handshake.accept(asked.answered(&pairing.downstream));
    let Connected { transport, early, .. } = connected;
    let reached = Reached {
        upstream: Connection { transport, early },
        pairing,
        size: asked.size,
        audience: asked.audience,
        on_disconnect: asked.on_disconnect.clone(),
    };
    Ok((reached, answer))
}

/// A POST is told what the GET before it was told; one whose GET would have been let in hears that WebSocket is needed.
fn echo(echo: &Echo, grant: &Grant, refused: &Refused, refusal: Refusal) -> Refusal {
    if matches!(refused, Refused::Handshake(HandshakeError::Post)) {
        return echo.take(grant).unwrap_or(refusal);
    }
    if matches!(refused, Refused::Dial(_) | Refused::Pairing(_)) {
        echo.keep(grant, refusal.clone());
    }
    refusal
}

/// The session itself, from the 101 on the wire to the last byte.
async fn relay_session(admitted: Admitted, reached: Reached, upgrade: OnUpgrade, relay: Relay, peer: Peer) {
    // Whole and by reference: what is taken apart here would be kept twice for as long as the session lasts.
    let Admitted { grant, session, .. } = &admitted;
    let waiting = Waiting::begin(grant, session.span(), &peer);
    let Some(downstream) = downstream_leg(upgrade).await else {
        return;
    };
    waiting.end();
    journal::opened(grant, &reached.pairing, &peer);
    let outcome =
        relay::run(reached.into_session(downstream, grant), &relay.settings, &relay.blocks, &session.drain())
            .await;
    journal::closed(grant, &outcome);
    drop((admitted, peer));
}

impl Reached {
    fn into_session(self, downstream: Connection, grant: &Grant) -> relay::Session {
        let Self { upstream, pairing, size, audience, on_disconnect } = self;
        let options = grant.options();
        relay::Session {
            downstream,
            upstream,
            pairing,
            streams: options.streams,
            size,
            audience,
            finds_shell: options.command.shells().is_some(),
            on_disconnect,
        }
    }
}

/// The client's connection and what it sent right behind its request; `None` if it left before it read the 101.
async fn downstream_leg(upgrade: OnUpgrade) -> Option<Connection> {
    let parts = upgrade.await.ok()?.downcast::<TokioIo<Transport>>();
    let parts = parts.expect("the listener serves every connection on a Transport");
    Some(Connection { transport: parts.io.into_inner(), early: parts.read_buf })
}
