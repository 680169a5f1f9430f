//! From a request's head to its answer, in the API server's order of checks.

use std::sync::Arc;

use bytes::Bytes;
use http::Method;
use http::request::Parts;

use super::access::{Caller, admit};
use super::catalog;
use super::handshake::{wants_upgrade, wants_websocket};
use super::pods::{Phase, Pod};
use super::query::{DryRun, ExecQuery};
use super::rbac::Attributes;
use super::refusal::Refusal;
use super::reviews::Review;
use super::settings::Fault;
use super::state::State;
use super::visit::{Reply, Visit};
use crate::target::Verb;

/// Judges one request. `body` is that of a review; nothing else that is asked has one.
pub(super) fn reply(state: &Arc<State>, head: &Parts, body: &Bytes) -> Reply {
    state.journal.note(head);
    let caller = match admit(&head.headers, state) {
        Ok(caller) => caller,
        Err(refusal) => return Reply::Answer(refusal.into_answer()),
    };
    if let Some(review) = Review::asked(head) {
        let answer = review.answer(state, &caller, body);
        return Reply::Answer(answer.unwrap_or_else(Refusal::into_answer));
    }
    let segments: Vec<&str> = head.uri.path().split('/').skip(1).collect();
    let outcome = match *segments {
        ["api", "v1", "namespaces", namespace, "pods", pod, verb @ ("exec" | "attach")] => {
            let verb = if verb == "exec" { Verb::Exec } else { Verb::Attach };
            let place = Place { namespace, pod, verb };
            stream(state, head, &caller, &place)
        }
        _ if head.method != Method::GET => Err(Refusal::no_such_method()),
        _ => catalog::read(state, head, &segments, &caller).map(Reply::Answer),
    };
    outcome.unwrap_or_else(|refusal| Reply::Answer(refusal.into_answer()))
}

/// What an exec or attach path names.
struct Place<'a> {
    namespace: &'a str,
    pod: &'a str,
    verb: Verb,
}

fn stream(state: &State, head: &Parts, caller: &Caller, place: &Place<'_>) -> Result<Reply, Refusal> {
    let verb = match head.method {
        Method::GET => "get",
        Method::POST => "create",
        _ => return Err(Refusal::no_such_method()),
    };
    let asked = place.attributes(verb);
    if !state.allows(&asked) {
        return Err(Refusal::forbidden("pods", place.pod, &asked.not_allowed(&caller.user)));
    }
    let query = ExecQuery::parse(head.uri.query().unwrap_or_default());
    if query.dry_run == DryRun::Asked {
        return Err(Refusal::bad_request("dryRun is not supported"));
    }
    if state.fault() == Some(Fault::AdmissionRefuses) {
        return Err(Refusal::forbidden("pods", place.pod, ADMISSION));
    }
    if verb == "get" && wants_websocket(&head.headers) && !state.allows(&place.attributes("create")) {
        return Err(Refusal::forbidden("pods", place.pod, ""));
    }
    let pod =
        state.pods.find(place.namespace, place.pod).ok_or_else(|| Refusal::not_found("pods", place.pod))?;
    let container = choose_container(pod, query.container.as_deref())?;
    if pod.phase == Phase::Pending {
        let message = format!("pod {} does not have a host assigned", pod.name);
        return Err(Refusal::bad_request(message));
    }
    if state.fault() == Some(Fault::NodeMissing) {
        return Err(Refusal::not_found("nodes", "node-1"));
    }
    if !wants_upgrade(&head.headers) {
        return Err(Refusal::bad_request("Upgrade request required"));
    }
    if head.method == Method::POST || !wants_websocket(&head.headers) {
        return Err(Refusal::bad_request(NO_SPDY));
    }
    let visit = Visit {
        state,
        head,
        offer: &caller.offer,
        query,
        namespace: place.namespace,
        verb: place.verb,
        pod,
        container,
    };
    Ok(visit.upgrade())
}

impl Place<'_> {
    fn attributes(&self, verb: &str) -> Attributes {
        Attributes::new(verb, &format!("pods/{}", self.verb.as_str()), self.namespace, self.pod)
    }
}

/// The container that was named, or the only one; its name.
fn choose_container(pod: &Pod, wanted: Option<&str>) -> Result<&'static str, Refusal> {
    let names: Vec<&'static str> = pod.containers.iter().map(|container| container.name).collect();
    match (wanted, names.as_slice()) {
        (Some(wanted), all) => all.iter().find(|name| **name == wanted).copied().ok_or_else(|| {
            Refusal::bad_request(format!("container {wanted} is not valid for pod {}", pod.name))
        }),
        (None, [only]) => Ok(only),
        (None, all) => Err(Refusal::bad_request(format!(
            "a container name must be specified for pod {}, choose one of: [{}]",
            pod.name,
            all.join(" ")
        ))),
    }
}

const ADMISSION: &str = "admission webhook \"exec.execgate.demo\" denied the request: not today";
const NO_SPDY: &str = "this server speaks exec over WebSocket only: use GET with Upgrade: websocket";
