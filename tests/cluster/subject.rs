//! Real Kubernetes, set up as each test of the conformance suite needs it.

use std::path::Path;
use std::sync::OnceLock;

use crate::straight::Rights;
use crate::support::ask::{Door, Serves};
use crate::support::node::{Node, Part, alpha};

/// A cluster that a test asks.
pub(crate) struct Cluster {
    door: Door,
    /// Kept alive, if it is this test's own.
    _node: Option<Node>,
}

/// Kubernetes 1.36: the kubelet speaks v5.
pub(crate) async fn cluster() -> Cluster {
    static DOOR: OnceLock<Door> = OnceLock::new();
    Cluster { door: DOOR.get_or_init(|| alpha().door()).clone(), _node: None }
}

/// The same with the kubelet's translator off, which leaves v5 to the API server's, as in Kubernetes 1.30 to 1.35.
pub(crate) async fn translating_cluster() -> Cluster {
    static NODE: OnceLock<Node> = OnceLock::new();
    let node = NODE.get_or_init(|| Node::start_with_gates("translating", OLDER));
    Cluster { door: node.door(), _node: None }
}

/// The same as [`cluster`], asked by an account with these rights on exec and attach; and its name.
pub(crate) async fn cluster_as(rights: Rights) -> (Cluster, &'static str) {
    static APPLIED: OnceLock<String> = OnceLock::new();
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cluster/accounts.yaml");
    APPLIED.get_or_init(|| alpha().kubectl(&["apply", "-f", manifest.to_str().expect("UTF-8")]));
    let (name, user) = match rights {
        Rights::Nothing => ("nobody", "system:serviceaccount:execgate:nobody"),
        Rights::Get => ("getter", "system:serviceaccount:execgate:getter"),
        Rights::Create => ("creator", "system:serviceaccount:execgate:creator"),
        Rights::Impersonate => ("speaker", "system:serviceaccount:execgate:speaker"),
    };
    let token = alpha().kubectl(&["create", "token", name, "--namespace", "execgate"]).trim().to_owned();
    (Cluster { door: Door { token, ..alpha().door() }, _node: None }, user)
}

/// [`cluster`], whose node no longer answers.
pub(crate) async fn lost_cluster() -> Cluster {
    lose(Node::start("lost"))
}

/// [`translating_cluster`], whose node no longer answers.
pub(crate) async fn lost_translating_cluster() -> Cluster {
    lose(Node::start_with_gates("lost-translating", OLDER))
}

const OLDER: &str = "ExtendWebSocketsToKubelet=false";

fn lose(node: Node) -> Cluster {
    node.kill(Part::Kubelet);
    Cluster { door: node.door(), _node: Some(node) }
}

impl Serves for Cluster {
    fn door(&self) -> Door {
        self.door.clone()
    }
}
