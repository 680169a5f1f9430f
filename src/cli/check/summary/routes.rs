//! What a route means, for people.

use super::on_disconnect;
use crate::{
    config::Settings,
    front::{RouteCommand, RoutePlace, RouteSettings},
    identity::CredentialPlaces,
    target::Command,
};

/// A line for each route, and below it where it leads, what runs there, and what is not as everywhere.
pub(super) fn lines(settings: &Settings) -> impl Iterator<Item = String> {
    settings.front.routes.iter().flat_map(|route| route_lines(route, settings))
}

fn route_lines(route: &RouteSettings, settings: &Settings) -> Vec<String> {
    let dialect = route.dialect.as_ref().map_or("channel", |dialect| dialect.name());
    let mut lines = vec![
        format!("{}: {}, in the dialect {dialect}", route.name, address(route)),
        format!("  to {}", target(route, settings)),
        format!("  runs {}", command(&route.command)),
    ];
    let usual = CredentialPlaces::usual(settings.front.token_cookie.clone());
    if route.credential != usual {
        lines.push(format!("  the user's token: {}", credential(&route.credential)));
    }
    let leaving = route.on_disconnect.as_ref().map(on_disconnect);
    lines.extend(leaving.map(|leaving| format!("  a terminal whose user leaves is {leaving}")));
    lines
}

/// The path, and what is captured from the query.
fn address(route: &RouteSettings) -> String {
    let captures: Vec<String> =
        route.query.iter().map(|(parameter, name)| format!("{parameter}={{{name}}}")).collect();
    let mark = if captures.is_empty() { "" } else { "?" };
    format!("{}{mark}{}", route.path, captures.join("&"))
}

fn target(route: &RouteSettings, settings: &Settings) -> String {
    let default = settings.default_cluster.as_ref().map(ToString::to_string);
    let cluster = route.cluster.as_ref().map(ToString::to_string).or(default).unwrap_or_default();
    let container = route.container.as_ref().map(|name| format!(", container {name}")).unwrap_or_default();
    match &route.place {
        RoutePlace::Pod { namespace, pod } => {
            format!("pod {pod} in namespace {namespace} on cluster {cluster}{container}")
        }
        RoutePlace::Resolver(name) => {
            format!("the pod that the resolver {name:?} finds on cluster {cluster}{container}")
        }
    }
}

fn command(command: &RouteCommand) -> String {
    match command {
        RouteCommand::Query => "what the query says".to_owned(),
        RouteCommand::Fixed(command) => program(command),
        RouteCommand::Table { capture, commands } => {
            let choices: Vec<String> =
                commands.iter().map(|(value, command)| format!("{} for {value}", program(command))).collect();
            format!("by {{{capture}}}: {}", choices.join(", "))
        }
    }
}

fn program(command: &Command) -> String {
    match command.shells() {
        Some(shells) => {
            format!("the first shell that there is of {}", shells.names().collect::<Vec<_>>().join(", "))
        }
        None => format!("`{command}`"),
    }
}

fn credential(places: &CredentialPlaces) -> String {
    let remark = match places.query {
        Some(_) => "; browsers keep URLs, and so does what is in front of execgate",
        None => "",
    };
    format!("{places}{remark}")
}
