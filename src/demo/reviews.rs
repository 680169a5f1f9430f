//! What a client may ask about itself by POST: who it is taken for, and whether it may do something.

use bytes::Bytes;
use http::request::Parts;
use http::{Method, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};

use super::access::Caller;
use super::rbac::Attributes;
use super::refusal::{Answer, Refusal, json};
use super::state::State;

/// The longest question that is read, in bytes.
pub(super) const BODY_LIMIT: usize = 64 * 1024;

/// A question that is asked by POST.
#[derive(Debug, Clone, Copy)]
pub(super) enum Review {
    /// `SelfSubjectReview`.
    WhoAmI,
    /// `SelfSubjectAccessReview`.
    MayI,
}

/// As much of a `SelfSubjectAccessReview` as is judged.
#[derive(Deserialize)]
struct Question {
    spec: Spec,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Spec {
    resource_attributes: Attributes,
}

impl Review {
    /// The question that a request asks, if it asks one.
    pub(super) fn asked(head: &Parts) -> Option<Self> {
        match (&head.method, head.uri.path()) {
            (&Method::POST, "/apis/authentication.k8s.io/v1/selfsubjectreviews") => Some(Self::WhoAmI),
            (&Method::POST, "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews") => Some(Self::MayI),
            _ => None,
        }
    }

    /// Answers it: 201, for it is a creation in form.
    pub(super) fn answer(self, state: &State, caller: &Caller, body: &Bytes) -> Result<Answer, Refusal> {
        let asked: Value = serde_json::from_slice(body).map_err(|_| Refusal::bad_request(NO_JSON))?;
        let answer = match self {
            Self::WhoAmI => who_am_i(caller),
            Self::MayI => may_i(state, asked)?,
        };
        Ok(json(StatusCode::CREATED, answer.to_string().into_bytes()))
    }
}

fn who_am_i(caller: &Caller) -> Value {
    json!({
        "kind": "SelfSubjectReview",
        "apiVersion": "authentication.k8s.io/v1",
        "metadata": {"creationTimestamp": "2026-01-01T00:00:00Z"},
        "status": {"userInfo": {"username": caller.user, "groups": caller.groups}},
    })
}

fn may_i(state: &State, mut asked: Value) -> Result<Value, Refusal> {
    let Question { spec } = Question::deserialize(&asked).map_err(|_| Refusal::bad_request(NO_ATTRIBUTES))?;
    asked["status"] = if state.allows(&spec.resource_attributes) {
        json!({"allowed": true, "reason": ALLOWED})
    } else {
        json!({"allowed": false})
    };
    Ok(asked)
}

const ALLOWED: &str = "RBAC: allowed by ClusterRoleBinding \"execgate\" of ClusterRole \"execgate\" to ServiceAccount \"execgate/default\"";
const NO_JSON: &str = "the object provided is unrecognized (must be of type SelfSubjectAccessReview)";
const NO_ATTRIBUTES: &str = "SelfSubjectAccessReview.authorization.k8s.io \"\" is invalid: spec.resourceAttributes: Invalid value: exactly one of nonResourceAttributes or resourceAttributes must be specified";
