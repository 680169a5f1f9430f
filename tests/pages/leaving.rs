//! However a page leaves, and whatever is typed then, no shell of its is left behind.

use crate::house::{Page, bare, gate_with};
use crate::support::ask::Ask;
use crate::support::gate::Gate;

fn routes(mark: &str, leaving: &str) -> String {
    format!(
        "routes:\n  - name: shell\n    path: /shell\n    target: {{namespace: default, pod: web-0, container: app}}\n    \
         command: {{fixed: [sh, -s, {mark}]}}\n    dialect: raw\n    onDisconnect: {leaving}\n"
    )
}

/// How a page leaves.
#[derive(Debug, Clone, Copy)]
enum Way {
    Goodbye,
    Reset,
}

async fn leave(mut page: Page, way: Way) {
    match way {
        Way::Goodbye => page.0.frame(0x88, &[3, 0xe9]).await,
        Way::Reset => page.0.reset(),
    }
}

/// Waits until nobody in the exec server runs with that word among its arguments.
async fn assert_gone(gate: &Gate, mark: &str) {
    let (first, rest) = mark.split_at(1);
    let script = format!("while grep -qs '[{first}]{rest}' /proc/[0-9]*/cmdline; do sleep 0.02; done");
    let transcript = Ask::script(gate, &script).offer("v4.channel.k8s.io").open().await.transcript().await;
    assert_eq!(transcript.close(), (1000, "exit code 0"));
}

#[tokio::test]
async fn no_shell_is_left_behind_whatever_is_typed_when_a_page_leaves() {
    for (index, leaving) in [
        "{send: nothing}",
        "{send: nothing, grace: 200ms}",
        "{send: eof}",
        "{send: exit}",
        "{send: {text: \"\\x03exit 4\\r\"}}",
        "{send: exit, then: leave}",
    ]
    .into_iter()
    .enumerate()
    {
        let mark = format!("leaver-{}-{index}", std::process::id());
        let (_cluster, gate) = gate_with(&routes(&mark, leaving)).await;
        for way in [Way::Goodbye, Way::Reset] {
            let mut page = Page::open(&gate, "/shell").await;
            page.0.frame(0x81, b"echo rea''dy\r").await;
            page.until("ready\r\n", bare).await;
            leave(page, way).await;
            assert_gone(&gate, &mark).await;
        }
    }
}

#[tokio::test]
async fn a_shell_that_does_not_listen_is_hung_up_after_its_grace() {
    let mark = format!("deaf-{}", std::process::id());
    let (_cluster, gate) = gate_with(&routes(&mark, "{send: exit, grace: 200ms}")).await;
    let mut page = Page::open(&gate, "/shell").await;
    page.0.frame(0x81, b"trap '' INT; echo rea''dy; while :; do sleep 1; done\r").await;
    page.until("ready\r\n", bare).await;
    leave(page, Way::Reset).await;
    assert_gone(&gate, &mark).await;
}

#[tokio::test]
async fn what_a_shell_does_at_its_end_it_does_within_its_grace() {
    let mark = format!("polite-{}", std::process::id());
    let (_cluster, gate) = gate_with(&routes(&mark, "{send: exit, grace: 20s}")).await;
    let mut page = Page::open(&gate, "/shell").await;
    page.0.frame(0x81, format!("trap 'sleep 0.3; touch bye-{mark}' EXIT; echo rea''dy\r").as_bytes()).await;
    page.until("ready\r\n", bare).await;
    leave(page, Way::Goodbye).await;
    let script = format!("until [ -e bye-{mark} ]; do sleep 0.02; done");
    let told = Ask::script(&gate, &script).offer("v4.channel.k8s.io").open().await.transcript().await;
    assert_eq!(told.close(), (1000, "exit code 0"));
    assert_gone(&gate, &mark).await;
}
