//! Pages that exist, before real Kubernetes: shells that are found in real images, pods by their labels, and nothing left behind.

use serde_json::json;

use crate::faults::are_gone;
use crate::support::ask::Ask;
use crate::support::gate::Gate;
use crate::support::node::alpha;
use crate::support::session::Session;
use crate::support::setup::Setup;

const ROUTES: &str = r#"
targetResolvers:
  - {name: app, find: {labels: {selector: "app={name}", namespace: default}}}
  - {name: checked, find: {pod: {name: "{pod}", namespace: default}}, container: "{container}"}
routes:
  - {name: alodi, path: "/pod/{name}", target: {resolver: app}, command: {shell: {}}, dialect: raw, onDisconnect: {send: exit}}
  - {name: kubeutil, path: "/ws/{pod}/{container}", target: {resolver: checked}, command: {shell: {}}, dialect: kubeutil}
  - {name: nothing, path: "/nothing/{pod}", target: {namespace: default, pod: "{pod}", container: app}, command: {fixed: [sh]}, dialect: raw}
  - {name: eof, path: "/eof/{pod}", target: {namespace: default, pod: "{pod}", container: app}, command: {fixed: [sh]}, dialect: raw, onDisconnect: {send: eof}}
  - {name: exit, path: "/exit/{pod}", target: {namespace: default, pod: "{pod}", container: app}, command: {fixed: [sh]}, dialect: raw, onDisconnect: {send: exit}}
  - {name: text, path: "/text/{pod}", target: {namespace: default, pod: "{pod}", container: app}, command: {fixed: [sh]}, dialect: raw, onDisconnect: {send: {text: "\x03exit\r"}, grace: 1s}}
"#;

async fn gate() -> Gate {
    Gate::start(Setup::new().node(alpha()).with(ROUTES)).await
}

async fn page(gate: &Gate, target: &str) -> Session {
    Ask::new(gate, "GET", target).upgrade().by_page().open().await
}

/// What the page shows until that holds `text`, or to its close frame, whose payload comes behind.
async fn shown(page: &mut Session, text: &str) -> String {
    let mut seen = String::new();
    while !seen.contains(text) {
        let frame = page.next().await.unwrap_or_else(|| panic!("it ended after {seen:?}"));
        seen += &String::from_utf8_lossy(&frame.payload);
        if frame.first == 0x88 {
            break;
        }
    }
    seen
}

#[tokio::test]
async fn the_best_shell_of_an_image_is_found_and_told_its_terminal() {
    let gate = gate().await;
    for (target, shell) in [("/ws/web-0/app", "bash"), ("/ws/web-0/sidecar", "sh"), ("/ws/sh-only/app", "sh")]
    {
        let mut page = page(&gate, target).await;
        let typed = json!({"operation": "stdin", "data": "echo \"<$0 $TERM>\"\r"}).to_string();
        page.frame(0x81, typed.as_bytes()).await;
        shown(&mut page, &format!("<{shell} xterm-256color>")).await;
    }
    let mut labelled = page(&gate, "/pod/web").await;
    labelled.frame(0x81, b"echo \"<$0>\"\r").await;
    shown(&mut labelled, "<bash>").await;
}

#[tokio::test]
async fn an_image_without_a_shell_is_told_so_with_what_helps() {
    let gate = gate().await;
    let mut page = page(&gate, "/ws/no-shell/app").await;
    let words = shown(&mut page, "\r\n").await;
    assert!(words.contains("this container has no shell (tried bash, sh, ash, cmd, powershell)"), "{words}");
    assert!(words.contains("kubectl debug -it -n default no-shell"), "{words}");
}

#[tokio::test]
async fn a_pod_that_has_ended_or_is_not_there_is_told_before_its_shell() {
    let gate = gate().await;
    for (target, words) in [
        ("/ws/migrate/app", "has ended"),
        ("/ws/nobody/app", "no pod \\\"nobody\\\""),
        ("/ws/web-0/none", "has no container"),
    ] {
        let mut page = page(&gate, target).await;
        let seen = shown(&mut page, "}").await;
        assert!(seen.contains(words), "{target}: {seen}");
    }
}

#[tokio::test]
async fn no_shell_is_left_in_a_pod_whatever_is_typed_when_its_page_leaves() {
    let gate = gate().await;
    let mut marks = Vec::new();
    for way in ["nothing", "eof", "exit", "text"] {
        for is_reset in [false, true] {
            let mark = format!("page-{way}-{is_reset}");
            let mut page = page(&gate, &format!("/{way}/sh-only")).await;
            page.frame(0x81, format!("exec sh -s {mark}\r").as_bytes()).await;
            page.frame(0x81, b"echo rea''dy\r").await;
            shown(&mut page, "ready\r\n").await;
            if is_reset {
                page.reset();
            } else {
                page.frame(0x88, &[3, 0xe9]).await;
            }
            marks.push(mark);
        }
    }
    are_gone(&marks).await;
}
