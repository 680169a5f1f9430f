//! base64 as Go's decoder reads it: line breaks skipped, trailing bits accepted, padding wanted, one alphabet.

use super::{BASE64, CLOSE, V4_BASE64, connected};
use crate::subject::cluster;
use crate::support::ask::shell;
use crate::support::vectors::BASE64_STDIN_FOO;
use crate::support::wire::hex;

/// Each is dropped, and the session goes on.
const DROPPED: [&str; 16] = [
    "0aGk",
    "0Zm9v*",
    "0-_-_",
    "0aGk=x",
    "0aGk=aGk=",
    "0a",
    "0=",
    "0====",
    "0aGk= ",
    "1AAAA",
    "2AAAA",
    "3AAAA",
    "5AAAA",
    "9AAAA",
    "/AAAA",
    "\0AAAA",
];

#[tokio::test]
async fn what_go_decodes_is_input_and_the_rest_is_dropped() {
    let cluster = cluster().await;
    for offer in [BASE64, V4_BASE64] {
        let mut session = connected(&cluster, "command=head&command=-c12", offer).await;
        for dropped in DROPPED {
            session.frame(0x81, dropped.as_bytes()).await;
        }
        for (first, taken) in [
            (0x81, "0"),
            (0x81, ""),
            (0x81, "0aG\nk="),
            (0x81, "0aGl="),
            (0x81, "0Zm8K"),
            (0x81, "0\r\naG\r\nk=\r\n"),
            (0x81, "0\n"),
            // Whatever the frame calls itself.
            (0x82, "0eA=="),
            (0x83, "0eQ=="),
            // A fragment is a message.
            (0x01, "0eg=="),
        ] {
            session.frame(first, taken.as_bytes()).await;
        }
        assert_eq!(session.transcript().await.text(), "hihifo\nhixyz", "{offer}");
    }
}

#[tokio::test]
async fn each_message_is_padded_by_itself() {
    let cluster = cluster().await;
    let script = shell("printf a; read x; printf bc; read x");
    let mut session = connected(&cluster, &script, BASE64).await;
    assert_eq!(session.payload().await, b"1YQ==");
    session.raw(&hex(BASE64_STDIN_FOO)).await;
    assert_eq!(session.payload().await, b"1YmM=");
    session.type_in("\n").await;
    assert_eq!(session.rest().await, CLOSE);
}

#[tokio::test]
async fn a_whole_session_is_as_the_vectors_say() {
    let cluster = cluster().await;
    let mut session = connected(&cluster, "command=head&command=-n1", BASE64).await;
    session.raw(&hex(BASE64_STDIN_FOO)).await;
    assert_eq!(session.rest().await, [b"\x81\x091Zm9vCg==".as_slice(), &CLOSE].concat());
    let mut session = connected(&cluster, "command=true", V4_BASE64).await;
    assert_eq!(session.payload().await, b"3eyJzdGF0dXMiOiJTdWNjZXNzIn0=");
    assert_eq!(session.rest().await, CLOSE);
}
