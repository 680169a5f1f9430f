//! Execgate's standing with a cluster: what the API server is, whom it takes execgate's credential for, and what it lets it do.

use std::fmt;

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use http_body_util::Full;
use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use serde_json::{Value, json};
use tokio::time::Instant;

use super::{AnswerBody, Claims, Cluster, SendError, excerpt};
use crate::target::{ClusterName, Namespace};

/// What an API server says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Version {
    /// Such as `v1.36.3`.
    #[serde(deserialize_with = "on_one_line")]
    pub git_version: String,
    /// Such as `36`, or `36+` where the vendor changed something.
    #[serde(default)]
    minor: String,
}

/// Whom a cluster takes a credential for.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Identity {
    /// The name that RBAC judges, such as `system:serviceaccount:execgate:execgate`.
    #[serde(default, deserialize_with = "on_one_line")]
    pub username: String,
    /// Its groups.
    #[serde(default)]
    pub groups: Vec<String>,
}

/// Something that a cluster may let a credential do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    /// Such as `get`.
    pub verb: &'static str,
    /// The API group; the empty one is the core's.
    pub group: &'static str,
    /// Such as `pods` or `pods/exec`.
    pub resource: &'static str,
    /// Where; `None` for every namespace, and for what is in none.
    pub namespace: Option<Namespace>,
    /// On which object; `None` for all.
    pub name: Option<String>,
}

/// Why a cluster did not answer a question about execgate.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// There was no answer.
    #[error(transparent)]
    Send(#[from] SendError),
    /// It said no.
    #[error("the API server of cluster {cluster} refused {question} with {code}: {answer:?}")]
    Refused {
        /// The cluster.
        cluster: ClusterName,
        /// Method and path.
        question: String,
        /// The status code.
        code: u16,
        /// The answer's sentence.
        answer: String,
    },
    /// It answered as no API server does.
    #[error(
        "what stands at the address of cluster {cluster} does not answer as an API server: to {question} it said {code} with {content_type} and {answer:?}; check that server is the API server's own address, with no login page or proxy in between, and that it works"
    )]
    Foreign {
        /// The cluster.
        cluster: ClusterName,
        /// Method and path.
        question: String,
        /// The status code.
        code: u16,
        /// What it says that it sent.
        content_type: String,
        /// The beginning of that.
        answer: String,
    },
}

impl Version {
    /// Whether it is Kubernetes 1.`minor` or newer; what can't be read counts as newer.
    pub fn is_at_least(&self, minor: u32) -> bool {
        let digits = self.minor.trim_end_matches(|c: char| !c.is_ascii_digit());
        digits.parse::<u32>().map_or(true, |own| own >= minor)
    }
}

impl Access {
    /// That verb on a resource of the core group, everywhere.
    pub const fn new(verb: &'static str, resource: &'static str) -> Self {
        Self { verb, group: "", resource, namespace: None, name: None }
    }

    /// The same in one namespace.
    #[must_use]
    pub fn in_namespace(&self, namespace: &Namespace) -> Self {
        Self { namespace: Some(namespace.clone()), ..self.clone() }
    }

    /// The same on one object.
    #[must_use]
    pub fn named(&self, name: &str) -> Self {
        Self { name: Some(name.to_owned()), ..self.clone() }
    }

    fn attributes(&self) -> Value {
        let (resource, subresource) = self.resource.split_once('/').unwrap_or((self.resource, ""));
        json!({
            "namespace": self.namespace.as_ref().map_or("", Namespace::as_str),
            "verb": self.verb,
            "group": self.group,
            "resource": resource,
            "subresource": subresource,
            "name": self.name.as_deref().unwrap_or_default(),
        })
    }
}

impl fmt::Display for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} on {}", self.verb, self.resource)
    }
}

impl Cluster {
    /// What the API server is; `None` if it does not tell execgate.
    pub async fn version(&self) -> Result<Option<Version>, AskError> {
        match self.ask(Method::GET, "/version", None).await {
            Err(AskError::Refused { code: 403, .. }) => Ok(None),
            answer => answer.map(Some),
        }
    }

