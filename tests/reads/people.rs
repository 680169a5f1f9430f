//! Who may read what: as for exec, by identity first and then by rule.

use crate::get::Get;
use crate::support::clusters::{cluster_named, cluster_over_tls};
use crate::support::gate::Gate;
use crate::support::setup::Setup;

/// Alice may do everything. Bob may read and enter pods of alpha's default namespace, but not the vault.
pub(crate) const RULES: &str = "  - {name: not the vault, effect: deny, subjects: {users: [bob]}, verbs: [exec, attach, read], pods: [vault]}
  - {name: bob, effect: allow, subjects: {users: [bob]}, verbs: [exec, read], clusters: [alpha], namespaces: [default]}
  - {name: alice, effect: allow, subjects: {users: [alice]}, verbs: [exec, attach, read]}
";

/// On beta bob may enter and not read, on gamma everybody may read and not enter.
const ELSEWHERE: &str = "  - {name: bob on beta, effect: allow, subjects: {users: [bob]}, clusters: [beta]}
  - {name: all on gamma, effect: allow, subjects: {groups: [people]}, verbs: [read], clusters: [gamma]}
";

async fn gate() -> (Gate, [execgate::demo::DemoCluster; 3]) {
    let clusters =
        [cluster_over_tls("alpha").await, cluster_named("beta").await, cluster_named("gamma").await];
    let setup = clusters.iter().fold(Setup::new().rules(&format!("{RULES}{ELSEWHERE}")), Setup::cluster);
    (Gate::start(setup).await, clusters)
}

const POD: &str = "/api/v1/namespaces/default/pods/web-0";

#[tokio::test]
async fn whoever_may_read_a_pod_gets_it_as_the_api_server_has_it() {
    let (gate, [alpha, ..]) = gate().await;
    for path in [POD.to_owned(), format!("/clusters/alpha{POD}")] {
        let got = Get::bobs(&gate, &path).send().await;
        assert_eq!((got.status, got.header("content-type")), (200, Some("application/json")));
        assert_eq!(got.json()["spec"]["containers"][1]["name"], "sidecar");
        assert_eq!(got.header("cache-control"), Some("no-store"));
    }
    assert_eq!(alpha.requests().len(), 2);
}

#[tokio::test]
async fn who_is_not_known_may_not_ask_and_who_may_not_is_told_what() {
    let (gate, clusters) = gate().await;
    let nobody = Get::new(&gate, POD).without("Authorization").send().await;
    assert_eq!(
        (nobody.failure().1.as_str(), nobody.header("www-authenticate")),
        ("Unauthorized", Some("Bearer"))
    );
    assert_eq!(Get::new(&gate, POD).bearing("wrong").send().await.failure().0, 401);
    for (path, words) in [
        (
            "/api/v1/namespaces/default/pods/vault",
            "may not read pod \"vault\" of namespace \"default\" on cluster \"alpha\"",
        ),
        ("/api/v1/namespaces/other/pods", "may not list pods of namespace \"other\" on cluster \"alpha\""),
        ("/api/v1/namespaces/kube-system", "may not read namespace \"kube-system\" on cluster \"alpha\""),
        ("/clusters/beta/api/v1/namespaces", "may not list namespaces on cluster \"beta\""),
        ("/clusters/beta/version", "may not read the version on cluster \"beta\""),
        ("/clusters/beta/api", "may not read the kinds of objects on cluster \"beta\""),
        ("/clusters/delta/version", "may not read the version on cluster \"delta\""),
    ] {
        let refused = Get::bobs(&gate, path).send().await.failure();
        assert_eq!(refused, (403, "Forbidden".to_owned(), format!("user \"bob\" {words}")), "{path}");
    }
    for cluster in &clusters {
        assert_eq!(cluster.requests(), [], "a check comes before its effect");
    }
}

#[tokio::test]
async fn a_cluster_that_is_not_there_is_told_only_to_those_who_may_read_everywhere() {
    let (gate, _clusters) = gate().await;
    let refused = Get::new(&gate, "/clusters/delta/version").send().await.failure();
    assert_eq!((refused.0, refused.2.as_str()), (404, "cluster \"delta\" not found"));
}

#[tokio::test]
async fn the_version_and_discovery_are_for_whoever_may_read_anything_on_that_cluster() {
    let (gate, _clusters) = gate().await;
    for path in ["/version", "/api", "/apis", "/api/v1"] {
        for prefix in ["", "/clusters/alpha", "/clusters/gamma"] {
            assert_eq!(
                Get::bobs(&gate, &format!("{prefix}{path}")).send().await.status,
                200,
                "{prefix}{path}"
            );
        }
    }
    assert_eq!(Get::bobs(&gate, "/version").send().await.json()["minor"], "36");
    let refused = Get::bobs(&gate, "/apis/apps").send().await.failure();
    assert_eq!(refused.0, 404, "the API server has no such group");
}

#[tokio::test]
async fn a_user_who_may_read_and_enter_nothing_gets_empty_lists() {
    let (gate, _clusters) = gate().await;
    let pods = Get::bobs(&gate, "/clusters/gamma/api/v1/namespaces/default/pods").send().await;
    assert_eq!((pods.status, pods.names().len()), (200, 0));
    assert_eq!(Get::bobs(&gate, "/clusters/gamma/api/v1/namespaces").send().await.names().len(), 0);
    assert_eq!(Get::bobs(&gate, "/clusters/gamma/api/v1/namespaces/default").send().await.failure().0, 403);
}
