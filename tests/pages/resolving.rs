//! Addresses that name no pod: it is found for whoever asks, and only what they may open is told.

use execgate::demo::{DemoSettings, Workloads};

use crate::house::{Page, ask, bare};
use crate::support::clusters::cluster_with;
use crate::support::gate::Gate;
use crate::support::setup::{BOB, Setup};

const ROUTES: &str = r#"
targetResolvers:
  - name: job
    find: {labels: {selector: "job-id={job},owner={user}", namespace: workloads}}
  - name: app
    find: {labels: {selector: "app={name}", namespace: workloads}}
  - name: each
    find: {labels: {selector: "app={name}", namespace: workloads, choose: only}}
  - name: checked
    find: {pod: {name: "{pod}", namespace: workloads}}
    container: "{container}"
routes:
  - {name: job, path: "/job/{job}", target: {resolver: job}, command: {shell: {try: [sh]}}, dialect: raw}
  - {name: app, path: "/pod/{name}", target: {resolver: app}, command: {shell: {try: [sh]}}, dialect: raw}
  - {name: each, path: "/each/{name}", target: {resolver: each}, command: {shell: {try: [sh]}}, dialect: raw}
  - {name: in, path: "/in/{name}/{container}", target: {resolver: app, container: "{container}"}, command: {fixed: [sh]}, dialect: raw}
  - {name: checked, path: "/checked/{pod}/{container}", target: {resolver: checked}, command: {fixed: [sh]}, dialect: raw}
"#;

const RULES: &str = "
  - {name: alice, effect: allow, subjects: {users: [alice]}, verbs: [exec, attach, read]}
  - {name: bob, effect: allow, subjects: {users: [bob]}, namespaces: [workloads], pods: [web-5d9c-old, db-1]}
";

async fn gate() -> (execgate::demo::DemoCluster, Gate) {
    let settings = DemoSettings { workloads: Workloads::Present, ..DemoSettings::default() };
    let demo = cluster_with(settings).await;
    let gate = Gate::start(Setup::new().cluster(&demo).rules(RULES).with(ROUTES)).await;
    (demo, gate)
}

/// What a page that gets no session reads, and the close code.
async fn told(mut page: Page) -> (String, u16) {
    let (messages, code, _) = page.end().await;
    (String::from_utf8(messages.concat()).unwrap(), code)
}

async fn assert_opens(mut page: Page) {
    page.0.frame(0x81, b"echo rea''dy\r").await;
    page.until("ready\r\n", bare).await;
}

#[tokio::test]
async fn a_job_is_its_owners_alone_and_must_run() {
    let (_demo, gate) = gate().await;
    assert_opens(Page::open(&gate, "/job/17").await).await;
    let (words, code) = told(Page(ask(&gate, "/job/17").bearing(BOB).open().await)).await;
    assert!(words.contains("no pod with the labels job-id=17,owner=bob"), "{words}");
    assert_eq!(code, 4404);
    let (words, code) = told(Page::open(&gate, "/job/18").await).await;
    assert!(words.contains("done-q2w3e") && words.contains("Succeeded"), "{words}");
    assert_eq!(code, 4409);
    let (words, _) = told(Page::open(&gate, "/job/17,owner=bob").await).await;
    assert!(words.contains("is no value of a label"), "a selector can't be written in an address: {words}");
}

#[tokio::test]
async fn the_newest_that_is_ready_is_opened_or_the_user_is_told_the_choice() {
    let (_demo, gate) = gate().await;
    assert_opens(Page::open(&gate, "/pod/web").await).await;
    let (words, code) = told(Page::open(&gate, "/each/web").await).await;
    for pod in ["web-5d9c-old", "web-5d9c-new", "web-5d9c-late"] {
        assert!(words.contains(pod), "{words}");
    }
    assert_eq!(code, 4409);
}

#[tokio::test]
async fn only_pods_that_somebody_may_open_count_and_are_named() {
    let (_demo, gate) = gate().await;
    for target in ["/pod/web", "/each/web"] {
        assert_opens(Page(ask(&gate, target).bearing(BOB).open().await)).await;
    }
    let (words, code) = told(Page(ask(&gate, "/pod/web-canary").bearing(BOB).open().await)).await;
    let (of_nothing, _) = told(Page(ask(&gate, "/pod/nothing").bearing(BOB).open().await)).await;
    assert_eq!(words.replace("web-canary", "X"), of_nothing.replace("nothing", "X"), "no name leaks");
    assert_eq!(code, 4404);
}

#[tokio::test]
async fn what_does_not_run_is_told_before_the_shell_with_its_reason() {
    let (_demo, gate) = gate().await;
    for (target, words, code) in [
        ("/checked/puller/app", "ImagePullBackOff", 4409),
        ("/checked/crashed/app", "CrashLoopBackOff", 4409),
        ("/checked/leaving/app", "being deleted", 4409),
        ("/checked/web-5d9c-new/no-such", "it has proxy, app", 4409),
        ("/checked/nobody/app", "no pod \"nobody\"", 4404),
        ("/in/web/no-such", "no-such", 4409),
    ] {
        let (seen, closed) = told(Page::open(&gate, target).await).await;
        assert!(seen.contains(words), "{target}: {seen}");
        assert_eq!(closed, code, "{target}: {seen}");
    }
    assert_opens(Page::open(&gate, "/checked/web-5d9c-new/proxy").await).await;
    assert_opens(Page::open(&gate, "/in/web/proxy").await).await;
}

#[tokio::test]
async fn whoever_may_open_nothing_on_a_cluster_causes_no_question_there() {
    let settings = DemoSettings { workloads: Workloads::Present, ..DemoSettings::default() };
    let demo = cluster_with(settings).await;
    let rules = "  - {name: alice, effect: allow, subjects: {users: [alice]}}\n";
    let gate = Gate::start(Setup::new().cluster(&demo).rules(rules).with(ROUTES)).await;
    let (words, code) = told(Page(ask(&gate, "/pod/web").bearing(BOB).open().await)).await;
    assert!(words.contains("user \"bob\" may exec nowhere on cluster \"demo\""), "{words}");
    assert_eq!(code, 4403);
}
