//! One exec request or one read, read once: after this nobody sees a raw header or the query string.

use std::sync::Arc;

use http::{HeaderMap, Method, Version, header, request::Parts};

use super::handshake::{Handshake, HandshakeError, is_upgrade};
use super::route::{ExecRoute, ReadRoute};
use super::routes::{Matched, Meaning, Place, Routed, RoutedError, RoutedRequest};
use crate::identity::{CookieName, CredentialPlaces, Presented, PresentedError, TokensApart};
use crate::protocol::bridge::{Audience, OnDisconnect};
use crate::protocol::{
    Dialect, Downstream, Offer, OfferError, Pairing, PairingError, Subprotocol, TerminalSize, Wanted,
};
use crate::target::{
    ClusterName, ExecOptions, Namespace, PodName, QueryError, ReadOptions, ReadTarget, Streams,
};
use crate::upstream::{Compression, Forms, NotAcceptable, ReadRequest};

/// How a request found its way here.
#[derive(Debug)]
#[cfg_attr(test, derive(PartialEq))]
pub(super) enum Entry {
    /// By a path of an API server.
    Api(ExecRoute),
    /// By a route of the configuration.
    Routed(Matched),
}

/// Where a request leads, as far as that is known without who asks.
#[derive(Debug)]
enum Whereabouts {
    /// To a pod of the cluster that the path names, or of the default one.
    Pod(Option<ClusterName>, Namespace, PodName),
    /// Where its route says.
    Routed(Routed),
}

/// Everything that a request for a session says.
pub(super) struct ExecRequest {
    /// Where to.
    whereabouts: Whereabouts,
    /// What to run, unless its route says, and which streams to attach.
    pub(super) options: ExecOptions,
    /// What the page speaks, if it is no subprotocol.
    pub(super) dialect: Option<Arc<Dialect>>,
    /// The terminal's size to begin with, if the request says it.
    pub(super) size: Option<TerminalSize>,
    /// What becomes of the terminal, if the route says so.
    pub(super) on_disconnect: Option<OnDisconnect>,
    /// The subprotocols that the client speaks.
    pub(super) offer: Offer,
    /// What it shows to prove who it is.
    pub(super) presented: Presented,
    /// How to answer 101, or why that can't be. An error here is told only to one who was let in.
    pub(super) handshake: Result<Handshake, HandshakeError>,
    /// Who will read what it is told.
    pub(super) audience: Audience,
}

/// Everything that a read says.
pub(super) struct WireRead {
    route: ReadRoute,
    /// What the API server is asked, besides what policy has to judge.
    pub(super) request: ReadRequest,
    /// What it shows to prove who it is.
    pub(super) presented: Presented,
}

