//! Pods of the demo's exec server, which lists them as Kubernetes does.

use execgate::cluster::Trust;
use execgate::demo::{DemoCluster, DemoSettings, RbacRule, Scheme, Workloads};
use execgate::resolve::{Choice, Owner, Speaker};
use secrecy::ExposeSecret as _;

use super::super::*;

fn owner(of: &str) -> Find {
    let of = Owner::parse(of).unwrap();
    Find::Owner { of, namespace: template("{namespace}"), choose: Choice::NewestReady }
}

async fn cluster() -> (DemoCluster, House) {
    let settings = DemoSettings {
        name: "alpha".to_owned(),
        scheme: Scheme::Https,
        workloads: Workloads::Present,
        ..DemoSettings::default()
    };
    let cluster = DemoCluster::start(settings).await.unwrap();
    let house = House::new(&cluster.server_url())
        .with(|settings| settings.trust = Trust::Inline(cluster.ca_pem().to_owned()));
    house.write("token", cluster.token().expose_secret());
    (cluster, house)
}

#[tokio::test]
async fn the_newest_ready_pod_with_the_labels_is_found_with_the_container_that_it_names() {
    let (_cluster, house) = cluster().await;
    let found = house.find(labels("app={name}", Choice::NewestReady), &[("name", "web")]).await.unwrap();
    assert_eq!(names(&found), ["web-5d9c-new", "web-5d9c-old", "web-5d9c-late"]);
    assert_eq!(opened(&found).unwrap(), ("web-5d9c-new".to_owned(), "app".to_owned()));
}

#[tokio::test]
async fn several_pods_with_the_labels_are_listed_where_one_must_be_chosen() {
    let (_cluster, house) = cluster().await;
    let found = house.find(labels("app=web", Choice::Only), &[]).await.unwrap();
    let refused = opened(&found).unwrap_err().for_user();
    assert!(
        refused.ends_with("open one of them by name: web-5d9c-new, web-5d9c-old, web-5d9c-late"),
        "{refused}"
    );
}

#[tokio::test]
async fn a_job_is_found_for_its_owner_alone() {
    let (_cluster, house) = cluster().await;
    let find = || labels("job-id={jobId},owner={user}", Choice::Only);
    let found = house.find(find(), &[("jobId", "17")]).await.unwrap();
    assert_eq!(opened(&found).unwrap(), ("train-x7k2p".to_owned(), "app".to_owned()));
    let found = house.find(find(), &[("jobId", "17"), ("user", "bob")]).await.unwrap();
    assert_eq!(names(&found).len(), 0);
}

#[tokio::test]
async fn a_capture_cannot_say_more_than_a_label_value() {
    let (cluster, house) = cluster().await;
    let captures = [("jobId", "17,owner=bob")];
    let error = house.find(labels("job-id={jobId},owner={user}", Choice::Only), &captures).await.unwrap_err();
    assert!(error.for_user().contains("{jobId}"), "{}", error.for_user());
    assert_eq!(error.http_status(), 400);
    assert!(cluster.requests().is_empty());
}

#[tokio::test]
async fn the_pods_of_a_workload_are_known_by_their_owners() {
    let (_cluster, house) = cluster().await;
    for (of, name, expected) in [
        ("deployment/{name}", "web", &["web-5d9c-new", "web-5d9c-old", "web-5d9c-late"][..]),
        ("deployment/{name}", "web-canary", &["web-canary-77f-a"]),
        ("replicaset/{name}", "web-canary-77f", &["web-canary-77f-a"]),
        ("job/{name}", "train", &["train-x7k2p"]),
        ("statefulset/{name}", "db", &["db-0", "db-1"]),
        ("statefulset/{name}/1", "db", &["db-1"]),
        // There is a pod of that name, and the stateful set did not make it.
        ("statefulset/{name}/2", "db", &[]),
        ("statefulset/{name}/7", "db", &[]),
        ("daemonset/{name}", "db", &[]),
        ("deployment/{name}", "nope", &[]),
    ] {
        let found = house.find(owner(of), &[("name", name)]).await.unwrap();
        assert_eq!(names(&found), expected, "{of} {name}");
    }
}

#[tokio::test]
async fn a_job_that_is_done_is_told_as_such() {
    let (_cluster, house) = cluster().await;
    let found = house.find(owner("job/done"), &[]).await.unwrap();
    let error = opened(&found).unwrap_err();
    assert!(
        error.for_user().starts_with(
            "no pod of job \"done\" in namespace \"workloads\" runs: pod \"done-q2w3e\" has ended (Succeeded)"
        ),
        "{}",
        error.for_user()
    );
}

#[tokio::test]
async fn a_pod_that_is_named_is_looked_at_before_it_is_opened() {
    let (_cluster, house) = cluster().await;
    let found = house.find(named("{pod}"), &[("pod", "train-x7k2p")]).await.unwrap();
    assert_eq!(opened(&found).unwrap().0, "train-x7k2p");
    for (pod, code, words) in [
        ("puller", 409, "(Pending: ImagePullBackOff)"),
        ("crashed", 409, "container \"app\" of pod \"crashed\" does not run (Waiting: CrashLoopBackOff)"),
        ("leaving", 409, "is being deleted"),
        ("done-q2w3e", 409, "has ended (Succeeded)"),
        ("nope", 404, "cluster \"alpha\" has no pod \"nope\" in namespace \"workloads\" that you may open"),
    ] {
        let found = house.find(named("{pod}"), &[("pod", pod)]).await.unwrap();
        let error = opened(&found).unwrap_err();
        assert_eq!(error.http_status(), code, "{pod}");
        assert!(error.for_user().contains(words), "{}", error.for_user());
    }
}

#[tokio::test]
async fn what_execgate_may_not_read_is_for_the_administrator() {
    let (cluster, house) = cluster().await;
    cluster.set_rules(vec![RbacRule::new("get", "pods/exec")]);
    for find in [labels("app=web", Choice::Only), named("db-0")] {
        let error = house.find(find, &[]).await.unwrap_err();
        assert!(
            matches!(error, ResolveError::Refused { code: 403, speaker: Speaker::Execgate, .. }),
            "{error:?}"
        );
        assert_eq!(error.http_status(), 502);
        assert!(chain(&error).contains("get and list on pods"), "{}", chain(&error));
    }
}
