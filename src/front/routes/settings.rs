//! What a route is made of.

use std::sync::Arc;

use super::PathPattern;
use crate::identity::CredentialPlaces;
use crate::protocol::Dialect;
use crate::protocol::bridge::OnDisconnect;
use crate::target::{Command, Streams, Template};

/// One URL of a page, and what it means.
#[derive(Debug, Clone, PartialEq)]
pub struct RouteSettings {
    /// Its name, for messages and logs.
    pub name: String,
    /// The path.
    pub path: PathPattern,
    /// Query parameters that are captured, each with the capture's name.
    pub query: Vec<(String, String)>,
    /// The cluster; the default one if there is none.
    pub cluster: Option<Template>,
    /// Which pod.
    pub place: RoutePlace,
    /// The container, if the route names one.
    pub container: Option<Template>,
    /// What runs.
    pub command: RouteCommand,
    /// Which streams are attached, where the query does not say.
    pub streams: Streams,
    /// What the page speaks; a subprotocol of Kubernetes if nothing else.
    pub dialect: Option<Arc<Dialect>>,
    /// Where the user's token may stand.
    pub credential: CredentialPlaces,
    /// Where the terminal's size stands.
    pub size: Option<SizeParameters>,
    /// What becomes of the terminal, if not what all sessions' settings say.
    pub on_disconnect: Option<OnDisconnect>,
}

/// Which pod is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RoutePlace {
    /// The one of this name.
    Pod {
        /// Its namespace.
        namespace: Template,
        /// Its name.
        pod: Template,
    },
    /// The one that the resolver of this name finds.
    Resolver(String),
}

/// What runs in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RouteCommand {
    /// What the query says, as on an API server.
    Query,
    /// This.
    Fixed(Command),
    /// What stands beside the value of a capture.
    Table {
        /// The capture's name.
        capture: String,
        /// Its values.
        commands: Vec<(String, Command)>,
    },
}

/// Two query parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SizeParameters {
    /// The parameter with the columns.
    pub columns: String,
    /// The parameter with the rows.
    pub rows: String,
}