/// Why a request is not understood.
#[derive(Debug, thiserror::Error)]
pub(super) enum RequestError {
    #[error("the method {method} is not allowed here; use GET, on exec and attach with a WebSocket upgrade")]
    Method { method: Method },
    #[error(
        "the method {method} is not allowed here; execgate lets a few things be read with GET, and writes nothing"
    )]
    Write { method: Method },
    #[error("a read has no body")]
    Body,
    #[error("a read needs HTTP/1.1: an answer over HTTP/1.0 that is cut would look whole")]
    Version,
    #[error(transparent)]
    NotAcceptable(#[from] NotAcceptable),
    #[error(transparent)]
    Query(#[from] QueryError),
    #[error(transparent)]
    Routed(#[from] RoutedError),
    #[error("Sec-WebSocket-Protocol holds characters that no subprotocol's name has")]
    OfferText,
    #[error(transparent)]
    Offer(#[from] OfferError),
    #[error(transparent)]
    Presented(#[from] PresentedError),
}

/// How a page can be told a refusal in its terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PageLine {
    /// The 101 that opens it.
    pub(super) handshake: Handshake,
    /// What the answer names; `None` if the page offered nothing.
    pub(super) answered: Option<String>,
    /// What is spoken then.
    pub(super) downstream: Downstream,
    /// The streams that the page asked for.
    pub(super) streams: Streams,
}

impl Entry {
    /// The way to tell a page on a route what is wrong with its address; it would see nothing of an HTTP refusal.
    pub(super) fn page_line(&self, parts: &Parts) -> Option<PageLine> {
        let Self::Routed(Matched { route, .. }) = self else {
            return None;
        };
        let (offer, _) = Offer::parse(offer_lines(&parts.headers).ok()?).ok()?;
        let is_page = || audience(&parts.headers, &offer) == Audience::Page;
        let downstream = match &route.dialect {
            Some(dialect) => Downstream::Dialect(Arc::clone(dialect)),
            None => offer.preferred().filter(|_| is_page())?.into(),
        };
        Some(PageLine {
            handshake: Handshake::read(&parts.method, parts.version, &parts.headers).ok()?,
            answered: answered(&offer, &downstream).map(str::to_owned),
            downstream,
            streams: route.streams,
        })
    }
}

impl ExecRequest {
    /// Reads the parts of a request that came by `entry`.
    pub(super) fn read(
        entry: &Entry,
        parts: &Parts,
        cookie: Option<&CookieName>,
    ) -> Result<Self, RequestError> {
        if !matches!(parts.method, Method::GET | Method::POST) {
            return Err(RequestError::Method { method: parts.method.clone() });
        }
        match entry {
            Entry::Api(route) => Self::on_api(route, parts, cookie),
            Entry::Routed(matched) => Self::on_route(matched, parts),
        }
    }

    fn on_api(route: &ExecRoute, parts: &Parts, cookie: Option<&CookieName>) -> Result<Self, RequestError> {
        let options = ExecOptions::parse_query(route.verb, parts.uri.query().unwrap_or(""))?;
        let (offer, token) = Offer::parse(offer_lines(&parts.headers)?)?;
        Ok(Self {
            whereabouts: Whereabouts::Pod(route.cluster.clone(), route.namespace.clone(), route.pod.clone()),
            options,
            dialect: None,
            size: None,
            on_disconnect: None,
            presented: Presented::from_parts(&parts.headers, token, cookie)?,
            handshake: Handshake::read(&parts.method, parts.version, &parts.headers),
            audience: audience(&parts.headers, &offer),
            offer,
        })
    }

    fn on_route(matched: &Matched, parts: &Parts) -> Result<Self, RequestError> {
        let route = &matched.route;
        let RoutedRequest { routed, options, size, token } =
            RoutedRequest::read(matched, parts.uri.query().unwrap_or(""))?;
        let (offer, subprotocol) = Offer::parse(offer_lines(&parts.headers)?)?;
        let tokens = TokensApart { subprotocol, query: token };
        // A terminal without a size has no columns and no rows, and programs that draw make what they like of that.
        let is_sizeless = route.dialect.as_ref().is_some_and(|dialect| !dialect.has_sizes());
        let size = size.or_else(|| is_sizeless.then_some(TerminalSize::USUAL));
        Ok(Self {
            whereabouts: Whereabouts::Routed(routed),
            options,
            dialect: route.dialect.clone(),
            size,
            on_disconnect: route.on_disconnect.clone(),
            presented: Presented::from_places(&route.credential, &parts.headers, tokens)?,
            handshake: Handshake::read(&parts.method, parts.version, &parts.headers),
            // Whoever speaks a page's dialect shows people what it is told.
            audience: match &route.dialect {
                Some(_) => Audience::Page,
                None => audience(&parts.headers, &offer),
            },
            offer,
        })
    }

    /// Where its route looks for a credential, if it came by one.
    pub(super) fn credential_places(&self) -> Option<&CredentialPlaces> {
        match &self.whereabouts {
            Whereabouts::Pod(..) => None,
            Whereabouts::Routed(routed) => Some(&routed.route.credential),
        }
    }

    /// What it means where `user` asks.
    pub(super) fn meaning(&self, user: &str) -> Result<Meaning, RoutedError> {
        match &self.whereabouts {
            Whereabouts::Pod(cluster, namespace, pod) => Ok(Meaning {
                cluster: cluster.clone(),
                place: Place::Pod(namespace.clone(), pod.clone()),
                options: self.options.clone(),
            }),
            Whereabouts::Routed(routed) => Meaning::of(routed, &self.options, user),
        }
    }

    /// What both sides speak, now that the API server has answered.
    pub(super) fn pairing(&self, upstream: Subprotocol) -> Result<Pairing, PairingError> {
        match &self.dialect {
            Some(dialect) => Ok(Pairing { downstream: Downstream::Dialect(Arc::clone(dialect)), upstream }),
            None => Pairing::new(&self.offer, upstream, self.options.streams),
        }
    }

    /// What the client speaks as far as its own request tells; `None` if nobody speaks it.
    fn preferred(&self) -> Option<Downstream> {
        match &self.dialect {
            Some(dialect) => Some(Downstream::Dialect(Arc::clone(dialect))),
            None => self.offer.preferred().map(Downstream::from),
        }
    }

    /// What is worth asking the API server for; an error if the client speaks nothing that is known.
    pub(super) fn wanted(&self) -> Result<Wanted, PairingError> {
        self.preferred().ok_or(PairingError::NothingKnown)?;
        let Streams { stdin, tty, .. } = self.options.streams;
        // The end of a page's input can be told to a pipe by v5 alone, and no page of a dialect offers that.
        if self.dialect.is_some() && stdin && !tty {
            return Ok(Wanted::V5);
        }
        Ok(Wanted::of(&self.offer, &self.options))
    }

    /// What the 101 names for a client that speaks this.
    pub(super) fn answered(&self, downstream: &Downstream) -> Option<&str> {
        answered(&self.offer, downstream)
    }

    /// The way to a page's terminal; `None` for programs, and for pages whose handshake or offer can't be answered.
    pub(super) fn page_line(&self) -> Option<PageLine> {
        let handshake = self.handshake.as_ref().ok().filter(|_| self.audience == Audience::Page)?;
        let downstream = self.preferred()?;
        Some(PageLine {
            handshake: handshake.clone(),
            answered: self.answered(&downstream).map(str::to_owned),
            downstream,
            streams: self.options.streams,
        })
    }
}

impl WireRead {
    /// Reads the parts of a request on `route`.
    pub(super) fn read(
        route: ReadRoute,
        parts: &Parts,
        cookie: Option<&CookieName>,
    ) -> Result<Self, RequestError> {
        if parts.method != Method::GET {
            return Err(RequestError::Write { method: parts.method.clone() });
        }
        if parts.version < Version::HTTP_11 {
            return Err(RequestError::Version);
        }
        if parts.headers.get(header::CONTENT_LENGTH).is_some_and(|length| length != "0") {
            return Err(RequestError::Body);
        }
        let shape = route.resource.shape();
        let options = ReadOptions::parse_query(shape, parts.uri.query().unwrap_or(""))?;
        let forms = Forms::accepted(shape, &parts.headers)?;
        let compression = if takes_gzip(&parts.headers) { Compression::Gzip } else { Compression::Identity };
        let presented = Presented::from_parts(&parts.headers, None, cookie)?;
        Ok(Self { route, request: ReadRequest { options, forms, compression }, presented })
    }

    /// What is to be read: of the cluster that the path names, or of the default one.
    pub(super) fn target(&self, default: Option<&ClusterName>) -> Option<ReadTarget> {
        let cluster = self.route.cluster.as_ref().or(default)?;
        Some(ReadTarget { cluster: cluster.clone(), resource: self.route.resource.clone() })
    }
}

/// What the 101 names for a client that speaks this: nothing to one that offered nothing.
fn answered<'a>(offer: &'a Offer, downstream: &Downstream) -> Option<&'a str> {
    match downstream {
        Downstream::Exec(subprotocol) => (!offer.is_empty()).then_some(subprotocol.name()),
        // A browser fails that offered something and is answered nothing, whatever its page speaks.
        Downstream::Dialect(_) => offer.first(),
    }
}

/// The lines of the offer. Without an upgrade there is none, nor a token in it, as on the API server
/// (`pkg/authentication/request/websocket/protocol.go`).
fn offer_lines(headers: &HeaderMap) -> Result<Vec<&str>, RequestError> {
    if !is_upgrade(headers) {
        return Ok(Vec::new());
    }
    headers
        .get_all(header::SEC_WEBSOCKET_PROTOCOL)
        .iter()
        .map(|line| line.to_str().map_err(|_| RequestError::OfferText))
        .collect()
}

/// Whether gzip is among what is accepted, and not with the weight 0 (RFC 9110 section 12.5.3).
pub(super) fn takes_gzip(headers: &HeaderMap) -> bool {
    let lines = headers.get_all(header::ACCEPT_ENCODING).into_iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).any(|item| {
        let (coding, weight) = item.split_once(';').unwrap_or((item, ""));
        let weight = weight.trim().strip_prefix("q=").and_then(|weight| weight.parse::<f32>().ok());
        coding.trim().eq_ignore_ascii_case("gzip") && weight.unwrap_or(1.0) > 0.0
    })
}

/// Whether a browser's page asks, which sees neither code nor body of an HTTP refusal. Browsers send `Origin`; so does Python's
/// websocket-client, which is told apart by its name and by what it speaks: only pages speak base64.
fn audience(headers: &HeaderMap, offer: &Offer) -> Audience {
    let is_browser =
        headers.get(header::USER_AGENT).is_some_and(|agent| agent.as_bytes().starts_with(b"Mozilla/"));
    let speaks_base64 = matches!(offer.preferred(), Some(Subprotocol::Base64Channel | Subprotocol::V4Base64));
    if headers.contains_key(header::ORIGIN) && (is_browser || speaks_base64) {
        Audience::Page
    } else {
        Audience::Program
    }
}
