//! What the door shows besides exec when somebody is to try it: the page, its login, and the list of what there is to pick from.
//! Only the demo has a site; a gate in front of other people's pages has none.

use http::{HeaderMap, HeaderValue, Method, StatusCode, header, request::Parts};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Serialize;
use subtle::ConstantTimeEq as _;

use super::connection::Peer;
use super::origin::Scheme;
use super::refusal::{Refusal, Refused};
use super::request::RequestError;
use super::{Answer, Content, Front};
use crate::identity::{CookieName, Presented, Principal};
use crate::target::{ClusterName, ContainerName, Namespace, PodName};

/// The site of one process.
#[derive(Debug)]
pub struct Site {
    /// The cookie that a login sets; the front door must read the same one.
    pub cookie: CookieName,
    /// Who can log in by opening a URL.
    pub logins: Vec<Login>,
    /// What there is to pick from.
    pub clusters: Vec<SiteCluster>,
    /// Commands to propose.
    pub commands: Vec<String>,
}

/// `GET /login?code=CODE` makes a browser show `token` from then on. The code is not the token, so that what stays in a browser's
/// history is worth nothing once this process has ended.
#[derive(Debug)]
pub struct Login {
    /// What stands in the URL.
    pub code: SecretString,
    /// What the cookie then carries.
    pub token: SecretString,
}

/// One cluster to pick.
#[derive(Debug)]
pub struct SiteCluster {
    /// Its name.
    pub name: ClusterName,
    /// Its pods.
    pub pods: Vec<SitePod>,
}

/// One pod to pick.
#[derive(Debug)]
pub struct SitePod {
    /// Its namespace.
    pub namespace: Namespace,
    /// Its name.
    pub name: PodName,
    /// Its containers.
    pub containers: Vec<ContainerName>,
}

/// `GET /targets` as the page reads it.
#[derive(Serialize)]
struct TargetsJson<'a> {
    user: &'a str,
    groups: &'a [String],
    clusters: Vec<ClusterJson<'a>>,
    commands: &'a [String],
}

#[derive(Serialize)]
struct ClusterJson<'a> {
    name: &'a str,
    pods: Vec<PodJson<'a>>,
}

#[derive(Serialize)]
struct PodJson<'a> {
    namespace: &'a str,
    name: &'a str,
    containers: Vec<&'a str>,
}

impl Site {
    /// Answers a request that is not for the API.
    pub(super) fn answer(&self, front: &Front, parts: &Parts, peer: &Peer) -> Answer {
        if !matches!(parts.method, Method::GET | Method::HEAD) {
            let method = parts.method.clone();
            let error = RequestError::Method { method };
            return Refusal::from(&Refused::from(error)).to_answer();
        }
        match parts.uri.path() {
            "/login" => self.login(parts.uri.query().unwrap_or(""), peer.scheme),
            "/targets" => match who(front, &parts.headers) {
                Ok(principal) => self.targets(&principal),
                Err(refused) => Refusal::from(&refused).to_answer(),
            },
            path => page_file(path, &parts.headers)
                .unwrap_or_else(|| Refusal::from(&Refused::Nowhere).to_answer()),
        }
    }

    /// Each code is compared in constant time.
    fn login(&self, query: &str, scheme: Scheme) -> Answer {
        let shown = query.strip_prefix("code=").unwrap_or("");
        let is_it = |login: &&Login| login.code.expose_secret().as_bytes().ct_eq(shown.as_bytes()).into();
        let found = self.logins.iter().find(is_it);
        found.map_or_else(wrong_code, |login| self.logged_in(&login.token, scheme))
    }

    fn logged_in(&self, token: &SecretString, scheme: Scheme) -> Answer {
        let secure = match scheme {
            Scheme::Http => "",
            Scheme::Https => "; Secure",
        };
        let cookie =
            format!("{}={}; HttpOnly; SameSite=Strict; Path=/{secure}", self.cookie, token.expose_secret());
        let mut cookie = HeaderValue::try_from(cookie).expect("the demo's tokens are hexadecimal digits");
        cookie.set_sensitive(true);
        let mut answer = Answer::new(Content::empty());
        *answer.status_mut() = StatusCode::SEE_OTHER;
        let headers = answer.headers_mut();
        headers.insert(header::SET_COOKIE, cookie);
        headers.insert(header::LOCATION, HeaderValue::from_static("/"));
        headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        answer
    }

    fn targets(&self, principal: &Principal) -> Answer {
        let targets = TargetsJson {
            user: principal.user(),
            groups: principal.groups(),
            clusters: self.clusters.iter().map(ClusterJson::from).collect(),
            commands: &self.commands,
        };
        let json = serde_json::to_vec(&targets).expect("only text and lists");
        let mut answer = Answer::new(Content::from(json));
        let headers = answer.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        answer
    }
}

impl<'a> From<&'a SiteCluster> for ClusterJson<'a> {
    fn from(cluster: &'a SiteCluster) -> Self {
        let pods = cluster.pods.iter().map(|pod| PodJson {
            namespace: pod.namespace.as_str(),
            name: pod.name.as_str(),
            containers: pod.containers.iter().map(ContainerName::as_str).collect(),
        });
        Self { name: cluster.name.as_str(), pods: pods.collect() }
    }
}

/// The list is for those who are known; what a stranger may see is the page alone.
fn who(front: &Front, headers: &HeaderMap) -> Result<Principal, Refused> {
    let presented =
        Presented::from_parts(headers, None, front.token_cookie.as_ref()).map_err(RequestError::from)?;
    Ok(front.rooms.chain.authenticate(&presented)?)
}

#[cfg(feature = "demo")]
fn page_file(path: &str, headers: &HeaderMap) -> Option<Answer> {
    super::page::serve(path, headers).map(|answer| answer.map(Content::Whole))
}

/// Only the demo's build has the page in it.
#[cfg(not(feature = "demo"))]
fn page_file(_: &str, _: &HeaderMap) -> Option<Answer> {
    None
}

fn wrong_code() -> Answer {
    let words = "This login link is not valid. Open the one that execgate printed when it started.\n";
    let mut answer = Answer::new(Content::from(words));
    *answer.status_mut() = StatusCode::FORBIDDEN;
    let text = HeaderValue::from_static("text/plain; charset=utf-8");
    answer.headers_mut().insert(header::CONTENT_TYPE, text);
    answer
}
