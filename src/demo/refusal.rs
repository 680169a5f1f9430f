//! Every answer that is not a 101, in Kubernetes' words: Status bodies from the API server, plain text from what is behind it.

use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use http::{Response, StatusCode};
use http_body_util::Full;

use super::settings::Fault;
use crate::protocol::Status;

/// The answer that an HTTP client gets.
pub(super) type Answer = Response<Full<Bytes>>;

/// The address that the kubelet would have; nothing ever dials it.
const NODE: &str = "127.0.0.1:10250";

/// The API server refuses by itself: a `metav1.Status`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal(Box<Status>);

impl Refusal {
    /// 401: nobody is told why.
    pub(super) fn unauthorized() -> Self {
        Self::from(Status::refusal(401, "Unauthorized", "Unauthorized"))
    }

    /// 403 about an object of that kind (`pods`, `users`), or about all if the name is empty; `why` follows the colon and may be
    /// empty.
    pub(super) fn forbidden(kind: &str, name: &str, why: &str) -> Self {
        let what = if name.is_empty() { kind.to_owned() } else { format!("{kind} {name:?}") };
        let mut status =
            Status::refusal(403, "Forbidden", format!("{what} is forbidden: {why}")).about(kind, name);
        if let Some(details) = status.details.as_mut().filter(|_| name.is_empty()) {
            details.name = None;
        }
        Self::from(status)
    }

    /// 406.
    pub(super) fn not_acceptable() -> Self {
        let message = "only the following media types are accepted: application/json";
        Self::from(Status::refusal(406, "NotAcceptable", message))
    }

    /// 404 for an object of that kind (`pods`, `nodes`).
    pub(super) fn not_found(kind: &str, name: &str) -> Self {
        let message = format!("{kind} {name:?} not found");
        Self::from(Status::refusal(404, "NotFound", message).about(kind, name))
    }

    /// 404 for a path that is no resource.
    pub(super) fn no_such_resource() -> Self {
        let message = "the server could not find the requested resource";
        Self::from(Status::refusal(404, "NotFound", message))
    }

    /// 405 for a method that a resource does not have.
    pub(super) fn no_such_method() -> Self {
        let message = "the server does not allow this method on the requested resource";
        Self::from(Status::refusal(405, "MethodNotAllowed", message))
    }

    /// 400.
    pub(super) fn bad_request(message: impl Into<String>) -> Self {
        Self::from(Status::refusal(400, "BadRequest", message))
    }

    /// 500 as the proxying part of the API server writes it: without a reason.
    fn without_reason(message: String) -> Self {
        let mut status = Status::refusal(500, "", message);
        status.reason = None;
        Self::from(status)
    }

    /// As an HTTP answer.
    pub(super) fn into_answer(self) -> Answer {
        let code = self.0.code.and_then(|code| StatusCode::from_u16(code).ok());
        json(code.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR), self.0.to_json())
    }
}

impl From<Status> for Refusal {
    fn from(status: Status) -> Self {
        Self(Box::new(status))
    }
}

/// A JSON answer.
pub(super) fn json(code: StatusCode, body: Vec<u8>) -> Answer {
    let mut answer = Response::new(Full::new(Bytes::from(body)));
    *answer.status_mut() = code;
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    answer
}

/// What can go wrong behind the API server: a refusal before the 101 where bytes are copied, a status on channel 3 after it where
/// a translator has already answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Trouble {
    /// The node does not answer.
    Unreachable,
    /// The kubelet or the runtime refuses, as plain text.
    Text {
        /// The status code.
        code: StatusCode,
        /// What it says.
        body: String,
    },
    /// The kubelet answers with a redirect, which nobody follows.
    Redirect,
}

impl Trouble {
    /// Plain text of that code.
    pub(super) fn text(code: StatusCode, body: impl Into<String>) -> Self {
        Self::Text { code, body: body.into() }
    }

    /// The container exists in the spec only.
    pub(super) fn container_not_running(container: &str) -> Self {
        let body = format!("container not found ({container:?})");
        Self::text(StatusCode::INTERNAL_SERVER_ERROR, body)
    }

    /// What `fault` breaks behind the API server; `None` for those that the API server notices itself.
    pub(super) fn of(fault: Fault, container: &str) -> Option<Self> {
        let (code, body) = match fault {
            Fault::AdmissionRefuses | Fault::NodeMissing => return None,
            Fault::NodeUnreachable => return Some(Self::Unreachable),
            Fault::KubeletRedirects => return Some(Self::Redirect),
            Fault::KubeletUnauthorized => (StatusCode::UNAUTHORIZED, "Unauthorized".to_owned()),
            Fault::KubeletForbidden => (StatusCode::FORBIDDEN, KUBELET_FORBIDS.to_owned()),
            Fault::KubeletLacksPod => (StatusCode::NOT_FOUND, "pod does not exist".to_owned()),
            Fault::RuntimeLacksContainer => (
                StatusCode::NOT_FOUND,
                format!(
                    "rpc error: code = NotFound desc = an error occurred when try to find container {container:?}: not found"
                ),
            ),
            Fault::RuntimeBusy => (StatusCode::TOO_MANY_REQUESTS, RUNTIME_BUSY.to_owned()),
        };
        Some(Self::text(code, body))
    }

    /// The answer where the API server copies bytes. The connection ends with it.
    pub(super) fn into_answer(self) -> Answer {
        let (code, body) = match self {
            Self::Unreachable => {
                let message = format!("error dialing backend: {}", refused_dial());
                return Refusal::without_reason(message).into_answer();
            }
            Self::Redirect => {
                let message = "invalid upgrade response: status code 302".to_owned();
                return Refusal::without_reason(message).into_answer();
            }
            Self::Text { code, body } => (code, body),
        };
        let mut answer = Response::new(Full::new(Bytes::from(format!("{body}\n"))));
        *answer.status_mut() = code;
        let headers = answer.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
        headers.insert(CONNECTION, HeaderValue::from_static("close"));
        if code == StatusCode::TOO_MANY_REQUESTS {
            headers.insert(RETRY_AFTER, HeaderValue::from_static("60"));
        }
        answer
    }

    /// What a translator says of it, after `Internal error occurred: `. `node_path` is the kubelet's path with the query, which
    /// it tells as the real one does.
    pub(super) fn late_message(&self, node_path: &str) -> String {
        match self {
            Self::Unreachable => {
                format!("error sending request: Post \"https://{NODE}{node_path}\": {}", refused_dial())
            }
            Self::Redirect => {
                format!("error sending request: Post \"https://{NODE}{node_path}\": redirect not allowed")
            }
            Self::Text { body, .. } => format!("unable to upgrade connection: {body}"),
        }
    }
}

/// Go's words for a port where nobody listens.
fn refused_dial() -> String {
    format!("dial tcp {NODE}: connect: connection refused")
}

const KUBELET_FORBIDS: &str =
    "Forbidden (user=kube-apiserver-kubelet-client, verb=get, resource=nodes, subresource(s)=[proxy])";
const RUNTIME_BUSY: &str =
    "rpc error: code = ResourceExhausted desc = maximum number of in-flight requests exceeded";
