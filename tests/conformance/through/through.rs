//! execgate before a cluster: what it promises its clients, whatever the cluster does. A module per promise.

mod attached;
mod commands;
mod leaving;
mod limits;
mod messages;
mod offers;
mod pages;
mod programs;
mod terminal_sizes;
mod violations;

use std::ops::Deref;

use crate::straight::{BASE64, CHANNEL, V4, V4_BASE64, V5, name, until_told};
use crate::subject::{Cluster, cluster};
use crate::support::ask::{Ask, Door, Serves};
use crate::support::gate::Gate;
use crate::support::session::Transcript;
use crate::support::setup::Setup;

/// What clients offer; the empty one sends no header at all.
const OFFERS: [&str; 7] = ["", CHANNEL, BASE64, V4, V4_BASE64, V5, "v5.channel.k8s.io, v4.channel.k8s.io"];

/// A gate, and the cluster behind it.
pub(crate) struct Front {
    gate: Gate,
    _cluster: Cluster,
}

/// Before a cluster with nothing special.
async fn gate() -> Front {
    gate_with("{}").await
}

/// The same with this under `sessions`.
async fn gate_with(sessions: &str) -> Front {
    gate_before(cluster().await, |setup| setup.sessions(sessions)).await
}

/// Before this cluster, set up further.
async fn gate_before(cluster: Cluster, change: impl FnOnce(Setup) -> Setup) -> Front {
    let setup = change(Setup::new().behind("alpha", &cluster.door()));
    Front { gate: Gate::start(setup).await, _cluster: cluster }
}

impl Serves for Front {
    fn door(&self) -> Door {
        self.gate.door()
    }
}

impl Deref for Front {
    type Target = Gate;

    fn deref(&self) -> &Gate {
        &self.gate
    }
}

/// Offers that, or nothing.
fn offering(ask: Ask, offer: &str) -> Ask {
    if offer.is_empty() { ask } else { ask.offer(offer) }
}

/// What the client is told of an exit code, in the form that its subprotocol has for it.
fn assert_exit(transcript: &Transcript, offer: &str, code: i32) {
    assert_eq!(transcript.close(), (1000, format!("exit code {code}").as_str()), "{offer}");
    match (offer, code) {
        ("" | CHANNEL | BASE64, 0) => assert!(transcript.statuses.is_empty(), "{offer}: {transcript:?}"),
        ("" | CHANNEL | BASE64, _) => {
            let told = transcript.statuses.concat();
            assert!(
                told.ends_with(&format!("exit code {code}")) && !told.starts_with('{'),
                "{offer}: {told}"
            );
        }
        (_, 0) => assert_eq!(transcript.status()["status"], "Success", "{offer}"),
        _ => {
            let status = transcript.status();
            assert_eq!(status["reason"], "NonZeroExitCode", "{offer}");
            assert_eq!(status["details"]["causes"][0]["message"], code.to_string(), "{offer}");
        }
    }
}

/// Lets a script go on that waits with `until_told(name)`.
async fn tell(server: &impl Serves, name: &str) {
    let transcript = Ask::script(server, &format!("touch {name}")).offer(V4).open().await.transcript().await;
    assert_exit(&transcript, V4, 0);
}
