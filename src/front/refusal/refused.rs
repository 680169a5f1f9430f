//! Every way in which a request ends before the relay.

use crate::front::connection::HeadError;
use crate::front::frontend::FrontendError;
use crate::front::handshake::HandshakeError;
use crate::front::origin::{Embedding, ForeignOrigin};
use crate::front::request::RequestError;
use crate::front::route::RouteError;
use crate::front::site::{LoginError, RosterError};
use crate::identity::{CredentialPlaces, Unauthenticated};
use crate::policy::Denial;
use crate::protocol::PairingError;
use crate::resolve::ResolveError;
use crate::session::TooManySessions;
use crate::target::ClusterName;
use crate::upstream::DialError;

/// Why a request is refused. One variant for each check, in the order in which they are made.
#[derive(Debug, thiserror::Error)]
pub(in crate::front) enum Refused {
    #[error(transparent)]
    Head(#[from] HeadError),
    #[error(transparent)]
    Origin(#[from] ForeignOrigin),
    #[error(transparent)]
    Embedding(#[from] Embedding),
    #[error(transparent)]
    Route(#[from] RouteError),
    #[error(
        "there is nothing at this path; of the API, execgate serves exec and attach of pods, and reading pods, namespaces, the version and discovery"
    )]
    Nowhere,
    #[error(transparent)]
    Request(#[from] RequestError),
    #[error("{error}; {}", advice(places.as_ref()))]
    Unauthenticated { error: Unauthenticated, places: Option<CredentialPlaces> },
    #[error("the path names no cluster and there is no default one; use /clusters/NAME/api/v1/...")]
    NoDefaultCluster,
    #[error("{0}")]
    Denied(#[from] Denial),
    #[error(transparent)]
    TooManySessions(#[from] TooManySessions),
    #[error("cluster {:?} not found", .0.as_str())]
    UnknownCluster(ClusterName),
    #[error(transparent)]
    Handshake(#[from] HandshakeError),
    #[error(transparent)]
    Pairing(#[from] PairingError),
    #[error(transparent)]
    Dial(Box<DialError>),
    #[error(transparent)]
    Resolve(Box<ResolveError>),
    #[error(transparent)]
    Login(#[from] LoginError),
    #[error(transparent)]
    Roster(Box<RosterError>),
    #[error(transparent)]
    Frontend(Box<FrontendError>),
}

/// Nobody says where to look for a credential but the request's route.
impl From<Unauthenticated> for Refused {
    fn from(error: Unauthenticated) -> Self {
        Self::Unauthenticated { error, places: None }
    }
}

impl From<FrontendError> for Refused {
    fn from(error: FrontendError) -> Self {
        Self::Frontend(Box::new(error))
    }
}

impl From<RosterError> for Refused {
    fn from(error: RosterError) -> Self {
        match error {
            RosterError::Denied(denial) => Self::Denied(denial),
            error => Self::Roster(Box::new(error)),
        }
    }
}

impl From<DialError> for Refused {
    fn from(error: DialError) -> Self {
        match error {
            DialError::NoHalfClose { .. } => Self::Pairing(PairingError::NoHalfClose),
            error => Self::Dial(Box::new(error)),
        }
    }
}

/// What would be right: of the places that a route looks at, or of those that every request may use.
fn advice(places: Option<&CredentialPlaces>) -> String {
    match places {
        Some(places) => format!("send a token {places}"),
        None => "send a token as \"Authorization: Bearer\", or as a subprotocol if you are a page".to_owned(),
    }
}
