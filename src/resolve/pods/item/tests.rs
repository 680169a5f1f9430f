//! What pods look like in the API, and what is told of them.

use serde_json::{Value, json};

use super::*;
use crate::resolve::opening::Opening;
use crate::resolve::{Choice, Found, NotRunning, ResolveError, Sought, choose};
use crate::target::ClusterName;

/// A ready pod with one container, `app`, that runs; changed as the test says.
fn pod(name: &str, change: impl FnOnce(&mut Value)) -> Candidate {
    let mut object = json!({
        "kind": "Pod",
        "metadata": {"name": name, "creationTimestamp": "2026-01-01T00:00:00Z", "uid": "u"},
        "spec": {"nodeName": "node-1", "containers": [{"name": "app", "image": "i"}]},
        "status": {
            "phase": "Running",
            "hostIP": "10.0.0.1",
            "conditions": [{"type": "Ready", "status": "True"}],
            "containerStatuses": [{"name": "app", "state": {"running": {"startedAt": "2026-01-01T00:00:01Z"}}}],
        },
    });
    change(&mut object);
    let single: Single = serde_json::from_value(object).unwrap();
    let namespace = Namespace::parse("default").unwrap();
    single.item.candidate(&namespace, "example.com/container").unwrap()
}

fn waiting(object: &mut Value, reason: &str) {
    object["status"]["containerStatuses"][0]["state"] =
        json!({"waiting": {"reason": reason, "message": "node-1"}});
}

fn two_containers(object: &mut Value) {
    object["spec"]["containers"] = json!([{"name": "proxy"}, {"name": "app"}]);
    object["status"]["containerStatuses"] = json!([
        {"name": "app", "state": {"running": {}}},
        {"name": "proxy", "state": {"terminated": {"exitCode": 137, "reason": "OOMKilled"}}},
    ]);
}

fn container(name: &str) -> ContainerName {
    ContainerName::parse(name).unwrap()
}

/// What somebody who may open everything gets.
fn opened(candidate: &Candidate, wanted: Option<&str>) -> Result<ContainerName, NotRunning> {
    Opening::new(candidate, wanted.map(container).as_ref(), anything).unwrap().container()
}

fn anything(_: &Candidate, _: Option<&ContainerName>) -> bool {
    true
}

/// Why the container that is meant cannot be opened.
fn words(candidate: &Candidate, wanted: Option<&str>) -> String {
    opened(candidate, wanted).unwrap_err().to_string()
}

#[test]
fn the_only_container_is_meant_and_of_several_the_one_that_the_annotation_names() {
    assert_eq!(opened(&pod("a", |_| {}), None).unwrap().as_str(), "app");
    let annotated = |name: &str| {
        pod("a", |object| {
            two_containers(object);
            object["metadata"]["annotations"] = json!({"example.com/container": name, "other": "x"});
        })
    };
    assert_eq!(opened(&annotated("app"), None).unwrap().as_str(), "app");
    assert_eq!(opened(&annotated("app"), Some("app")).unwrap().as_str(), "app");
    for candidate in [annotated("gone"), pod("a", two_containers)] {
        assert_eq!(words(&candidate, None), "pod \"a\" has several containers; name one of proxy, app");
    }
}

#[test]
fn a_container_that_is_not_there_is_told_with_those_that_are() {
    assert_eq!(
        words(&pod("a", two_containers), Some("nope")),
        "pod \"a\" has no container \"nope\"; it has proxy, app"
    );
}

#[test]
fn a_container_that_does_not_run_is_told_with_its_reason_alone() {
    let crashed = pod("a", |object| waiting(object, "CrashLoopBackOff"));
    assert_eq!(
        words(&crashed, None),
        "container \"app\" of pod \"a\" does not run (Waiting: CrashLoopBackOff); try again once it does, or look at its log"
    );
    assert_eq!(
        words(&pod("a", two_containers), Some("proxy")),
        "container \"proxy\" of pod \"a\" has ended (OOMKilled, exit code 137); choose one that runs, or try again if it is started anew"
    );
    let odd = pod("a", |object| waiting(object, "at 10.0.0.1\u{1b}[2J"));
    assert!(words(&odd, None).contains("does not run (Waiting);"), "{}", words(&odd, None));
    let silent = pod("a", |object| object["status"]["containerStatuses"] = Value::Null);
    assert!(words(&silent, None).contains("does not run (Waiting);"));
}

