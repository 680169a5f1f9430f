//! The clusters themselves: two at once, apart from each other, with pods of every kind.

use crate::support::ask::Ask;
use crate::support::gate::Gate;
use crate::support::node::{alpha, beta};
use crate::support::setup::Setup;

#[tokio::test]
async fn two_clusters_run_at_once_and_one_gate_reaches_both() {
    let gate = Gate::start(Setup::new().node(alpha()).node(beta())).await;
    for cluster in ["alpha", "beta"] {
        let ask = Ask::script(&gate, "echo $0; exit 7").of_cluster(cluster).offer("v4.channel.k8s.io");
        let transcript = ask.open().await.transcript().await;
        assert_eq!((transcript.text().as_str(), transcript.close()), ("sh\n", (1000, "exit code 7")));
    }
}

#[test]
fn each_cluster_has_an_authority_of_its_own() {
    assert_ne!(alpha().ca_pem(), beta().ca_pem());
    assert_ne!(alpha().server(), beta().server());
}