    /// Whom it takes execgate for; `None` if it can't say, as before Kubernetes 1.28.
    pub async fn identity(&self) -> Result<Option<Identity>, AskError> {
        let question = json!({"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"});
        match self.ask::<IdentityReview>(Method::POST, IDENTITY_PATH, Some(&question)).await {
            Ok(review) => Ok(Some(review.status.user_info)),
            Err(AskError::Refused { code: 403 | 404, .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Whether it lets execgate do that.
    pub async fn allows(&self, access: &Access) -> Result<bool, AskError> {
        let question = json!({
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": access.attributes()},
        });
        let review: AccessReview = self.ask(Method::POST, ACCESS_PATH, Some(&question)).await?;
        Ok(review.status.allowed)
    }

    /// What the token says of itself; `None` if there is none, or if it is no JWT.
    pub async fn claims(&self) -> Option<Claims> {
        Claims::of(&self.authorization().await?)
    }

    async fn ask<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &'static str,
        body: Option<&Value>,
    ) -> Result<T, AskError> {
        let question = format!("{method} {path}");
        let answer = self.send(request(method, path, body)).await?;
        let (head, body) = head_and_body(answer, Instant::now() + self.settings().connect_timeout).await;
        let cluster = || self.name().clone();
        if let Some(answer) = Some(&body).filter(|_| head.status.is_success())
            && let Ok(answer) = serde_json::from_slice(answer)
        {
            return Ok(answer);
        }
        let code = head.status.as_u16();
        if is_status(&head, &body) {
            return Err(AskError::Refused { cluster: cluster(), question, code, answer: excerpt(&body) });
        }
        let content_type = head.headers.get(header::CONTENT_TYPE);
        let lossy = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let content_type = content_type.map_or_else(|| "no Content-Type".to_owned(), lossy);
        Err(AskError::Foreign { cluster: cluster(), question, code, content_type, answer: excerpt(&body) })
    }
}

/// A text that goes to a terminal: whatever answers in an API server's place writes nothing else there.
fn on_one_line<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    Ok(text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect())
}

#[derive(Deserialize)]
struct IdentityReview {
    status: IdentityStatus,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct IdentityStatus {
    user_info: Identity,
}

#[derive(Deserialize)]
struct AccessReview {
    status: AccessStatus,
}

#[derive(Deserialize)]
struct AccessStatus {
    #[serde(default)]
    allowed: bool,
}

const IDENTITY_PATH: &str = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
const ACCESS_PATH: &str = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";

fn request(method: Method, path: &'static str, body: Option<&Value>) -> Request<Full<Bytes>> {
    let json = HeaderValue::from_static("application/json");
    let mut request = Request::new(Full::from(body.map(Value::to_string).unwrap_or_default()));
    *request.method_mut() = method;
    *request.uri_mut() = path.parse().expect("a constant path");
    request.headers_mut().insert(header::ACCEPT, json.clone());
    if body.is_some() {
        request.headers_mut().insert(header::CONTENT_TYPE, json);
    }
    request
}

async fn head_and_body(answer: Response<AnswerBody>, deadline: Instant) -> (http::response::Parts, Bytes) {
    let (head, body) = answer.into_parts();
    (head, body.beginning(deadline).await)
}

/// The API server's own refusals are Status objects; whatever else fails with a code is something in between.
fn is_status(head: &http::response::Parts, body: &[u8]) -> bool {
    let is_refusal = head.status.is_client_error() || head.status.is_server_error();
    let status = crate::protocol::Status::parse(body);
    is_refusal
        && (status.is_some_and(|status| status.kind.as_deref() == Some("Status"))
            || (head.status == StatusCode::NOT_FOUND && body.starts_with(b"404 page not found")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_compared_by_its_minor_number_whatever_the_vendor_adds() {
        let version = |minor: &str| Version { git_version: "v1".to_owned(), minor: minor.to_owned() };
        assert!(version("35").is_at_least(35) && version("36+").is_at_least(35));
        assert!(!version("34").is_at_least(35) && !version("9").is_at_least(35));
        assert!(version("").is_at_least(35) && version("x").is_at_least(35));
    }

    #[test]
    fn what_is_shown_of_an_answer_writes_nothing_else_on_the_terminal() {
        let identity: Identity = serde_json::from_str(r#"{"username": "a\u001b[31m\nb"}"#).unwrap();
        assert_eq!(identity.username, "a [31m b");
        let version: Version = serde_json::from_str(r#"{"gitVersion": "v1\r"}"#).unwrap();
        assert_eq!(version.git_version, "v1 ");
    }
}
