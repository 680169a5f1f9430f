//! What the file says, key by key. The comments here are the reference: the JSON schema and `docs/configuration.md` are made from
//! them.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    size::Size,
    time::{Limit, Time},
};
use crate::{cluster, relay, session};

mod command;
mod dialect;
mod frontend;
mod leaving;
mod resolver;
mod route;

pub(super) use self::{
    command::{CommandWords, PlainCommand},
    dialect::{Content, DialectEntry, FieldMessage, Framing, JsonFraming, Kind, Output},
    frontend::{Frontend, FrontendDirectory, FrontendServer, Index},
    leaving::{OnDisconnect, Send, Then},
    resolver::{ByLabels, ByOwner, ByService, Choose, Find, Secret, TargetResolver},
    route::{Command, CredentialPlace, Route, StreamSwitches},
};

/// One YAML file configures execgate. Keys are written in camelCase; an unknown key, a key without a value and a wrong type are
/// refused with the place where they stand. Paths of files are relative to the folder of the configuration file.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(rename = "Configuration")]
pub(super) struct File {
    /// Where to listen: at least one address.
    #[schemars(length(min = 1))]
    pub(super) listen: Vec<Listener>,
    /// The pages that may connect, as browsers send them in `Origin`: `https://console.example.com`. Without this key only pages
    /// from the same scheme and host as the request may; an empty list refuses every page. Requests without an `Origin` come from
    /// programs and are not affected.
    pub(super) allowed_origins: Option<Vec<String>>,
    /// A terminal page of execgate's own at `/`, on which users log in with their token and choose a pod. Without this key there is
    /// none. The page itself may always connect, whatever `allowedOrigins` lists.
    pub(super) page: Option<Page>,
    /// A page of your own: what answers at every path that is not execgate's, so that page and terminals share one origin and its
    /// cookies. Without this key there is nothing at such paths. Not together with `page`.
    pub(super) frontend: Option<Frontend>,
    /// The name of a cookie that may carry a user's token. Without this key no cookie is looked at; `page` alone makes it
    /// `execgate_token`.
    pub(super) token_cookie: Option<String>,
    /// The cluster that paths without `/clusters/NAME` in front reach. Without this key such paths are answered 404.
    pub(super) default_cluster: Option<String>,
    /// The clusters: at least one.
    #[schemars(length(min = 1))]
    pub(super) clusters: Vec<Cluster>,
    /// URLs of pages that exist, and what each of them means: where to, which dialect, which command. They come before execgate's own
    /// paths, and no two of them may match one path.
    #[serde(default)]
    pub(super) routes: Vec<Route>,
    /// Framings of pages for `routes`, beside the presets `channel`, `scow`, `kubemgr`, `kubeutil` and `raw`.
    #[serde(default)]
    pub(super) dialects: Vec<DialectEntry>,
    /// Who users are, asked in this order: at least one entry.
    #[schemars(length(min = 1))]
    pub(super) authentication: Vec<Authenticator>,
    /// Who may do what. First a deny rule that matches decides, then an allow rule; whatever no rule matches is denied.
    pub(super) policy: Vec<Rule>,
    /// How many sessions there may be, and for how long.
    #[serde(default)]
    pub(super) sessions: Sessions,
    /// Ways to find the pod that is meant, for routes that do not name it. `docs/resolvers.md` tells more of them.
    #[serde(default)]
    pub(super) target_resolvers: Vec<TargetResolver>,
}

/// The terminal page. `{}` is a page as it is by default.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Page {
    /// Command lines that it proposes, the first one to begin with. What may be run is for the policy to say.
    #[serde(default = "default_commands")]
    #[schemars(length(min = 1))]
    pub(super) commands: Vec<String>,
}

/// One address to listen on.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Listener {
    /// IP address and port: `0.0.0.0:8443`, `127.0.0.1:8080` or `[::]:8443`. Port 0 takes a free one.
    pub(super) address: String,
    /// The certificate to serve TLS with. Without this key the address speaks plain HTTP: only for loopback, or behind something
    /// that ends TLS.
    pub(super) tls: Option<CertificatePair>,
}

