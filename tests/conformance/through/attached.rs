//! attach through a gate: the main process is shared and outlives its clients.

use super::{assert_exit, gate, name};
use crate::straight::attach::{attach, until_heard, until_resized};
use crate::straight::{BASE64, OFFERS, V4, V5};
use crate::support::ask::Ask;

#[tokio::test]
async fn every_client_shares_a_main_process_that_outlives_them() {
    let gate = gate().await;
    // Without input, only a v5 client is told what others type.
    let mut watching = attach(&gate, "pipe", "stdout=1&stderr=1", V5).await;
    for offer in OFFERS {
        let mut session = attach(&gate, "pipe", "stdin=1&stdout=1&stderr=1", offer).await;
        let word = name();
        session.type_in(format!("{word}\n")).await;
        until_heard(&mut session, &word).await;
        until_heard(&mut watching, &word).await;
        session.frame(0x88, &[3, 0xe8]).await;
        session.rest().await;
    }
}

#[tokio::test]
async fn the_end_of_v5_input_detaches_with_success() {
    let gate = gate().await;
    let mut session = attach(&gate, "pipe", "stdin=1&stdout=1&stderr=1", V5).await;
    let word = name();
    session.type_in(format!("{word}\n")).await;
    until_heard(&mut session, &word).await;
    session.send(&[255, 0]).await;
    assert_exit(&session.transcript().await, V5, 0);
}

#[tokio::test]
async fn a_terminal_is_attached_with_its_size() {
    let gate = gate().await;
    for (offer, width) in [(V4, 111), (V5, 112), (BASE64, 113)] {
        let mut session = attach(&gate, "console", "stdin=1&stdout=1&tty=1", offer).await;
        until_resized(&mut session, width).await;
    }
}

#[tokio::test]
async fn a_page_is_told_what_the_runtime_finds_contradictory() {
    let gate = gate().await;
    let ask = Ask::pod(&gate, "console", "attach?stdout=1&stderr=1").by_page();
    let transcript = ask.offer(BASE64).open().await.transcript().await;
    let words = "cluster \"alpha\" refused (500): tty and stderr cannot both be true";
    assert_eq!(String::from_utf8_lossy(&transcript.stderr), format!("execgate: {words}\r\n"));
    assert_eq!(transcript.close(), (1011, words));
}
