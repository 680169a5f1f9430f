//! On a terminal the runtime takes the end of the input for a client that has detached: the output ends with it.

use super::{CHANNEL, OFFERS, V4, V5, name, tell, until_told};
use crate::subject::{Cluster, cluster};
use crate::support::ask::{Ask, shell};

/// What a terminal without input shows when it is told to go on.
async fn shown_without_input(cluster: &Cluster, offer: &str) -> String {
    let name = name();
    let script = format!("{}; echo late; exit 3", until_told(&name));
    let command = format!("{}&stdout=1&tty=1", shell(&script));
    let mut session = Ask::exec(cluster, &command).offer(offer).open().await;
    assert!(session.heard().await.1.is_empty());
    tell(cluster, &name).await;
    let transcript = session.transcript().await;
    assert!(transcript.statuses.concat().contains("exit code 3"), "{offer}: {transcript:?}");
    transcript.text()
}

#[tokio::test]
async fn a_terminal_without_input_may_lose_its_output_unless_a_translator_is_between() {
    let cluster = cluster().await;
    for offer in [CHANNEL, V4] {
        // It is lost as a rule; a runtime that is busy may be late with it.
        let mut tries = 0;
        while !shown_without_input(&cluster, offer).await.is_empty() {
            tries += 1;
            assert!(tries < 10, "{offer}: nothing is ever lost");
        }
    }
    for _ in 0..3 {
        assert_eq!(shown_without_input(&cluster, V5).await, "late\r\n");
    }
}

#[tokio::test]
async fn the_end_of_v5_input_ends_a_terminals_output_and_not_its_command() {
    let cluster = cluster().await;
    let name = name();
    let script = format!("stty -echo; echo ready; {}; echo late; exit 3", until_told(&name));
    let mut session = Ask::on_terminal(&cluster, &script).offer(V5).open().await;
    session.until("ready\r\n").await;
    session.send(&[255, 0]).await;
    // Taken before the script is told to go on.
    session.frame(0x89, b"taken").await;
    assert_eq!(session.next().await.unwrap().first, 0x8a);
    tell(&cluster, &name).await;
    let transcript = session.transcript().await;
    assert_eq!(transcript.text(), "");
    assert_eq!(transcript.status()["details"]["causes"][0]["message"], "3");
}

#[tokio::test]
async fn a_terminal_works_on_every_subprotocol() {
    let cluster = cluster().await;
    for offer in OFFERS {
        let script = "stty -echo; printf 'ready '; read x; echo \"got $x\"; exit 7";
        let mut session = Ask::on_terminal(&cluster, script).offer(offer).open().await;
        session.until("ready ").await;
        session.type_in("ab\u{e9}c\n").await;
        let transcript = session.transcript().await;
        assert_eq!(transcript.text(), "got ab\u{e9}c\r\n", "{offer}");
        assert!(transcript.statuses.concat().contains("exit code 7"), "{offer}");
    }
}

#[tokio::test]
async fn end_of_input_on_a_terminal_is_ctrl_d() {
    let cluster = cluster().await;
    for offer in [V4, V5] {
        let mut session =
            Ask::on_terminal(&cluster, "stty -echo; echo ready; cat; exit 5").offer(offer).open().await;
        session.until("ready\r\n").await;
        session.type_in("line\n\x04").await;
        let transcript = session.transcript().await;
        assert_eq!(transcript.text(), "line\r\n", "{offer}");
        assert_eq!(transcript.status()["details"]["causes"][0]["message"], "5", "{offer}");
    }
}