/// A certificate and its key, both PEM files.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct CertificatePair {
    /// The file of the certificate chain, the own certificate first.
    pub(super) cert_file: PathBuf,
    /// The file of the certificate's private key.
    pub(super) key_file: PathBuf,
}

/// One cluster: how to reach its API server.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Cluster {
    /// The cluster's name in paths, rules and logs: lower-case letters, digits, `-` and `.`.
    pub(super) name: String,
    /// The API server's address: `https://HOST:PORT`, with a path if it stands behind one.
    pub(super) server: String,
    /// The certificate authority of the API server. Without this key the machine's own authorities are believed.
    pub(super) certificate_authority: Option<CertificateAuthority>,
    /// The name to ask for and to verify in the API server's certificate, if it is not the host of `server`.
    pub(super) tls_server_name: Option<String>,
    /// `true` believes any certificate: whoever stands between can read and take over sessions. For tries only.
    #[serde(default)]
    pub(super) insecure_skip_tls_verify: bool,
    /// What proves execgate to the API server: one of `tokenEnv`, `tokenFile` and `clientCertificate`.
    pub(super) credential: Credential,
    /// How long TCP, TLS and the answer to the upgrade may take together.
    #[serde(default = "default_connect_timeout")]
    pub(super) connect_timeout: Time,
    /// Idle time after which the kernel probes the connection, from `1s` to `9h`.
    #[serde(default = "default_keepalive")]
    pub(super) keepalive: Time,
    /// `true` sends the user's name and groups as `Impersonate-*` headers, so that the cluster's own RBAC and audit see the user.
    /// The credential must be allowed to impersonate.
    #[serde(default)]
    pub(super) impersonate: bool,
}

/// A certificate authority: exactly one of these.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) enum CertificateAuthority {
    /// A file of PEM certificates.
    File(PathBuf),
    /// The PEM certificates themselves.
    Inline(String),
}

/// What proves execgate to a cluster: exactly one of these.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) enum Credential {
    /// The name of an environment variable that holds a bearer token; read once, at start.
    TokenEnv(String),
    /// A file that holds a bearer token; read again at least every minute, and at once when the cluster refuses the token.
    TokenFile(PathBuf),
    /// A client certificate.
    ClientCertificate(CertificatePair),
}

/// One way to learn who a user is: exactly one of these.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) enum Authenticator {
    /// Users and the hashes of their tokens, listed in a file.
    UsersFile(UsersFile),
}

/// A file of users: `users: [{name, groups, tokenHash}]`. `execgate token hash` makes an entry.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct UsersFile {
    /// The file; read again when it changes.
    pub(super) path: PathBuf,
}

/// One rule. It matches a request when each of its parts does; a part that is left out matches anything. In patterns `*` is any run
/// of characters and `?` any one.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Rule {
    /// A name of its own for logs and `execgate can-i`.
    pub(super) name: String,
    /// What the rule does.
    pub(super) effect: Effect,
    /// Whom the rule is about.
    pub(super) subjects: Subjects,
    /// Patterns of cluster names; each must match a cluster of this file.
    #[schemars(length(min = 1))]
    pub(super) clusters: Option<Vec<String>>,
    /// Which kinds of request. Left out, exec alone: reading is allowed only where it is written.
    #[serde(default = "default_verbs")]
    #[schemars(length(min = 1))]
    pub(super) verbs: Vec<Verb>,
    /// Patterns of namespaces.
    #[schemars(length(min = 1))]
    pub(super) namespaces: Option<Vec<String>>,
    /// Patterns of pod names.
    #[schemars(length(min = 1))]
    pub(super) pods: Option<Vec<String>>,
    /// Patterns of container names. A request that names no container is then matched by a deny rule and not by an allow rule. They
    /// limit sessions, not `read`.
    #[schemars(length(min = 1))]
    pub(super) containers: Option<Vec<String>>,
    /// Patterns of whole commands, for `exec` only: attach runs none. Each is a text that is split at spaces, or a list of words,
    /// and each word is a pattern for one word of the command: `sh` does not allow `sh -c ls`, `ls *` allows `ls` with one word
    /// more, `ls **` with any number. In the program, the first word, `*` stops at a slash, unless it is the whole word; in the
    /// other words it crosses everything, `/../` too.
    #[schemars(length(min = 1))]
    pub(super) commands: Option<Vec<CommandWords>>,
}

