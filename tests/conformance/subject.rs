//! The demo's exec server, set up as each test needs it.

use execgate::demo::{DemoCluster, DemoSettings, Fault, RbacRule, Right, Translator};

use crate::straight::Rights;
use crate::support::ask::{Door, Serves};
use crate::support::clusters::cluster_over_tls;

/// A cluster that a test asks.
pub(crate) struct Cluster(DemoCluster);

/// One as Kubernetes 1.36 is: the kubelet speaks v5.
pub(crate) async fn cluster() -> Cluster {
    Cluster(cluster_over_tls("alpha").await)
}

/// One as Kubernetes 1.30 to 1.35 is: the API server speaks v5 and translates.
pub(crate) async fn translating_cluster() -> Cluster {
    let settings = DemoSettings {
        name: "alpha".to_owned(),
        translator: Translator::ApiServer,
        ..DemoSettings::default()
    };
    Cluster(DemoCluster::start(settings).await.unwrap())
}

/// The same as [`cluster`], asked by an account with these rights on exec and attach; and its name.
pub(crate) async fn cluster_as(rights: Rights) -> (Cluster, &'static str) {
    let cluster = cluster().await;
    match rights {
        Rights::Nothing => cluster.0.set_rights(&[]),
        Rights::Impersonate => cluster.0.set_rules(vec![RbacRule::new("impersonate", "users,groups")]),
        Rights::Get => cluster.0.set_rights(&[Right::Get]),
        Rights::Create => cluster.0.set_rights(&[Right::Create]),
    }
    (cluster, "system:serviceaccount:execgate:execgate")
}

/// [`cluster`], whose node no longer answers.
pub(crate) async fn lost_cluster() -> Cluster {
    lose(cluster().await)
}

/// [`translating_cluster`], whose node no longer answers.
pub(crate) async fn lost_translating_cluster() -> Cluster {
    lose(translating_cluster().await)
}

fn lose(cluster: Cluster) -> Cluster {
    cluster.0.set_fault(Some(Fault::NodeUnreachable));
    cluster
}

impl Serves for Cluster {
    fn door(&self) -> Door {
        self.0.door()
    }
}
