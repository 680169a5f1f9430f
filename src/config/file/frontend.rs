//! A page of one's own.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::CertificateAuthority;
use crate::{config::time::Time, front::ServerSettings};

/// What answers at every path that is not execgate's: exactly one of these. execgate's are what it serves below `/api/v1`, `/apis`,
/// `/version` and `/clusters/NAME`; `/api/users`, say, is the page's.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::config) enum Frontend {
    /// A folder of files.
    Directory(FrontendDirectory),
    /// The page's own server.
    Server(FrontendServer),
}

/// A folder of files, which are the same for everybody.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::config) struct FrontendDirectory {
    /// The folder. What is hidden in it (names that begin with a dot, but for `.well-known`) and what a link leads out of it to is
    /// not shown.
    pub(in crate::config) path: PathBuf,
    /// Which paths that name no file get an `index.html`.
    #[serde(default)]
    pub(in crate::config) index: Index,
}

/// Which paths that name no file get an `index.html`.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::config) enum Index {
    /// Those of folders get the folder's own.
    #[default]
    Folders,
    /// Those of folders too, and all others get the one at the top: for pages that draw every path themselves.
    Always,
}

/// The page's own server. It is sent every request as it came, but for what is execgate's alone: the cookie that `tokenCookie` names,
/// an `Authorization` with a token that execgate accepts, and a token among the subprotocols of a WebSocket.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::config) struct FrontendServer {
    /// Its address: `http://HOST:PORT` or `https://HOST:PORT`, without a path.
    pub(in crate::config) url: String,
    /// The certificate authority of the server. Without this key the machine's own authorities are believed.
    pub(in crate::config) certificate_authority: Option<CertificateAuthority>,
    /// The name to ask for and to verify in the server's certificate, if it is not the host of `url`.
    pub(in crate::config) tls_server_name: Option<String>,
    /// `true` believes any certificate: whoever stands between can read and change the page. For tries only.
    #[serde(default)]
    pub(in crate::config) insecure_skip_tls_verify: bool,
    /// How long TCP and TLS may take together. How long the server then takes to answer is its own affair.
    #[serde(default = "default_frontend_connect_timeout")]
    pub(in crate::config) connect_timeout: Time,
    /// Names of cookies that the server is sent although execgate reads a token in them: where one login is for both.
    #[serde(default)]
    pub(in crate::config) keep_cookies: Vec<String>,
}

fn default_frontend_connect_timeout() -> Time {
    Time(ServerSettings::DEFAULT_CONNECT_TIMEOUT)
}
