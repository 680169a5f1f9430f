//! One exec request from its head to its relay: the order of the checks, and nothing else. A check never comes after the effect
//! that it guards.

use http::Request;
use hyper::body::Incoming;
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tracing::Instrument as _;

use super::connection::Peer;
use super::refusal::{Refusal, Refused, Teller};
use super::request::ExecRequest;
use super::route::ExecRoute;
use super::{Answer, Front, Relay, Rooms, journal};
use crate::net::Transport;
use crate::policy::Grant;
use crate::protocol::bridge::Audience;
use crate::protocol::{Pairing, PairingError, Wanted};
use crate::relay::{self, Connection};
use crate::session::SessionGuard;
use crate::upstream::{self, Connected};

/// A session that was let in and whose pod is reached: all that is missing is the 101.
struct Opened {
    grant: Grant,
    session: SessionGuard,
    connected: Connected,
    pairing: Pairing,
    audience: Audience,
}

/// Answers a request on an exec path.
pub(super) async fn answer(
    front: &Front,
    route: ExecRoute,
    mut request: Request<Incoming>,
    peer: Peer,
) -> Answer {
    let upgrade = hyper::upgrade::on(&mut request);
    let (parts, _) = request.into_parts();
    let asked = match ExecRequest::read(route, &parts, front.token_cookie.as_ref()) {
        Ok(asked) => asked,
        Err(error) => return Refusal::from(&Refused::from(error)).to_answer(),
    };
    match open(&front.rooms, &asked).await {
        Ok((opened, answer)) => {
            let span = opened.session.span().clone();
            let relay = relay_session(opened, upgrade, front.rooms.relay.clone(), peer);
            front.rooms.sessions.spawn(relay.instrument(span));
            answer
        }
        Err(refused) => {
            journal::refused(&refused, &peer);
            let slot = peer.slot;
            let teller = Teller {
                farewells: &front.farewells,
                upgrade,
                slot,
            };
            teller.tell(&Refusal::from(&refused), asked.page_line())
        }
    }
}

/// Who, may they, is there room, where to, and is anybody there: in this order, each told only to those who passed the ones before.
async fn open(rooms: &Rooms, asked: &ExecRequest) -> Result<(Opened, Answer), Refused> {
    let principal = rooms.chain.authenticate(&asked.presented)?;
    let target = asked
        .target(rooms.clusters.default_cluster())
        .ok_or(Refused::NoDefaultCluster)?;
    let grant = rooms.policy.authorize(principal, target, asked.options.clone())?;
    let session = rooms.sessions.open(&grant)?;
    let name = &grant.target().cluster;
    let cluster = rooms
        .clusters
        .get(name)
        .ok_or_else(|| Refused::UnknownCluster(name.clone()))?;
    let handshake = asked.handshake.as_ref().map_err(|error| *error)?;
    asked.offer.preferred().ok_or(PairingError::NothingKnown)?;
    let streams = asked.options.streams;
    let wanted = Wanted::of(&asked.offer, streams);
    let dial = upstream::dial(&grant, &cluster, wanted).instrument(session.span().clone());
    let connected = dial
        .await
        .inspect_err(|error| session.span().in_scope(|| journal::not_connected(error)))?;
    let pairing = Pairing::new(&asked.offer, connected.subprotocol, streams)?;
    let answered = (!asked.offer.is_empty()).then_some(pairing.downstream);
    let opened = Opened {
        grant,
        session,
        connected,
        pairing,
        audience: asked.audience,
    };
    Ok((opened, handshake.accept(answered)))
}

/// The session itself, from the 101 on the wire to the last byte.
async fn relay_session(opened: Opened, upgrade: OnUpgrade, relay: Relay, peer: Peer) {
    let Opened {
        grant,
        session,
        connected,
        pairing,
        audience,
    } = opened;
    let Some(downstream) = downstream_leg(upgrade).await else {
        journal::vanished();
        return;
    };
    journal::opened(&grant, pairing, &peer);
    let upstream = Connection {
        transport: connected.transport,
        early: connected.early,
    };
    let streams = grant.options().streams;
    let legs = relay::Session {
        downstream,
        upstream,
        pairing,
        streams,
        audience,
    };
    let outcome = relay::run(legs, &relay.settings, &relay.blocks, session.drain()).await;
    journal::closed(&grant, &outcome);
    drop((session, peer.slot));
}

/// The client's connection and what it sent right behind its request; `None` if it left before it read the 101.
async fn downstream_leg(upgrade: OnUpgrade) -> Option<Connection> {
    let parts = upgrade.await.ok()?.downcast::<TokioIo<Transport>>();
    let parts = parts.expect("the listener serves every connection on a Transport");
    Some(Connection {
        transport: parts.io.into_inner(),
        early: parts.read_buf,
    })
}
