//! What a request on a route says: where to, what to run, and the token if the route looks for it in the query.

use std::sync::Arc;

use secrecy::SecretString;

use super::{CaptureError, Matched, RouteCommand, RoutePlace, Routed, SizeParameters};
use crate::protocol::TerminalSize;
use crate::target::{
    Captures, ClusterName, Command, ContainerName, ExecOptions, NameError, Namespace, PodName, QueryError,
    Template, Verb, query_pairs,
};

/// A request on a route, read as far as that can be before anybody knows who asks.
#[derive(Debug)]
pub(in crate::front) struct RoutedRequest {
    /// The route, and all that was captured.
    pub(in crate::front) routed: Routed,
    /// What the query says is to run, if the route leaves that to it; and which streams are attached.
    pub(in crate::front) options: ExecOptions,
    /// The terminal's size to begin with.
    pub(in crate::front) size: Option<TerminalSize>,
    /// The token that stood in the query.
    pub(in crate::front) token: Option<SecretString>,
}

/// What a request on a route means for somebody.
#[derive(Debug)]
pub(in crate::front) struct Meaning {
    /// The cluster; the default one if there is none.
    pub(in crate::front) cluster: Option<ClusterName>,
    /// Which pod.
    pub(in crate::front) place: Place,
    /// What to run there.
    pub(in crate::front) options: ExecOptions,
}

/// Which pod is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::front) enum Place {
    /// This one.
    Pod(Namespace, PodName),
    /// The one that a resolver finds by what was captured.
    Resolve {
        /// The resolver.
        resolver: String,
        /// What was captured, and who asks.
        captures: Captures,
    },
}

/// Why a request on a route is not understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(in crate::front) enum RoutedError {
    #[error(transparent)]
    Capture(#[from] CaptureError),
    #[error(transparent)]
    Query(#[from] QueryError),
    #[error("the query parameter {name:?} is missing; this address needs it")]
    Missing { name: String },
    #[error("the query parameter {name:?} is given more than once")]
    Repeated { name: String },
    #[error("the query parameter {name:?} must be a number of columns or rows, from 0 to 65535")]
    Size { name: String },
    #[error("{name:?} is {value:?} in this address, for which there is no command; known are {known}")]
    NoCommand { name: String, value: String, known: String },
    #[error(transparent)]
    Name(#[from] NameError),
}

impl RoutedRequest {
    /// Reads the query of a request whose path matched.
    pub(in crate::front) fn read(matched: &Matched, query: &str) -> Result<Self, RoutedError> {
        let Matched { route, captures } = matched;
        let mut captures = captures.clone()?;
        let mut query = Query::parse(query)?;
        for (parameter, capture) in &route.query {
            let value =
                query.take(parameter)?.ok_or_else(|| RoutedError::Missing { name: parameter.clone() })?;
            captures.set(capture, value);
        }
        let token = match &route.credential.query {
            Some(parameter) => query.take(parameter)?.filter(|token| !token.is_empty()),
            None => None,
        };
        let size = route.size.as_ref().map(|names| size(names, &mut query)).transpose()?.flatten();
        let options = match &route.command {
            RouteCommand::Query => ExecOptions::parse_query(Verb::Exec, &query.rest())?,
            RouteCommand::Fixed(_) | RouteCommand::Table { .. } => ExecOptions {
                verb: Verb::Exec,
                container: None,
                command: Command::default(),
                streams: route.streams,
            },
        };
        let routed = Routed { route: Arc::clone(route), captures };
        Ok(Self { routed, options, size, token: token.map(SecretString::from) })
    }
}

impl Meaning {
    /// What `user` means by a request with these options.
    pub(in crate::front) fn of(
        routed: &Routed,
        options: &ExecOptions,
        user: &str,
    ) -> Result<Self, RoutedError> {
        let route = &routed.route;
        let mut captures = routed.captures.clone();
        captures.set(Captures::USER, user);
        let mut options = options.clone();
        match &route.command {
            RouteCommand::Query => {}
            RouteCommand::Fixed(command) => options.command = command.clone(),
            RouteCommand::Table { capture, commands } => {
                options.command = chosen(capture, commands, &captures)?;
            }
        }
        options.container = container(route.container.as_ref(), &captures)?.or(options.container);
        let cluster = route.cluster.as_ref().map(|name| ClusterName::parse(name.fill(&captures)));
        let cluster = cluster.transpose()?;
        let place = match &route.place {
            RoutePlace::Pod { namespace, pod } => {
                Place::Pod(Namespace::parse(namespace.fill(&captures))?, PodName::parse(pod.fill(&captures))?)
            }
            RoutePlace::Resolver(resolver) => Place::Resolve { resolver: resolver.clone(), captures },
        };
        Ok(Self { cluster, place, options })
    }
}

/// The pairs of a query that nobody has taken yet.
struct Query(Vec<(String, String, String)>);

impl Query {
    /// Names decoded, with values decoded and as they came.
    fn parse(query: &str) -> Result<Self, QueryError> {
        query_pairs(query)
            .map(|pair| pair.map(|(raw, name, value)| (raw.to_owned(), name, value)))
            .collect::<Result<_, _>>()
            .map(Self)
    }

    fn take(&mut self, name: &str) -> Result<Option<String>, RoutedError> {
        let (taken, rest): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.0).into_iter().partition(|(_, known, _)| known == name);
        self.0 = rest;
        let mut values = taken.into_iter().map(|(_, _, value)| value);
        match (values.next(), values.next()) {
            (value, None) => Ok(value),
            (_, Some(_)) => Err(RoutedError::Repeated { name: name.to_owned() }),
        }
    }

    /// What is left, as it came.
    fn rest(&self) -> String {
        self.0.iter().map(|(raw, ..)| raw.as_str()).collect::<Vec<_>>().join("&")
    }
}

/// A page whose terminal is hidden sends zeros or nothing: then there is no size to begin with.
fn size(names: &SizeParameters, query: &mut Query) -> Result<Option<TerminalSize>, RoutedError> {
    let mut number = |name: &String| match query.take(name)?.as_deref() {
        None | Some("") => Ok(0),
        Some(text) => text.parse::<u16>().map_err(|_| RoutedError::Size { name: name.clone() }),
    };
    let (columns, rows) = (number(&names.columns)?, number(&names.rows)?);
    Ok(TerminalSize::new(columns, rows))
}

fn container(template: Option<&Template>, captures: &Captures) -> Result<Option<ContainerName>, RoutedError> {
    let name = template.map(|template| template.fill(captures)).filter(|name| !name.is_empty());
    Ok(name.map(ContainerName::parse).transpose()?)
}

fn chosen(
    capture: &str,
    commands: &[(String, Command)],
    captures: &Captures,
) -> Result<Command, RoutedError> {
    let value = captures.get(capture).unwrap_or_default();
    let found = commands.iter().find(|(known, _)| known == value);
    found.map(|(_, command)| command.clone()).ok_or_else(|| RoutedError::NoCommand {
        name: capture.to_owned(),
        value: value.chars().take(40).collect(),
        known: commands.iter().map(|(known, _)| known.as_str()).collect::<Vec<_>>().join(", "),
    })
}
