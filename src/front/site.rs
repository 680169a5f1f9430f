//! What the door shows besides the API: the terminal page, its login, and the lists of what there is to choose from.

mod cookie;
mod login;
mod roster;
mod targets;

pub(super) use login::LoginError;
pub use login::LoginLink;
pub(super) use roster::RosterError;

use http::{HeaderMap, Method, Request};
use hyper::body::Incoming;

use super::connection::Peer;
use super::content::Content;
use super::refusal::Refused;
use super::request::RequestError;
use super::{Answer, Front, PageSettings, Settings, origin, page, refuse};
use crate::identity::{CookieName, Presented, Principal};

/// The site of one process.
#[derive(Debug)]
pub(super) struct Site {
    page: PageSettings,
    /// The cookie that a login sets.
    cookie: CookieName,
    /// Who can log in by opening a URL.
    links: Vec<LoginLink>,
}

impl Site {
    /// The site that `settings` ask for. A page can't send a header with a WebSocket: without a cookie there is none.
    pub(super) fn new(settings: &Settings, links: Vec<LoginLink>) -> Option<Self> {
        let (page, cookie) = settings.page.clone().zip(settings.token_cookie.clone())?;
        Some(Self { page, cookie, links })
    }

    /// Answers a request that is not for the API.
    pub(super) async fn answer(&self, front: &Front, request: Request<Incoming>, peer: &Peer) -> Answer {
        let answer = match (request.method(), request.uri().path()) {
            (&Method::POST, "/login") => self.log_in(front, request, peer).await,
            (&Method::POST, "/logout") => self.log_out(request.headers(), peer),
            (&Method::GET | &Method::HEAD, path) => self.show(front, path, &request, peer).await,
            (method, _) => Err(RequestError::Method { method: method.clone() }.into()),
        };
        answer.unwrap_or_else(|refused| refuse(&refused, peer).to_answer())
    }

    async fn show(
        &self,
        front: &Front,
        path: &str,
        request: &Request<Incoming>,
        peer: &Peer,
    ) -> Result<Answer, Refused> {
        let headers = request.headers();
        if let Some(cluster) = path.strip_prefix("/targets/") {
            return targets::of_cluster(front, who(front, headers)?, cluster, peer).await;
        }
        match path {
            "/login" => self.follow_link(request.uri().query().unwrap_or_default(), peer.scheme),
            "/targets" => Ok(self.targets(front, &who(front, headers)?)),
            _ => page::serve(path, headers).map(|file| file.map(Content::Whole)).ok_or(Refused::Nowhere),
        }
    }
}

/// The lists are for those who are known; what a stranger may see is the page alone.
fn who(front: &Front, headers: &HeaderMap) -> Result<Principal, Refused> {
    origin::check_fetch(headers)?;
    let presented =
        Presented::from_parts(headers, None, front.token_cookie.as_ref()).map_err(RequestError::from)?;
    Ok(front.rooms.chain.authenticate(&presented)?)
}
