//! A route that names no pod leads to the one that its resolver finds, and to no other user's.

use crate::house::{Page, ask, bare, gate_with};
use crate::support::setup::BOB;

const ROUTES: &str = r#"
targetResolvers:
  - name: job
    find: {labels: {selector: "job-id={job},owner={user}", namespace: default}}
  - name: running
    find: {pod: {name: "{pod}", namespace: default}}
routes:
  - name: job
    path: /job/{job}
    target: {resolver: job}
    command: {fixed: [sh]}
    dialect: raw
  - name: running
    path: /running/{pod}/{container}
    target: {resolver: running, container: "{container}"}
    command: {fixed: [sh]}
    dialect: raw
"#;

#[tokio::test]
async fn a_job_s_number_leads_to_the_pod_of_the_user_s_own_job() {
    let (_cluster, gate) = gate_with(ROUTES).await;
    let mut page = Page::open(&gate, "/job/17").await;
    page.0.frame(0x81, b"echo \"[$HOSTNAME]\"\r").await;
    page.until("[console]\r\n", bare).await;

    for (refused, owner) in [
        (ask(&gate, "/job/17").bearing(BOB), "job-id=17,owner=bob"),
        (ask(&gate, "/job/18"), "job-id=18,owner=alice"),
    ] {
        let (messages, code, _) = Page(refused.open().await).end().await;
        let words = String::from_utf8(messages.concat()).unwrap();
        assert!(words.contains("has no pod with the labels") && words.contains(owner), "{words}");
        assert_eq!(code, 4404);
    }
}

#[tokio::test]
async fn a_container_that_is_not_there_or_does_not_run_is_told_before_anything_runs() {
    let (_cluster, gate) = gate_with(ROUTES).await;
    for (path, expected) in [
        ("/running/web-0/ap", "pod \"web-0\" has no container \"ap\"; it has app, sidecar"),
        ("/running/pending/app", "pod \"pending\" has not started yet"),
    ] {
        let (messages, code, _) = Page::open(&gate, path).await.end().await;
        let words = String::from_utf8(messages.concat()).unwrap();
        assert!(words.contains(expected), "{words}");
        assert_eq!(code, 4409);
    }
}
