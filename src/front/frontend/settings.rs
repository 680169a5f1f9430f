//! Where the page is.

use std::path::PathBuf;
use std::time::Duration;

use crate::cluster::{ServerUrl, Trust};
use crate::identity::CookieName;

/// What answers where execgate has nothing to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FrontendSettings {
    /// A folder of files.
    Directory(DirectorySettings),
    /// The page's own server.
    Server(Box<ServerSettings>),
}

/// A folder of files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DirectorySettings {
    /// The folder.
    pub path: PathBuf,
    /// Which paths get an `index.html`.
    pub index: Index,
}

/// Which paths that name no file get an `index.html`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Index {
    /// Those of folders: the folder's own.
    Folders,
    /// Those of folders, and all others the one at the top: for pages that draw every path themselves.
    Always,
}

/// The page's own server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerSettings {
    /// Its address, without a path.
    pub url: ServerUrl,
    /// Whom to believe to be that server.
    pub trust: Trust,
    /// The name to ask for and to verify, if not the address' host.
    pub tls_server_name: Option<String>,
    /// How long TCP and TLS may take together.
    pub connect_timeout: Duration,
    /// Cookies that are sent to it although they may carry a token of execgate's.
    pub keep_cookies: Vec<CookieName>,
}

impl ServerSettings {
    /// Whoever waits longer for a connection waits in vain.
    pub const DEFAULT_CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
}
