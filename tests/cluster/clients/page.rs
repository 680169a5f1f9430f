//! examples/plain-page in Chromium: tests/clients/page says what a person does there and sees.

use std::process::Command;

use super::place::{RULES, User};
use super::{folder_of, prepared};
use crate::support::gate::Gate;
use crate::support::node::alpha;
use crate::support::setup::Setup;

#[tokio::test]
async fn a_page_in_a_browser_is_a_terminal_in_the_pod() {
    prepared("page");
    // However busy the machine is, the rest of a character comes in that time.
    let setup = Setup::new().node(alpha()).rules(RULES).sessions("{utf8Hold: 10s}");
    let gate = Gate::start(setup).await;
    let tokens = [User::Alice, User::Bob].map(|user| format!("\"{}\": \"{}\"", user.name(), user.token()));
    let mut node = Command::new("node");
    node.args(["--test", "--test-concurrency=1", "--test-timeout=120000"])
        .arg(folder_of("page/shell.test.js"))
        .env("EXECGATE", format!("http://{}", gate.address))
        .env("TOKENS", format!("{{{}}}", tokens.join(", ")));
    let output = tokio::task::spawn_blocking(move || node.output()).await.unwrap().expect("node can be run");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}
