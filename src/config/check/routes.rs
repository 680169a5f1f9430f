//! Routes: patterns that no two paths match, captures that exist, commands that can be run.

mod captured;
mod parameters;
mod streams;

use std::{collections::BTreeMap, sync::Arc};

use self::captured::Captured;
use super::Check;
use crate::{
    config::{
        file::{self, CredentialPlace, File, PlainCommand, Route},
        key::KeyPath,
        suggest,
    },
    front::{PathPattern, RouteCommand, RoutePlace, RouteSettings, SizeParameters, own_paths},
    identity::{CookieName, CredentialPlaces},
    protocol::Dialect,
    resolve::ResolverSettings,
    target::{
        Captures, ClusterName, Command, ContainerName, Namespace, PodName, ShellName, Shells, Template,
        TerminalType,
    },
};

/// What routes refer to.
struct Around<'a> {
    file: &'a File,
    cookie: Option<&'a CookieName>,
    dialects: Vec<Arc<Dialect>>,
    resolvers: &'a [ResolverSettings],
}

/// What a text without captures must be.
type Parse = fn(&str) -> Result<(), String>;

impl Check<'_> {
    pub(super) fn routes(
        &mut self,
        file: &File,
        cookie: Option<&CookieName>,
        resolvers: &[ResolverSettings],
    ) -> Vec<RouteSettings> {
        let around = Around { file, cookie, dialects: self.dialects(&file.dialects), resolvers };
        let list = KeyPath::root().field("routes");
        let mut routes: Vec<RouteSettings> = Vec::new();
        for (index, route) in file.routes.iter().enumerate() {
            let key = list.index(index);
            if route.name.is_empty() {
                self.refuse(&key.field("name"), "must not be empty");
            }
            if let Some(first) = file.routes.iter().take(index).position(|other| other.name == route.name) {
                let text = format!(
                    "routes[{first}] is named {:?} too; each route needs a name of its own",
                    route.name
                );
                self.refuse(&key.field("name"), text);
            }
            let settings = self.route(&key, route, &around);
            if let Some(settings) = settings {
                self.ambiguity(&key.field("path"), &settings, &routes, file.page.is_some());
                routes.push(settings);
            }
        }
        routes
    }

    fn route(&mut self, key: &KeyPath, route: &Route, around: &Around<'_>) -> Option<RouteSettings> {
        let path = self.keep(&key.field("path"), PathPattern::parse(&route.path));
        let known = self.captured(key, route, path.as_ref());
        let target = key.field("target");
        let cluster = self.cluster_of(&target.field("cluster"), route, around.file, &known);
        let place = match &route.target.resolver {
            Some(name) => self.place_by_resolver(&target, route, name, around, &known),
            None => self.place(&target, route, &known),
        };
        let container = route.target.container.as_deref().and_then(|text| {
            self.template(&target.field("container"), text, &known, |text| {
                ContainerName::parse(text).map(drop).map_err(|error| error.to_string())
            })
        });
        let command = self.route_command(&key.field("command"), &route.command, &known);
        let dialect =
            self.dialect(&key.field("dialect"), &route.dialect, &around.file.dialects, &around.dialects);
        let is_query = matches!(route.command, file::Command::Query);
        if is_query && dialect.is_some() {
            let text = "reads the query as an API server does, which pages of a dialect do not speak; use fixed, table or shell";
            self.refuse(&key.field("command"), text);
        }
        let streams = self.streams(&key.field("streams"), route);
        self.parameters(key, route);
        let credential = self.credential_places(&key.field("credential"), route, around.cookie);
        let leaving = route.on_disconnect.as_ref();
        let on_disconnect = leaving.map(|leaving| self.on_disconnect(&key.field("onDisconnect"), leaving));
        let size = route.initial_size.as_ref();
        Some(RouteSettings {
            name: route.name.clone(),
            path: path?,
            query: route.query.iter().map(|(parameter, name)| (parameter.clone(), name.clone())).collect(),
            cluster,
            place: place?,
            container,
            command: command?,
            streams,
            dialect,
            credential,
            size: size.map(|size| SizeParameters { columns: size.columns.clone(), rows: size.rows.clone() }),
            on_disconnect,
        })
    }

    fn cluster_of(
        &mut self,
        key: &KeyPath,
        route: &Route,
        file: &File,
        known: &Captured,
    ) -> Option<Template> {
        let Some(text) = route.target.cluster.as_deref() else {
            if file.default_cluster.is_none() {
                self.refuse(
                    key,
                    "is missing, and there is no defaultCluster; write a cluster's name or a capture",
                );
            }
            return None;
        };
        let template = self.template(key, text, known, |text| {
            ClusterName::parse(text).map(drop).map_err(|error| error.to_string())
        })?;
        let names: Vec<&str> = file.clusters.iter().map(|cluster| cluster.name.as_str()).collect();
        if template.captures().next().is_none() && !names.contains(&text) {
            let advice = suggest::advice(text, "the clusters are", &names);
            self.refuse(key, format!("no cluster is named {text:?}{advice}"));
        }
        Some(template)
    }

    fn place(&mut self, key: &KeyPath, route: &Route, known: &Captured) -> Option<RoutePlace> {
        let mut part = |name: &str, text: &Option<String>, parse: Parse| {
            let key = key.field(name);
            if text.is_none() {
                self.refuse(&key, "is missing; write a name or a capture");
            }
            self.template(&key, text.as_deref()?, known, parse)
        };
        let namespace = part("namespace", &route.target.namespace, |text| {
            Namespace::parse(text).map(drop).map_err(|error| error.to_string())
        });
        let pod = part("pod", &route.target.pod, |text| {
            PodName::parse(text).map(drop).map_err(|error| error.to_string())
        });
        Some(RoutePlace::Pod { namespace: namespace?, pod: pod? })
    }

    fn place_by_resolver(
        &mut self,
        key: &KeyPath,
        route: &Route,
        name: &str,
        around: &Around<'_>,
        known: &Captured,
    ) -> Option<RoutePlace> {
        for (other, value) in [("namespace", &route.target.namespace), ("pod", &route.target.pod)] {
            if value.is_some() {
                self.refuse(&key.field(other), "is what the resolver finds; remove one of the two");
            }
        }
        let key = key.field("resolver");
        let names: Vec<&str> =
            around.file.target_resolvers.iter().map(|resolver| resolver.name.as_str()).collect();
        if !names.contains(&name) {
            let advice = suggest::advice(name, "the target resolvers are", &names);
            self.refuse(&key, format!("no target resolver is named {name:?}{advice}"));
            return None;
        }
        // One that is wrong itself has no settings, and its own errors.
        let resolver = around.resolvers.iter().find(|resolver| resolver.name == name)?;
        for capture in resolver.captures().filter(|capture| *capture != Captures::USER) {
            if known.lacks(capture) {
                let text = format!(
                    "the target resolver {name:?} needs the capture {capture:?}, which the route does not have"
                );
                self.refuse(&key, text);
            }
        }
        Some(RoutePlace::Resolver(name.to_owned()))
    }

    /// A text with captures that exist; one without any must be what it is for.
    fn template(&mut self, key: &KeyPath, text: &str, known: &Captured, parse: Parse) -> Option<Template> {
        let template = self.keep(key, Template::parse(text))?;
        for name in template.captures().filter(|name| *name != Captures::USER && known.lacks(name)) {
            let advice = known.advice(name, &[Captures::USER]);
            self.refuse(key, format!("the route has no capture {name:?}{advice}"));
        }
        if template.captures().next().is_none() {
            self.keep(key, parse(text));
        }
        Some(template)
    }

    fn route_command(
        &mut self,
        key: &KeyPath,
        command: &file::Command,
        known: &Captured,
    ) -> Option<RouteCommand> {
        match command {
            file::Command::Query => Some(RouteCommand::Query),
            file::Command::Fixed(words) => self.words(&key.field("fixed"), words).map(RouteCommand::Fixed),
            file::Command::Table(table) => {
                let key = key.field("table");
                if known.lacks(&table.capture) {
                    let advice = known.advice(&table.capture, &[]);
                    self.refuse(
                        &key.field("capture"),
                        format!("the route has no capture {:?}{advice}", table.capture),
                    );
                }
                let commands = self.table(&key.field("commands"), &table.commands);
                Some(RouteCommand::Table { capture: table.capture.clone(), commands })
            }
            file::Command::Shell(shell) => {
                let key = key.field("shell");
                let names = shell.r#try.iter().enumerate();
                let names: Vec<ShellName> = names
                    .filter_map(|(index, name)| {
                        self.keep(&key.field("try").index(index), ShellName::parse(name))
                    })
                    .collect();
                if shell.r#try.is_empty() {
                    self.refuse(&key.field("try"), "must have an entry, such as sh, or be left out");
                }
                let term = self.keep(&key.field("term"), TerminalType::parse(&shell.term))?;
                Some(RouteCommand::Fixed(Command::shell(Shells::new(names, term)?)))
            }
        }
    }

    fn table(&mut self, key: &KeyPath, commands: &BTreeMap<String, PlainCommand>) -> Vec<(String, Command)> {
        if commands.is_empty() {
            self.refuse(key, "must have an entry, such as {b: [bash]}");
        }
        let words = commands
            .iter()
            .map(|(value, words)| Some((value.clone(), self.words(&key.field(value), words)?)));
        words.collect::<Vec<_>>().into_iter().flatten().collect()
    }

    fn words(&mut self, key: &KeyPath, command: &PlainCommand) -> Option<Command> {
        let words = self.argv(key, &command.0);
        if words.is_empty() || words.iter().any(|word| word.contains('\0')) {
            self.refuse(key, "must be a command: at least one word, such as [bash]");
            return None;
        }
        Some(Command::new(words))
    }

    fn credential_places(
        &mut self,
        key: &KeyPath,
        route: &Route,
        cookie: Option<&CookieName>,
    ) -> CredentialPlaces {
        let Some(listed) = &route.credential else {
            return CredentialPlaces::usual(cookie.cloned());
        };
        if listed.is_empty() {
            self.refuse(key, "must have an entry, such as authorization: nobody could log in");
        }
        let mut places =
            CredentialPlaces { authorization: false, subprotocol: false, cookie: None, query: None };
        for (index, place) in listed.iter().enumerate() {
            let key = key.index(index);
            let is_second = match place {
                CredentialPlace::Authorization => std::mem::replace(&mut places.authorization, true),
                CredentialPlace::Subprotocol => std::mem::replace(&mut places.subprotocol, true),
                CredentialPlace::Cookie(name) => {
                    let name = self.keep(&key.field("cookie"), CookieName::parse(name));
                    name.is_some_and(|name| places.cookie.replace(name).is_some())
                }
                CredentialPlace::Query(name) => places.query.replace(name.clone()).is_some(),
            };
            if is_second {
                self.refuse(&key, "stands here twice; a route looks into one place of each kind");
            }
        }
        places
    }

    /// No path may have two meanings.
    fn ambiguity(&mut self, key: &KeyPath, route: &RouteSettings, before: &[RouteSettings], with_page: bool) {
        for other in before {
            if let Some(path) = route.path.overlap(&other.path) {
                let text = format!(
                    "matches {path:?}, and so does {:?} of the route {:?}; change one of the two",
                    other.path.to_string(),
                    other.name
                );
                self.refuse(key, text);
            }
        }
        for own in own_paths(with_page) {
            if let Some(path) = route.path.overlap(&own) {
                let text = format!(
                    "matches {path:?}, which is execgate's own {:?}; choose another path",
                    own.to_string()
                );
                self.refuse(key, text);
            }
        }
    }
}
