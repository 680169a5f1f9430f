//! A client that leaves: the command is not killed, its input ends, its place is free, and a shell may be told to go.

use super::{Front, gate, gate_with, name, until_told};
use crate::straight::{BASE64, V4, V5};
use crate::support::ask::{Ask, PIPES, TTY};
use crate::support::session::Session;

/// How a client leaves.
#[derive(Debug, Clone, Copy)]
enum Way {
    CloseFrame,
    EndOfBytes,
    Reset,
}

impl Way {
    async fn leave(self, mut session: Session) {
        match self {
            Self::CloseFrame => session.frame(0x88, &[3, 0xe9]).await,
            Self::EndOfBytes => session.shut_down().await,
            Self::Reset => return session.reset(),
        }
        session.rest().await;
    }
}

async fn assert_told(gate: &Front, name: &str) {
    let waiting = Ask::script(gate, &until_told(name)).offer(V4).open().await.transcript().await;
    assert_eq!(waiting.close(), (1000, "exit code 0"));
}

#[tokio::test]
async fn a_command_whose_client_leaves_is_not_killed_and_its_input_ends() {
    let gate = gate().await;
    for offer in [V4, BASE64, V5] {
        for way in [Way::CloseFrame, Way::EndOfBytes, Way::Reset] {
            let name = name();
            let script = format!("echo ready; cat >/dev/null; touch {name}");
            let mut session = Ask::script(&gate, &script).offer(offer).open().await;
            session.until("ready\n").await;
            way.leave(session).await;
            assert_told(&gate, &name).await;
        }
    }
}

#[tokio::test]
async fn a_client_that_vanishes_frees_its_place() {
    let gate = gate_with("{max: 1}").await;
    let ask = || Ask::exec(&gate, &format!("command=cat&{PIPES}")).offer(BASE64);
    for _ in 0..5 {
        let mut session = loop {
            if let Ok(session) = ask().try_open(&[]).await {
                break session;
            }
        };
        session.type_in("x").await;
        session.until("x").await;
        session.reset();
    }
}

#[tokio::test]
async fn a_shell_whose_client_vanishes_ends_if_the_last_input_says_so() {
    for send in ["eof", "exit"] {
        let gate = gate_with(&format!("{{onDisconnect: {{send: {send}}}}}")).await;
        let name = name();
        let mut session = Ask::exec(&gate, &format!("command=sh&{TTY}")).offer(BASE64).open().await;
        session.type_in(format!("PS1=; trap '' HUP; trap 'touch {name}' EXIT; echo rea''dy\r")).await;
        let mut seen = String::new();
        while !seen.contains("ready\r\n") {
            seen.push_str(&String::from_utf8_lossy(&session.heard().await.1));
        }
        session.reset();
        assert_told(&gate, &name).await;
    }
}
