//! The front door: listeners, routes, and the exec handler.

mod connection;
mod content;
mod echo;
mod exec;
mod frontend;
mod handshake;
mod journal;
mod listener;
mod locate;
mod origin;
mod page;
mod read;
mod refusal;
mod request;
mod route;
mod routes;
mod settings;
mod site;

pub use frontend::{
    DirectorySettings, Frontend, FrontendSettings, FrontendStartError, Index, ServerSettings,
};
pub use listener::{ListenError, Listener};
pub use page::is_built as page_is_built;
pub use route::own_paths;
pub use routes::{PathPattern, PatternError, RouteCommand, RoutePlace, RouteSettings, SizeParameters};
pub use settings::{
    CredentialNames, ListenerSettings, Origin, OriginError, Origins, PageSettings, Settings, TlsFiles,
};
pub use site::LoginLink;

use std::sync::Arc;

use http::{Request, Response};
use hyper::body::Incoming;
use tokio::sync::Semaphore;
use tokio_util::task::TaskTracker;

use self::connection::Peer;
use self::content::Content;
use self::echo::Echo;
use self::refusal::{Refusal, Refused};
use self::request::Entry;
use self::route::Route;
use self::routes::{Matched, Routes};
use self::site::Site;
use crate::identity::{Chain, CookieName};
use crate::policy::Policy;
use crate::upstream::Seal;
use crate::{cluster, relay, resolve, session};

/// What every answer is.
type Answer = Response<Content>;

/// Everything behind the door that a request can need.
#[derive(Debug)]
pub struct Rooms {
    /// Who is it?
    pub chain: Chain,
    /// May they?
    pub policy: Policy,
    /// Where to?
    pub clusters: cluster::Registry,
    /// Which pod, where the path does not say?
    pub resolvers: resolve::Registry,
    /// Is there room?
    pub sessions: session::Registry,
    /// What every session's relay shares.
    pub relay: Relay,
    /// What answers where execgate has nothing to say.
    pub frontend: Option<Frontend>,
}

/// What relays run with.
#[derive(Debug, Clone)]
pub struct Relay {
    /// How long a session may last.
    pub settings: relay::Settings,
    /// The buffers that are lent to those sessions in which something moves.
    pub blocks: relay::BlockPool,
}

/// The front door: answers every request of every listener.
#[derive(Debug)]
pub struct Front {
    origins: Origins,
    token_cookie: Option<CookieName>,
    rooms: Rooms,
    routes: Routes,
    site: Option<Site>,
    /// What the last refused GETs were told.
    echo: Echo,
    /// What keeps the names in lists from those who are not shown them.
    seal: Arc<Seal>,
    /// Pages that are being told why they were refused.
    farewells: TaskTracker,
    /// How many look for their pod at once: each may read megabytes of lists, before anybody counts it as a session.
    finding: Semaphore,
}

/// Megabytes each; more wait their turn.
const FINDING_AT_ONCE: usize = 8;

impl Front {
    /// A door before these rooms. `links` log somebody in on the terminal page, if there is one; only the demo has any.
    pub fn new(settings: &Settings, rooms: Rooms, links: Vec<LoginLink>) -> Self {
        Self {
            origins: settings.origins.clone(),
            token_cookie: settings.token_cookie.clone(),
            rooms,
            routes: Routes::new(&settings.routes),
            site: Site::new(settings, links),
            echo: Echo::default(),
            seal: Arc::default(),
            farewells: TaskTracker::new(),
            finding: Semaphore::new(FINDING_AT_ONCE),
        }
    }

    /// Ends what the page's own server never ends. Call it when nothing new is to begin.
    pub fn stop(&self) {
        self.rooms.frontend.iter().for_each(Frontend::stop);
    }

    /// Waits until no page is being told anything. Call it once no connection is left.
    pub async fn all_told(&self) {
        self.farewells.close();
        self.farewells.wait().await;
        if let Some(frontend) = &self.rooms.frontend {
            frontend.stopped().await;
        }
    }

    /// Answers one request. The head, the origin and the path are judged before anything that the client claims to be.
    async fn answer(self: Arc<Self>, request: Request<Incoming>, peer: Peer) -> Answer {
        let found = self.routes.find(request.uri().path());
        if let Some(frontend) = self.frontend(&request, found.as_ref()) {
            let answer = frontend.answer(&self.rooms.chain, request, &peer).await;
            return answer.unwrap_or_else(|refused| refuse(&refused, &peer).to_answer());
        }
        match self.route(&request, found, &peer) {
            Ok(Route::Exec(entry)) => exec::answer(&self, entry, request, peer).await,
            Ok(Route::Read(route)) => read::answer(&self, route, request, peer).await,
            Ok(Route::Other) => match &self.site {
                Some(site) => site.answer(&self, request, &peer).await,
                None => refuse(&Refused::Nowhere, &peer).to_answer(),
            },
            Ok(Route::NoSuchApi) => refuse(&Refused::Nowhere, &peer).to_answer(),
            Err(refused) => refuse(&refused, &peer).to_answer(),
        }
    }

    /// Where a request goes that is the page's. On a route's address a page may stand too: what is no upgrade asks for that, unless it
    /// shows the token that the route looks for in the query, which is nobody else's.
    fn frontend(&self, request: &Request<Incoming>, found: Option<&Matched>) -> Option<&Frontend> {
        let frontend = self.rooms.frontend.as_ref()?;
        let is_its = match found {
            None => Frontend::has(request.uri().path()),
            Some(matched) => !handshake::is_upgrade(request.headers()) && !matched.has_token(request.uri()),
        };
        is_its.then_some(frontend)
    }

    fn route(
        &self,
        request: &Request<Incoming>,
        found: Option<Matched>,
        peer: &Peer,
    ) -> Result<Route, Refused> {
        connection::check_head(request.uri(), request.headers())?;
        self.origins.check(request.headers(), peer.scheme)?;
        match found {
            Some(matched) => Ok(Route::Exec(Entry::Routed(matched))),
            None => Ok(Route::parse(request.uri().path())?),
        }
    }
}

/// Whoever is refused, the log is told; what it says to whom is the journal's affair.
fn refuse(refused: &Refused, peer: &Peer) -> Refusal {
    journal::refused(refused, peer);
    Refusal::from(refused)
}
