//! One of two clusters is gone, and the other goes on.

use super::guest::{Guest, Kind};
use crate::support::ask::{Ask, Serves};
use crate::support::gate::Gate;
use crate::support::node::{Node, Part, beta};
use crate::support::session::Session;
use crate::support::setup::Setup;

/// Long enough that a cluster dies in the middle.
const OUTPUT: usize = 50_000_000;

async fn stream(gate: &impl Serves) -> Session {
    let script = format!("read x; head -c {OUTPUT} /dev/zero | tr '\\0' x; exit 5");
    Ask::script(gate, &script).of_cluster("beta").offer("v4.channel.k8s.io").open().await
}

#[tokio::test]
async fn a_dead_cluster_takes_no_byte_and_no_echo_from_the_other() {
    let alpha = Node::start("alpha");
    let gate = Gate::start(Setup::new().node(&alpha).node(beta())).await;
    let mut theirs = Vec::new();
    let mut ours = Vec::new();
    for kind in Kind::ALL {
        theirs.push(kind.come_to(&gate, "alpha").await);
        ours.push(kind.come_to(&gate, "beta").await);
    }
    let mut session = stream(&gate).await;
    session.type_in("go\n").await;
    let streaming = tokio::spawn(async move { session.transcript().await });
    alpha.kill(Part::ApiServer);
    echo(&mut ours).await;
    for guest in theirs {
        guest.last_words().await.says_cut("the cluster ended the connection without a status; connect again");
    }
    let transcript = streaming.await.expect("it streams");
    assert_eq!((transcript.stdout.len(), transcript.close()), (OUTPUT, (1000, "exit code 5")));
    assert!(transcript.stdout.iter().all(|byte| *byte == b'x'));
    drop(alpha);
    echo(&mut ours).await;
    ours.push(Kind::Page.come_to(&gate, "beta").await);
    echo(&mut ours).await;
    let words = "cluster \"alpha\" cannot be reached; try again later, or tell your administrator";
    Kind::Page.fail(&gate).await.says(1011, words);
}

async fn echo(guests: &mut [Guest]) {
    for guest in guests {
        guest.is_echoed().await;
    }
}
