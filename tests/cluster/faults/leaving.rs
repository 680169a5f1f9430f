//! Nobody has failed, somebody has left: the shell of a terminal does not stay in the pod.

use super::guest::Kind;
use super::scene::are_gone;
use crate::support::ask::{Ask, TTY};
use crate::support::gate::Gate;
use crate::support::node::alpha;
use crate::support::setup::Setup;

#[tokio::test]
async fn a_terminal_that_is_left_takes_its_shell_with_it() {
    let gate = Gate::start(Setup::new().node(alpha())).await;
    let mut marks = Vec::new();
    for kind in [Kind::Page, Kind::Terminal] {
        let guest = kind.come(&gate).await;
        marks.push(guest.mark.clone());
        guest.vanish();
    }
    // A tab that is closed, too, sends a close frame.
    let guest = Kind::Page.come(&gate).await;
    marks.push(guest.mark.clone());
    guest.leave().await;
    are_gone(&marks).await;
}

#[tokio::test]
async fn a_shell_whose_terminal_reached_a_limit_ends() {
    let gate = Gate::start(Setup::new().node(alpha()).sessions("{idleTimeout: 1s, drainTimeout: 0s}")).await;
    let idle = Kind::Page.come(&gate).await;
    let marks = [idle.mark.clone()];
    idle.last_words().await;
    are_gone(&marks).await;
    let drained = Kind::Page.come(&gate).await;
    let marks = [drained.mark.clone()];
    gate.signals.drain.cancel();
    drained.last_words().await;
    are_gone(&marks).await;
}

#[tokio::test]
async fn a_shell_ends_by_what_is_typed_if_the_configuration_says_so() {
    for send in ["eof", "exit"] {
        let setup = Setup::new().node(alpha()).sessions(&format!("{{onDisconnect: {{send: {send}}}}}"));
        let gate = Gate::start(setup).await;
        let guest = Kind::Page.come(&gate).await;
        let marks = [guest.mark.clone()];
        guest.vanish();
        are_gone(&marks).await;
    }
}

#[tokio::test]
async fn a_main_process_that_somebody_was_attached_to_goes_on() {
    let gate = Gate::start(Setup::new().node(alpha())).await;
    let before = alpha().main_process("console", "app");
    let target = format!("/api/v1/namespaces/default/pods/console/attach?container=app&{TTY}");
    let attach = || Ask::new(&gate, "GET", target.clone()).upgrade().offer("base64.channel.k8s.io");
    for round in 0..2 {
        let mut session = attach().open().await;
        session.type_in(format!("echo round-$(({round}))-\n")).await;
        let mut seen = String::new();
        while !seen.contains(&format!("round-{round}-")) {
            seen += &String::from_utf8_lossy(&session.heard().await.1);
        }
        session.reset();
    }
    assert_eq!(alpha().main_process("console", "app"), before);
}