/// Whom a rule is about: any of the users, or any member of any of the groups. At least one must be named.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Subjects {
    /// Patterns of user names; `"*"` is every user.
    #[serde(default)]
    pub(super) users: Vec<String>,
    /// Patterns of group names.
    #[serde(default)]
    pub(super) groups: Vec<String>,
}

/// What a rule does.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) enum Effect {
    /// Lets in, unless a deny rule matches too.
    Allow,
    /// Keeps out.
    Deny,
}

/// A kind of request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) enum Verb {
    /// Starts a command in a container.
    Exec,
    /// Joins the container's main process.
    Attach,
    /// Reads pods, which `kubectl exec` and pages with a list of pods do first: one pod, and of the lists of pods and namespaces
    /// what the user may exec in or attach to. `containers` and `commands` do not limit it.
    Read,
}

/// Limits of sessions.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(super) struct Sessions {
    /// How many may be open at once; one more is answered 503.
    #[schemars(range(min = 1))]
    pub(super) max: usize,
    /// A session in which no terminal data flows for this long ends.
    pub(super) idle_timeout: Limit,
    /// A session ends after this, whatever flows.
    pub(super) max_duration: Limit,
    /// How long sessions go on after execgate was told to stop; `0s` ends them at once.
    pub(super) drain_timeout: Time,
    /// A side that was silent for this long is pinged; a side that is silent for two is gone.
    pub(super) ping_period: Time,
    /// A side that takes no byte of what waits for it for this long is gone. At least twice `pingPeriod`.
    pub(super) stuck_timeout: Time,
    /// How long the first bytes of a character wait for its rest before they go to a page that speaks base64; `0s` sends them at
    /// once.
    pub(super) utf8_hold: Time,
    /// What ends the command of a terminal whose session ends before it, because the client left or a limit was reached: a shell
    /// that nobody ends lives on.
    pub(super) on_disconnect: OnDisconnect,
    /// How much memory a session may fill with output that it reads ahead of a slow client. Without it an API server that ends the
    /// session while input stands unread loses the last output, as it does without execgate. Memory is taken only while a slow
    /// client's session needs it, in blocks of 104 KiB. `0` reads nothing ahead; else at least `128Ki`.
    pub(super) read_ahead: Size,
    /// The same for all sessions together. Sessions beyond it relay as with `readAhead: 0`.
    pub(super) read_ahead_total: Size,
}

impl Default for Sessions {
    fn default() -> Self {
        let (session, relay) = (session::Settings::default(), relay::Settings::default());
        Self {
            max: session.max,
            idle_timeout: relay.idle_timeout.into(),
            max_duration: relay.max_duration.into(),
            drain_timeout: Time(session.drain_timeout),
            ping_period: Time(relay.ping_period),
            stuck_timeout: Time(relay.stuck_timeout),
            utf8_hold: Time(relay.utf8_hold),
            on_disconnect: OnDisconnect::default(),
            read_ahead: Size(relay.read_ahead),
            read_ahead_total: Size(relay.read_ahead_total),
        }
    }
}

fn default_connect_timeout() -> Time {
    Time(cluster::Settings::DEFAULT_CONNECT_TIMEOUT)
}

fn default_keepalive() -> Time {
    Time(cluster::Settings::DEFAULT_KEEPALIVE)
}

fn default_commands() -> Vec<String> {
    ["sh", "bash"].map(str::to_owned).to_vec()
}

fn default_verbs() -> Vec<Verb> {
    vec![Verb::Exec]
}
