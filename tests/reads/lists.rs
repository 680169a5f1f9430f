//! Of a list everybody is shown what they can read and open.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use execgate::demo::DemoCluster;

use crate::get::{Get, Got};
use crate::people::RULES;
use crate::support::clusters::cluster;
use crate::support::gate::Gate;
use crate::support::setup::Setup;

async fn gate() -> (Gate, DemoCluster) {
    let alpha = cluster().await;
    (Gate::start(Setup::new().cluster(&alpha).rules(RULES)).await, alpha)
}

const PODS: &str = "/api/v1/namespaces/default/pods";

#[tokio::test]
async fn pods_that_cannot_be_entered_are_in_no_list_of_any_form() {
    let (gate, _alpha) = gate().await;
    let bobs = "console migrate no-shell pending pipe sh-only stranded unscheduled web-0";
    let everything = bobs.replace("web-0", "vault web-0");
    let everything: Vec<&str> = everything.split(' ').collect();
    assert_eq!(Get::new(&gate, PODS).send().await.names(), everything);
    assert_eq!(Get::new(&gate, PODS).table().send().await.names(), everything);
    for got in [
        Get::bobs(&gate, PODS).send().await,
        Get::bobs(&gate, PODS).table().send().await,
        Get::bobs(&gate, &format!("{PODS}?includeObject=Object")).table().send().await,
        Get::bobs(&gate, &format!("{PODS}?limit=500&resourceVersion=0")).send().await,
    ] {
        assert_eq!(got.names().join(" "), bobs);
        assert!(!String::from_utf8_lossy(&got.body).contains("vault"));
    }
    let one = |selector: &str| Get::bobs(&gate, &format!("{PODS}?{selector}"));
    assert_eq!(one("fieldSelector=metadata.name%3Dvault").send().await.names().len(), 0);
    assert_eq!(one("labelSelector=app%3Dweb-0").send().await.names(), ["web-0"]);
}

#[tokio::test]
async fn namespaces_are_those_in_which_something_can_be_opened() {
    let (gate, _alpha) = gate().await;
    let namespaces = "/api/v1/namespaces";
    assert_eq!(Get::new(&gate, namespaces).send().await.names().len(), 4);
    for got in [Get::bobs(&gate, namespaces).send().await, Get::bobs(&gate, namespaces).table().send().await]
    {
        assert_eq!(got.names(), ["default"]);
    }
    assert_eq!(Get::bobs(&gate, "/api/v1/namespaces/default").send().await.json()["kind"], "Namespace");
}

fn resume(page: &Got) -> Option<String> {
    page.json()["metadata"]["continue"].as_str().map(ToOwned::to_owned)
}

#[tokio::test]
async fn pages_lead_through_the_whole_list_and_name_nothing_that_is_left_out() {
    let (gate, _alpha) = gate().await;
    let (mut names, mut pages, mut after) = (Vec::new(), 0, String::new());
    loop {
        let page = Get::bobs(&gate, &format!("{PODS}?limit=1&continue={after}")).table().send().await;
        assert_eq!(page.status, 200, "{page:?}");
        assert!(page.json()["metadata"].get("remainingItemCount").is_none());
        names.extend(page.names());
        pages += 1;
        let Some(next) = resume(&page) else { break };
        let seen = String::from_utf8_lossy(&URL_SAFE_NO_PAD.decode(&next).unwrap()).into_owned();
        assert!(!seen.contains("vault") && !seen.contains("start"), "{seen}");
        after = next;
    }
    assert_eq!(
        (pages, names.join(" ").as_str()),
        (10, "console migrate no-shell pending pipe sh-only stranded unscheduled web-0")
    );
}

#[tokio::test]
async fn a_place_to_go_on_is_good_for_one_user_one_list_and_one_process() {
    let (gate, alpha) = gate().await;
    let first = Get::bobs(&gate, &format!("{PODS}?limit=1")).send().await;
    let place = resume(&first).unwrap();
    let rest = format!("{PODS}?continue={place}");
    assert_eq!(
        Get::bobs(&gate, &rest).send().await.names(),
        ["migrate", "no-shell", "pending", "pipe", "sh-only", "stranded", "unscheduled", "web-0"]
    );
    let asked = alpha.requests().len();
    let another_gate = Gate::start(Setup::new().cluster(&alpha).rules(RULES)).await;
    let made_up = URL_SAFE_NO_PAD.encode(r#"{"v":"meta.k8s.io/v1","rv":1,"start":"/a"}"#);
    for expired in [
        Get::new(&gate, &rest),
        Get::bobs(&another_gate, &rest),
        Get::bobs(&gate, &format!("/api/v1/namespaces?continue={place}")),
        Get::bobs(&gate, &format!("{PODS}?continue={made_up}")),
    ] {
        let (code, reason, words) = expired.send().await.failure();
        assert_eq!((code, reason.as_str()), (410, "Expired"));
        assert!(words.contains("Start the list again"), "{words}");
    }
    assert_eq!(alpha.requests().len(), asked, "none of them reached the cluster");
}

#[tokio::test]
async fn containers_of_rules_show_pods_that_have_one_and_tables_those_that_may() {
    let alpha = cluster().await;
    let rules = "  - {name: sidecars, effect: allow, subjects: {users: [bob]}, verbs: [exec, read], containers: [sidecar]}\n";
    let gate = Gate::start(Setup::new().cluster(&alpha).rules(rules)).await;
    assert_eq!(Get::bobs(&gate, PODS).send().await.names(), ["web-0"]);
    let whole = Get::bobs(&gate, &format!("{PODS}?includeObject=Object")).table();
    assert_eq!(whole.send().await.names(), ["web-0"]);
    assert_eq!(Get::bobs(&gate, PODS).table().send().await.names().len(), 10);
}
