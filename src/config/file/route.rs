//! URLs of pages that exist.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::{OnDisconnect, PlainCommand};

/// One URL of a page, with captures, and what it means. A capture is written `{name}`; the name `user` is whoever is logged in.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::config) struct Route {
    /// A name of its own for messages and logs.
    pub(in crate::config) name: String,
    /// The path; a capture is a whole segment of it: `/pods/{namespace}/{pod}/shell`. It is compared as it was sent, so what browsers
    /// encode stands here encoded: `/t%C3%BC/{pod}`. What is captured is not decoded either.
    pub(in crate::config) path: String,
    /// Query parameters that are captured: left the parameter, right the capture's name. `jobId: job` makes the value of `?jobId=` the
    /// capture `{job}`, percent-decoded. A parameter that nobody looks at is no fault, unless `command` is `query`. None is for two:
    /// what this key names, no other key of the route may, nor may `command: query` read it.
    #[serde(default)]
    pub(in crate::config) query: BTreeMap<String, String>,
    /// Where to.
    pub(in crate::config) target: RouteTarget,
    /// What runs there.
    pub(in crate::config) command: Command,
    /// What the page speaks: `channel`, which is every subprotocol of Kubernetes, one of the presets `scow`, `kubemgr`, `kubeutil` and
    /// `raw`, or a name of `dialects`.
    #[serde(default = "default_dialect")]
    pub(in crate::config) dialect: String,
    /// Where the user's token may stand: at most one place of each kind. Without this key in the `Authorization` header, in the bearer subprotocol, or in the cookie of
    /// `tokenCookie`.
    #[schemars(length(min = 1))]
    pub(in crate::config) credential: Option<Vec<CredentialPlace>>,
    /// Which streams are attached, where `command` is not `query`: at least `stdin`, `stdout` or, without `tty`, `stderr`.
    pub(in crate::config) streams: Option<StreamSwitches>,
    /// Query parameters with the terminal's size to begin with: left what it is, right the parameter, as in `columns: cols`.
    pub(in crate::config) initial_size: Option<InitialSize>,
    /// What becomes of the terminal when the page leaves. Without this key what `sessions.onDisconnect` says.
    pub(in crate::config) on_disconnect: Option<OnDisconnect>,
}

/// Where a route leads: texts with captures.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::config) struct RouteTarget {
    /// The cluster. Without this key the default cluster.
    pub(in crate::config) cluster: Option<String>,
    /// The pod's namespace.
    pub(in crate::config) namespace: Option<String>,
    /// The pod's name.
    pub(in crate::config) pod: Option<String>,
    /// The name of a target resolver that finds the pod instead, by what the route captures.
    pub(in crate::config) resolver: Option<String>,
    /// The container. Without this key the only one, or what the query of a `query` route says.
    pub(in crate::config) container: Option<String>,
}

/// What runs: exactly one of these.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::config) enum Command {
    /// What the query says, as on an API server: `command`, `container`, `stdin`, `stdout`, `stderr` and `tty`.
    Query,
    /// Always this command.
    Fixed(PlainCommand),
    /// One of several, by a capture.
    Table(CommandTable),
    /// The first shell of a list that the container has.
    Shell(Shell),
}

/// A command for each value of a capture.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::config) struct CommandTable {
    /// The capture's name.
    pub(in crate::config) capture: String,
    /// Its values, each with the command.
    pub(in crate::config) commands: BTreeMap<String, PlainCommand>,
}

/// A shell that has to be found. Whoever may not run one of the list is not given it.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::config) struct Shell {
    /// The shells to try, the best first. Those but `cmd` and `powershell` are found by one `sh`, which needs no other program.
    #[serde(default = "default_shells")]
    #[schemars(length(min = 1))]
    pub(in crate::config) r#try: Vec<String>,
    /// The terminal that the shell is told it runs on, in `TERM`.
    #[serde(default = "default_term")]
    pub(in crate::config) term: String,
}

/// A place where a token may stand: exactly one of these.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::config) enum CredentialPlace {
    /// `Authorization: Bearer TOKEN`.
    Authorization,
    /// The subprotocol `base64url.bearer.authorization.k8s.io.TOKEN`.
    Subprotocol,
    /// A cookie of this name.
    Cookie(String),
    /// A query parameter of this name. What stands in a URL is kept by browsers and by whatever is in front of execgate; execgate
    /// writes it to no log. Only for pages that can't do otherwise.
    Query(String),
}

/// Streams of a session.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[allow(clippy::struct_excessive_bools, reason = "these are the API's four fields of that type")]
pub(in crate::config) struct StreamSwitches {
    /// Whether the page may type.
    pub(in crate::config) stdin: bool,
    /// Whether it is shown output.
    pub(in crate::config) stdout: bool,
    /// Whether it is shown standard error; a terminal has none of its own.
    pub(in crate::config) stderr: bool,
    /// Whether the command has a terminal.
    pub(in crate::config) tty: bool,
}

/// Two query parameters. What is captured under `query` is written the other way round: there the parameter stands left.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::config) struct InitialSize {
    /// The name of the parameter with the columns.
    pub(in crate::config) columns: String,
    /// The name of the parameter with the rows.
    pub(in crate::config) rows: String,
}

impl Default for StreamSwitches {
    fn default() -> Self {
        Self { stdin: true, stdout: true, stderr: false, tty: true }
    }
}

fn default_dialect() -> String {
    "channel".to_owned()
}

fn default_shells() -> Vec<String> {
    ["bash", "sh", "ash", "cmd", "powershell"].map(str::to_owned).to_vec()
}

fn default_term() -> String {
    "xterm-256color".to_owned()
}
