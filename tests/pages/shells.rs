//! A shell is found where there is one, with its TERM, and where there is none that is told.

use crate::house::ask;
use crate::house::{Page, bare, gate_with};
use crate::support::clusters::cluster;
use crate::support::gate::Gate;
use crate::support::setup::{BOB, Setup};

fn routes(shell: &str) -> String {
    format!(
        "routes:\n  - name: shell\n    path: /shell\n    target: {{namespace: default, pod: web-0, container: app}}\n    \
         command: {{shell: {shell}}}\n    dialect: raw\n"
    )
}

async fn said(gate: &Gate, typed: &str, until: &str) -> String {
    let mut page = Page::open(gate, "/shell").await;
    page.0.frame(0x81, format!("{typed}\r").as_bytes()).await;
    page.until(until, bare).await
}

#[tokio::test]
async fn the_first_shell_that_there_is_runs_and_is_told_its_terminal() {
    for (shell, name) in [("{try: [no-such-shell, bash, sh]}", "bash"), ("{try: [sh, bash]}", "sh")] {
        let (_cluster, gate) = gate_with(&routes(shell)).await;
        said(&gate, "echo \"[$0]\" $TERM", &format!("[{name}] xterm-256color\r\n")).await;
    }
    let (_cluster, gate) = gate_with(&routes("{try: [sh], term: vt100}")).await;
    said(&gate, "echo $TERM", "vt100\r\n").await;
}

#[tokio::test]
async fn an_exit_code_comes_without_the_words_that_looked_for_the_shell() {
    let routes = routes("{try: [bash, sh]}").replace("dialect: raw", "dialect: channel");
    let (_cluster, gate) = gate_with(&routes).await;
    let mut page = ask(&gate, "/shell").offer("v4.channel.k8s.io").open().await;
    page.type_in("exit 3\r").await;
    let transcript = page.transcript().await;
    let message = transcript.status()["message"].to_string();
    assert!(message.ends_with("command terminated with exit code 3\""), "{message}");
    assert_eq!(transcript.close(), (1000, "exit code 3"));
}

#[tokio::test]
async fn a_container_without_a_shell_is_told_so_with_what_helps() {
    let (_cluster, gate) = gate_with(&routes("{try: [no-such-shell, cmd]}")).await;
    let (messages, code, _) = Page::open(&gate, "/shell").await.end().await;
    let words = String::from_utf8(messages.concat()).unwrap();
    assert!(words.contains("this container has no shell (tried no-such-shell, cmd)"), "{words}");
    assert!(words.contains("kubectl debug -it -n default web-0 --image=busybox --target=app"), "{words}");
    assert_eq!(code, 4404);
}

#[tokio::test]
async fn only_shells_that_somebody_may_run_are_tried() {
    let rules = "  - {name: bob, effect: allow, subjects: {users: [bob]}, commands: [sh]}\n";
    let demo = cluster().await;
    let setup = Setup::new().cluster(&demo).rules(rules).with(&routes("{try: [bash, sh]}"));
    let gate = Gate::start(setup).await;
    let mut page = Page(ask(&gate, "/shell").bearing(BOB).open().await);
    page.0.frame(0x81, b"echo \"[$0]\"\r").await;
    page.until("[sh]\r\n", bare).await;

    let setup = Setup::new().cluster(&demo).rules(rules).with(&routes("{try: [bash, cmd]}"));
    let gate = Gate::start(setup).await;
    let (messages, code, _) = Page(ask(&gate, "/shell").bearing(BOB).open().await).end().await;
    let words = String::from_utf8(messages.concat()).unwrap();
    assert!(words.contains("and command bash or cmd"), "{words}");
    assert_eq!(code, 4403);
}
