//! A cluster's exec, asked without anything between: sections 2 to 6 of the protocol, a module per promise.

pub(crate) mod attach;
mod credentials;
mod encoding;
mod endings;
mod frames;
mod half_close;
mod negotiation;
mod node;
mod reader;
mod refusals;
mod rights;
pub(crate) mod sizes;
mod statuses;
mod terminals;
mod translator;

use crate::subject::Cluster;
use crate::support::ask::{Answer, Ask, PIPES, Serves};
use crate::support::session::Session;

pub(crate) const CHANNEL: &str = "channel.k8s.io";
pub(crate) const BASE64: &str = "base64.channel.k8s.io";
pub(crate) const V4: &str = "v4.channel.k8s.io";
pub(crate) const V4_BASE64: &str = "v4.base64.channel.k8s.io";
pub(crate) const V5: &str = "v5.channel.k8s.io";

/// Everything that is spoken.
pub(crate) const OFFERS: [&str; 5] = [CHANNEL, BASE64, V4, V4_BASE64, V5];

/// A close frame as servers send it: 1000, no reason.
pub(crate) const CLOSE: [u8; 4] = [0x88, 2, 3, 0xe8];

/// What RBAC gives an account on `pods/exec` and `pods/attach`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rights {
    Nothing,
    Get,
    Create,
    /// Nothing, but it may speak for others.
    Impersonate,
}

/// A command with its streams in web-0, which has said that it is connected.
async fn connected(server: &impl Serves, command: &str, offer: &str) -> Session {
    let mut session = Ask::exec(server, &format!("{command}&{PIPES}")).offer(offer).open().await;
    assert!(session.heard().await.1.is_empty(), "the first message is empty");
    session
}

/// The API server's own refusal.
fn assert_status(answer: &Answer, code: u16, reason: Option<&str>, message: &str) {
    let status = answer.json();
    assert_eq!(answer.code(), code, "{answer:?}");
    assert_eq!((&status["kind"], &status["apiVersion"]), (&"Status".into(), &"v1".into()), "{answer:?}");
    assert_eq!((&status["status"], &status["code"]), (&"Failure".into(), &code.into()), "{answer:?}");
    assert_eq!(status["reason"].as_str(), reason, "{answer:?}");
    assert_eq!(status["message"], message);
    assert_eq!(answer.header("content-type"), Some("application/json"));
}

/// A refusal of whoever is behind it.
fn assert_text(answer: &Answer, code: u16, body: &str) {
    assert_eq!((answer.code(), answer.body.as_str()), (code, body), "{answer:?}");
    assert_eq!(answer.header("content-type"), Some("text/plain; charset=utf-8"));
}

/// Lets a script go on that waits with `until_told(name)`.
async fn tell(cluster: &Cluster, name: &str) {
    let done = Ask::script(cluster, &format!("touch {name}")).offer(V4).open().await.transcript().await;
    assert_eq!(done.statuses.len(), 1);
}

/// Shell for: wait for `tell`, a minute at most: what waits may outlive its test, and its test's directory.
pub(crate) fn until_told(name: &str) -> String {
    format!("n=0; while [ ! -e {name} ] && [ $((n += 1)) -lt 3000 ]; do sleep 0.02; done")
}

/// A file name that no other test uses: on a real cluster all share their containers.
pub(crate) fn name() -> String {
    format!("told-{:016x}", rand::random::<u64>())
}
