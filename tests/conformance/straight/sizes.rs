//! Terminal sizes as Go's encoding/json reads them: a stream of values, not of messages.

use super::{BASE64, OFFERS, V4, V5};
use crate::subject::{Cluster, cluster};
use crate::support::ask::Ask;
use crate::support::session::Session;
use crate::support::vectors::RESIZE;
use crate::support::wire::{PATIENCE, hex};

/// A terminal that says its size after each line.
async fn terminal(cluster: &Cluster, offer: &str) -> Session {
    let script = "stty -echo; echo ready; while read x; do stty size; done";
    let mut session = Ask::on_terminal(cluster, script).offer(offer).open().await;
    session.until("ready\r\n").await;
    session
}

/// Asks the terminal until it has the size `expected`: a size and what is typed behind it take different ways. It had no other than
/// those in `before`, if they are known.
pub(crate) async fn until_size(session: &mut Session, expected: &str, before: &[&str]) {
    let asking = async {
        loop {
            session.type_in("\n").await;
            let size = session.until("\n").await;
            if size.trim() == expected {
                return;
            }
            let is_known = before.is_empty() || before.contains(&size.trim());
            assert!(is_known, "{size:?} on the way to {expected}");
        }
    };
    tokio::time::timeout(PATIENCE, asking).await.unwrap_or_else(|_| panic!("it never gets {expected}"));
}

#[tokio::test]
async fn a_size_is_seen_by_the_terminal_on_every_subprotocol() {
    let cluster = cluster().await;
    for offer in OFFERS {
        let mut session = terminal(&cluster, offer).await;
        for (width, height) in [(80, 24), (29999, 2), (132, 50)] {
            session.resize(width, height).await;
            until_size(&mut session, &format!("{height} {width}"), &[]).await;
        }
    }
    let mut session = terminal(&cluster, V4).await;
    session.raw(&hex(RESIZE)).await;
    until_size(&mut session, "24 80", &[]).await;
    let mut session = terminal(&cluster, BASE64).await;
    session.frame(0x81, b"4eyJXaWR0aCI6ODAsIkhlaWdodCI6MjR9").await;
    until_size(&mut session, "24 80", &[]).await;
}

/// Messages, and the size that they end with.
const SPELLINGS: [(&[&str], &str); 8] = [
    (&[r#"{"Width":80,"Height":24}"#], "24 80"),
    (&[r#"{"width":81,"HEIGHT":25}"#], "25 81"),
    (&[" \n{\"x\":[1,{\"Width\":5}],\"Width\":83,\"Height\":27} \n"], "27 83"),
    (&[r#"{"Width":80,"Height":28,"Width":84}"#], "28 84"),
    (&[r#"{"Width":8"#, r#"5,"Height":29}"#], "29 85"),
    // Zeros and missing numbers are skipped; a word is read once something follows it.
    (&["{}", r#"{"Width":null,"Height":30}"#, r#"{"Width":86,"Height":30}"#], "30 86"),
    (&[r#"{"Width":0,"Height":31}"#, r#"{"Width":87}"#, r#"{"Width":87,"Height":31}"#], "31 87"),
    (&["null", r#"{"Width":88,"Height":32}"#], "32 88"),
];

#[tokio::test]
async fn keys_may_be_spelled_and_values_cut_and_joined_in_many_ways() {
    let cluster = cluster().await;
    for offer in [V4, V5] {
        let mut session = terminal(&cluster, offer).await;
        let mut before = Vec::new();
        for (messages, seen) in SPELLINGS {
            for message in messages {
                session.say(4, message.as_bytes()).await;
            }
            until_size(&mut session, seen, &before).await;
            before = vec![seen];
        }
        session.say(4, br#"{"Width":80,"Height":24}{"Width":82,"Height":26}{"Wid"#).await;
        until_size(&mut session, "26 82", &["32 88", "24 80"]).await;
        session.say(4, br#"th":89,"Height":33}"#).await;
        until_size(&mut session, "33 89", &["26 82"]).await;
    }
}

#[tokio::test]
async fn a_burst_ends_with_its_last_size() {
    let cluster = cluster().await;
    for offer in [V4, V5] {
        let mut session = terminal(&cluster, offer).await;
        for width in 1..=200 {
            session.resize(width, 40).await;
        }
        until_size(&mut session, "40 200", &[]).await;
    }
}
