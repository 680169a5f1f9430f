//! The page's own place: whatever path is not execgate's goes to a folder of files or to the page's own server, so that a page and
//! its terminals share one origin and its cookies.

mod directory;
mod error;
mod server;
mod settings;

pub(super) use error::FrontendError;
pub use error::FrontendStartError;
pub use settings::{DirectorySettings, FrontendSettings, Index, ServerSettings};

use http::Request;
use hyper::body::Incoming;
use tracing::debug;

use self::directory::Directory;
use self::server::Server;
use super::Answer;
use super::connection::{self, Peer};
use super::refusal::Refused;
use super::route::{Route, is_under_api};
use super::settings::CredentialNames;
use crate::identity::Chain;

/// What answers where execgate has nothing to say.
#[derive(Debug)]
pub struct Frontend {
    place: Place,
}

#[derive(Debug)]
enum Place {
    Directory(Directory),
    Server(Box<Server>),
}

impl Frontend {
    /// Reads what the settings name. `credentials` is what may carry a token of execgate's; a server is not sent it.
    pub fn new(
        settings: &FrontendSettings,
        credentials: &CredentialNames,
    ) -> Result<Self, FrontendStartError> {
        let place = match settings {
            FrontendSettings::Directory(directory) => Place::Directory(Directory::new(directory)?),
            FrontendSettings::Server(server) => Place::Server(Box::new(Server::new(server, credentials)?)),
        };
        Ok(Self { place })
    }

    /// What to tell the operator at start.
    pub fn warnings(&self) -> &[String] {
        match &self.place {
            Place::Directory(_) => &[],
            Place::Server(server) => server.warnings(),
        }
    }

    /// Whether a request for `path` is the page's. What execgate serves is not, nor what only begins as that does and could be read
    /// in two ways: it is refused as it is without a page. `*` is no path: it asks execgate itself.
    pub(super) fn has(path: &str) -> bool {
        match Route::parse(path) {
            Ok(Route::Exec(_) | Route::Read(_)) => false,
            Ok(Route::Other | Route::NoSuchApi) => path.starts_with('/'),
            Err(_) => !is_under_api(path),
        }
    }

    /// Answers a request that is the page's. Its origin is not judged: which other pages may ask is for the page's own server to say,
    /// by CORS, and files are the same for everybody.
    pub(super) async fn answer(
        &self,
        chain: &Chain,
        request: Request<Incoming>,
        peer: &Peer,
    ) -> Result<Answer, Refused> {
        connection::check_target(request.uri(), request.headers())?;
        connection::check_framing(request.headers())?;
        let (client, method, path) = (peer.address, request.method(), request.uri().path());
        debug!(client.address = %client, %method, path, "a request of the page's");
        let answer = match &self.place {
            Place::Directory(directory) => directory.answer(&request).await,
            Place::Server(server) => server.answer(chain, request, peer).await,
        };
        Ok(answer?)
    }

    /// Ends what would never end by itself: tunnels and event streams, which pages open again.
    pub(super) fn stop(&self) {
        match &self.place {
            Place::Directory(_) => {}
            Place::Server(server) => server.stop(),
        }
    }

    /// Waits until no tunnel is open. Call it once no connection is left.
    pub(super) async fn stopped(&self) {
        match &self.place {
            Place::Directory(_) => {}
            Place::Server(server) => server.stopped().await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_execgate_serves_is_not_the_page_s_and_all_else_is() {
        for path in [
            "/api",
            "/api/v1/namespaces/default/pods/web-0/exec",
            "/clusters/alpha/api/v1/namespaces/default/pods/web-0/attach",
            "/version",
            "/apis/apps/v1",
            "/api/v1/namespaces/default/pods/web%2d0/exec",
            "//api/v1/namespaces/default/pods/web-0/exec",
            "/api/v1/namespaces/Default/pods/web-0/exec",
            "/clusters/alpha//api",
            "*",
        ] {
            assert!(!Frontend::has(path), "{path}");
        }
        for path in [
            "/",
            "/a file%20with/spaces",
            "/x//y",
            "/%2e%2e/",
            "/api/users",
            "/api/users/a%20b",
            "/api/v10/%41",
            "/clusters/alpha/settings",
            "/versions/%41",
        ] {
            assert!(Frontend::has(path), "{path}");
        }
    }
}
