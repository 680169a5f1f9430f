//! One read from its head to its answer: the order of the checks, and nothing else.

use std::sync::Arc;

use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode, header};
use hyper::body::Incoming;
use tracing::Instrument as _;

use super::connection::Peer;
use super::content::{Content, ToldRead};
use super::journal::Reading;
use super::refusal::{Refusal, Refused};
use super::request::WireRead;
use super::route::ReadRoute;
use super::{Answer, Front, Rooms, origin, refuse};
use crate::cluster::Cluster;
use crate::policy::ReadGrant;
use crate::upstream::{self, Compression, ReadAnswer};

/// Answers a request on a path that can be read. Every page that may ask is let read what it is told, also what it is refused.
pub(super) async fn answer(
    front: &Front,
    route: ReadRoute,
    request: Request<Incoming>,
    peer: Peer,
) -> Answer {
    let (parts, _) = request.into_parts();
    let mut answer = match origin::check_fetch(&parts.headers) {
        Err(foreign) => refuse(&foreign.into(), &peer).to_answer(),
        Ok(()) if is_preflight(&parts) => preflight(),
        Ok(()) => match told(front, route, &parts, &peer).await {
            Ok(answer) => answer,
            Err(refusal) => refusal.to_answer(),
        },
    };
    share(answer.headers_mut(), &parts.headers);
    answer
}

async fn told(front: &Front, route: ReadRoute, parts: &Parts, peer: &Peer) -> Result<Answer, Refusal> {
    let asked = WireRead::read(route, parts, front.token_cookie.as_ref())
        .map_err(|error| refuse(&error.into(), peer))?;
    let (grant, cluster) = admit(&front.rooms, &asked).map_err(|refused| refuse(&refused, peer))?;
    let reading = Reading::begin(&grant, peer);
    let span = reading.span().clone();
    match upstream::read(grant, &cluster, &asked.request, &front.seal).instrument(span).await {
        Ok(read) => Ok(streamed(read, reading)),
        Err(error) => {
            reading.failed(&error);
            Err(Refusal::from(&error))
        }
    }
}

/// Who, may they, and where to: in this order, each told only to those who passed the ones before.
fn admit(rooms: &Rooms, asked: &WireRead) -> Result<(ReadGrant, Arc<Cluster>), Refused> {
    let principal = rooms.chain.authenticate(&asked.presented)?;
    let target = asked.target(rooms.clusters.default_cluster()).ok_or(Refused::NoDefaultCluster)?;
    let grant = rooms.policy.authorize_read(principal, target)?;
    let name = &grant.target().cluster;
    let cluster = rooms.clusters.get(name).ok_or_else(|| Refused::UnknownCluster(name.clone()))?;
    Ok((grant, cluster))
}

/// Of the API server's headers only what the body needs to be understood.
fn streamed(read: ReadAnswer, reading: Reading) -> Answer {
    let ReadAnswer { content_type, compression, body } = read;
    let mut answer = Answer::new(Content::Read(Box::new(ToldRead::new(body, reading))));
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, content_type);
    if compression == Compression::Gzip {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}

/// What a browser asks before it lets a page of another origin send a token. There is no credential in it.
fn is_preflight(parts: &Parts) -> bool {
    parts.method == Method::OPTIONS
        && parts.headers.contains_key(header::ORIGIN)
        && parts.headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
}

fn preflight() -> Answer {
    let mut answer = Answer::new(Content::empty());
    *answer.status_mut() = StatusCode::NO_CONTENT;
    let headers = answer.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET"));
    headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("authorization, accept"));
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static(PREFLIGHT_SECONDS));
    answer
}

/// Lets the page that asks read the answer; its origin was found to be allowed before. No other page may even embed it.
fn share(answer: &mut HeaderMap, asked: &HeaderMap) {
    let mut origins = asked.get_all(header::ORIGIN).iter();
    if let (Some(origin), None) = (origins.next(), origins.next()) {
        answer.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        answer.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
    }
    answer.append(header::VARY, HeaderValue::from_static("origin"));
    answer.insert(CROSS_ORIGIN_RESOURCE_POLICY, HeaderValue::from_static("same-origin"));
}

const CROSS_ORIGIN_RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
/// As long as Chromium believes at most, so that a page asks once in a while and not each time.
const PREFLIGHT_SECONDS: &str = "7200";