#[test]
fn init_and_ephemeral_containers_open_when_they_are_named_and_run() {
    let candidate = pod("a", |object| {
        object["spec"]["initContainers"] =
            json!([{"name": "migrate"}, {"name": "logs", "restartPolicy": "Always"}]);
        object["spec"]["ephemeralContainers"] = json!([{"name": "debug-1"}]);
        object["status"]["initContainerStatuses"] = json!([
            {"name": "migrate", "state": {"terminated": {"exitCode": 0, "reason": "Completed"}}},
            {"name": "logs", "state": {"running": {}}},
        ]);
        object["status"]["ephemeralContainerStatuses"] =
            json!([{"name": "debug-1", "state": {"running": {}}}]);
    });
    assert_eq!(opened(&candidate, None).unwrap().as_str(), "app");
    for name in ["logs", "debug-1"] {
        assert!(opened(&candidate, Some(name)).is_ok(), "{name}");
    }
    assert!(
        words(&candidate, Some("migrate"))
            .starts_with("init container \"migrate\" of pod \"a\" has ended (Completed, exit code 0)")
    );
}

#[test]
fn a_pod_that_has_not_started_is_told_with_what_it_waits_for() {
    let pending = |change: fn(&mut Value)| {
        pod("a", |object| {
            object["status"]["phase"] = json!("Pending");
            waiting(object, "ContainerCreating");
            change(object);
        })
    };
    for (candidate, reason) in [
        (pending(|object| waiting(object, "ImagePullBackOff")), "Pending: ImagePullBackOff"),
        (pending(|_| {}), "Pending: ContainerCreating"),
        (pending(|object| object["status"]["containerStatuses"] = Value::Null), "Pending"),
        (
            pending(|object| {
                object["status"]["conditions"] = json!([{"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "node-1"}]);
            }),
            "Pending: Unschedulable",
        ),
    ] {
        assert_eq!(
            words(&candidate, None),
            format!(
                "pod \"a\" has not started yet ({reason}); try again once it runs, or look at its events"
            )
        );
    }
    let starting = pending(|object| {
        object["spec"]["initContainers"] = json!([{"name": "migrate"}]);
        object["status"]["initContainerStatuses"] = json!([{"name": "migrate", "state": {"running": {}}}]);
    });
    assert!(opened(&starting, Some("migrate")).is_ok());
    assert!(opened(&starting, None).is_err());
}

#[test]
fn a_pod_that_has_ended_is_leaving_or_is_lost_is_told_as_such() {
    let phase = |phase: &'static str| pod("a", move |object| object["status"]["phase"] = json!(phase));
    assert!(words(&phase("Succeeded"), None).starts_with("pod \"a\" has ended (Succeeded);"));
    let evicted = pod("a", |object| {
        object["status"] =
            json!({"phase": "Failed", "reason": "Evicted", "message": "node-1 was low on memory"});
    });
    assert!(words(&evicted, None).starts_with("pod \"a\" has ended (Failed: Evicted);"));
    let leaving = pod("a", |object| object["metadata"]["deletionTimestamp"] = json!("2026-01-02T00:00:00Z"));
    assert!(words(&leaving, None).starts_with("pod \"a\" is being deleted;"));
    for candidate in [phase("Unknown"), phase("Melted"), pod("a", |object| object["status"] = json!({}))] {
        assert!(words(&candidate, None).contains("(Unknown)"));
    }
}

fn found(choice: Choice, candidates: Vec<Candidate>) -> Found {
    let sought =
        Sought::Owner { owner: "job \"17\"".to_owned(), namespace: Namespace::parse("default").unwrap() };
    Found::new(ClusterName::parse("alpha").unwrap(), sought, choice, None, candidates)
}

fn names(found: &Found) -> Vec<&str> {
    found.candidates().iter().map(|candidate| candidate.pod.as_str()).collect()
}

fn at(name: &str, created: &'static str, change: impl FnOnce(&mut Value)) -> Candidate {
    pod(name, |object| {
        object["metadata"]["creationTimestamp"] = json!(created);
        change(object);
    })
}

#[test]
fn the_newest_that_is_ready_comes_first_and_what_has_ended_last() {
    let found = found(
        Choice::NewestReady,
        vec![
            at("ended", "2026-01-09T00:00:00Z", |object| object["status"]["phase"] = json!("Succeeded")),
            at("leaving", "2026-01-08T00:00:00Z", |object| {
                object["metadata"]["deletionTimestamp"] = json!("x");
            }),
            at("pending", "2026-01-07T00:00:00Z", |object| object["status"]["phase"] = json!("Pending")),
            at("unready", "2026-01-06T00:00:00Z", |object| object["status"]["conditions"] = Value::Null),
            at("old", "2026-01-01T00:00:00Z", |_| {}),
            at("new-b", "2026-01-02T00:00:00Z", |_| {}),
            at("new-a", "2026-01-02T00:00:00Z", |_| {}),
            pod("ageless", |object| object["metadata"]["creationTimestamp"] = Value::Null),
        ],
    );
    assert_eq!(names(&found), ["new-a", "new-b", "old", "ageless", "unready", "pending", "leaving", "ended"]);
    let (target, container) = choose(&found, anything).unwrap();
    assert_eq!((target.pod.as_str(), container.as_str()), ("new-a", "app"));
    // Whoever may open that one alone gets it.
    let allowed = |pod: &Candidate, _: Option<&ContainerName>| pod.pod.as_str() == "unready";
    assert_eq!(choose(&found, allowed).unwrap().0.pod.as_str(), "unready");
}

#[test]
fn a_pod_whose_container_runs_is_taken_before_one_that_waits() {
    let found = found(
        Choice::NewestReady,
        vec![
            at("crashed", "2026-01-02T00:00:00Z", |object| waiting(object, "CrashLoopBackOff")),
            at("runs", "2026-01-01T00:00:00Z", |_| {}),
        ],
    );
    assert_eq!(names(&found), ["crashed", "runs"]);
    assert_eq!(choose(&found, anything).unwrap().0.pod.as_str(), "runs");
}

#[test]
fn what_is_not_allowed_reads_like_what_is_not_there() {
    let of = |candidates: Vec<Candidate>| {
        let error = choose(&found(Choice::Only, candidates), |_, _| false).unwrap_err();
        (error.for_user(), error.to_string(), error.http_status())
    };
    let nothing = of(Vec::new());
    assert_eq!(nothing, of(vec![pod("secret-a", |_| {}), pod("secret-b", |_| {})]));
    assert_eq!(
        nothing.0,
        "cluster \"alpha\" has no pod of job \"17\" in namespace \"default\" that you may open"
    );
    assert_eq!(nothing.2, 404);
}

#[test]
fn where_one_must_be_named_those_that_may_be_opened_are_listed() {
    let found = found(
        Choice::Only,
        vec![
            pod("a", |_| {}),
            pod("b", |_| {}),
            pod("c", |_| {}),
            pod("gone", |object| object["status"]["phase"] = json!("Failed")),
        ],
    );
    let allowed = |pod: &Candidate, _: Option<&ContainerName>| pod.pod.as_str() != "b";
    let error = choose(&found, allowed).unwrap_err();
    assert_eq!(
        error.for_user(),
        "cluster \"alpha\" has more than one pod of job \"17\" in namespace \"default\"; open one of them by name: a, c"
    );
    assert_eq!(error.http_status(), 409);
    let alone = |pod: &Candidate, _: Option<&ContainerName>| ["c", "gone"].contains(&pod.pod.as_str());
    assert_eq!(choose(&found, alone).unwrap().0.pod.as_str(), "c");
}

#[test]
fn what_has_ended_is_told_when_nothing_else_is_there() {
    let ended = pod("web-x", |object| object["status"]["phase"] = json!("Succeeded"));
    let found = found(Choice::NewestReady, vec![ended]);
    let error = choose(&found, anything).unwrap_err();
    assert!(matches!(error, ResolveError::Ended { .. }), "{error:?}");
    assert_eq!(
        error.for_user(),
        "no pod of job \"17\" in namespace \"default\" runs: pod \"web-x\" has ended (Succeeded); it does not start again, so another one must be started"
    );
    assert_eq!(error.http_status(), 409);
}

#[test]
fn a_container_that_the_resolver_names_is_the_one_that_is_opened() {
    let mut found = found(Choice::NewestReady, vec![pod("a", two_containers)]);
    found.container = Some(container("app"));
    assert_eq!(choose(&found, anything).unwrap().1.as_str(), "app");
    found.container = Some(container("proxy"));
    let error = choose(&found, anything).unwrap_err();
    assert!(
        matches!(error, ResolveError::NotRunning { reason, .. } if matches!(*reason, NotRunning::Terminated { .. }))
    );
}

#[test]
fn of_several_containers_only_those_that_may_be_opened_count() {
    let pod = pod("a", |object| {
        object["spec"]["containers"] = json!([{"name": "proxy"}, {"name": "app"}, {"name": "log"}]);
        object["status"]["containerStatuses"] = json!([{"name": "app", "state": {"running": {}}}]);
    });
    let found = found(Choice::NewestReady, vec![pod]);
    let chosen = |allowed: &[&str]| {
        choose(&found, |_, container| container.is_some_and(|name| allowed.contains(&name.as_str())))
            .map(|(_, container)| container.to_string())
            .map_err(|error| error.for_user())
    };
    assert_eq!(chosen(&["app"]), Ok("app".to_owned()));
    assert_eq!(
        chosen(&["app", "log"]),
        Err("pod \"a\" has several containers; name one of app, log".to_owned())
    );
    assert!(chosen(&["other"]).unwrap_err().ends_with("that you may open"));
}

#[test]
fn the_containers_of_a_pod_are_told_to_those_only_who_may_open_any() {
    let mut found = found(Choice::NewestReady, vec![pod("a", two_containers)]);
    found.container = Some(container("ap"));
    let chosen = |any: bool| {
        choose(&found, |_, container| container.map_or(any, |name| name.as_str() == "app"))
            .unwrap_err()
            .for_user()
    };
    assert!(chosen(true).ends_with("has no container \"ap\"; it has proxy, app"));
    assert!(chosen(false).ends_with("that you may open"));
}
