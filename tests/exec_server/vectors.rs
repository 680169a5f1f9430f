//! The reference's test vectors, whole connections byte for byte.

use execgate::demo::{DemoSettings, StatusDialect};

use crate::support::ask::{Ask, PIPES, TTY};
use crate::support::clusters::{cluster, cluster_with};
use crate::support::vectors::{
    BASE64_STDIN_FOO, CLOSE, E7, E7_HEADER, END_OF_STDIN, RESIZE, SHORT_SUCCESS, STDIN_FOO, SUCCESS,
};
use crate::support::wire::hex;

#[tokio::test]
async fn the_101_has_the_lines_of_golang_x_net() {
    let cluster = cluster().await;
    let session = Ask::exec(&cluster, &format!("command=true&{PIPES}"))
        .offer("v5.channel.k8s.io, v4.channel.k8s.io")
        .open()
        .await;
    assert_eq!(
        session.head,
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Protocol: v5.channel.k8s.io\r\n\r\n"
    );
}

#[tokio::test]
async fn a_whole_v5_session() {
    let cluster = cluster().await;
    let mut session =
        Ask::exec(&cluster, &format!("command=cat&{PIPES}")).offer("v5.channel.k8s.io").open().await;
    session.raw(&hex(STDIN_FOO)).await;
    session.raw(&hex(END_OF_STDIN)).await;
    let expected = [hex("82 01 01"), hex("82 05 01 66 6f 6f 0a"), hex(SUCCESS), hex(CLOSE)];
    assert_eq!(session.rest().await, expected.concat());
}

#[tokio::test]
async fn a_whole_base64_session() {
    let cluster = cluster().await;
    let mut session = Ask::exec(&cluster, &format!("command=head&command=-n1&{PIPES}"))
        .offer("base64.channel.k8s.io")
        .open()
        .await;
    session.raw(&hex(BASE64_STDIN_FOO)).await;
    let expected = [hex("81 01 31"), b"\x81\x091Zm9vCg==".to_vec(), hex(CLOSE)];
    assert_eq!(session.rest().await, expected.concat());
}

#[tokio::test]
async fn a_resize_is_seen_by_stty() {
    let cluster = cluster().await;
    let script = "command=sh&command=-c&command=read+x;stty+size";
    let mut session = Ask::exec(&cluster, &format!("{script}&{TTY}")).offer("v4.channel.k8s.io").open().await;
    session.raw(&hex(RESIZE)).await;
    session.send(b"\0\n").await;
    let transcript = session.transcript().await;
    assert_eq!(transcript.stdout, b"\r\n24 80\r\n");
}

#[tokio::test]
async fn a_ping_is_answered_and_an_empty_message_ignored() {
    let cluster = cluster().await;
    let mut session =
        Ask::exec(&cluster, &format!("command=cat&{PIPES}")).offer("v4.channel.k8s.io").open().await;
    assert_eq!(session.next().await.unwrap().payload, [1]);
    session.raw(&hex("82 80 37 fa 21 3d")).await;
    session.raw(&hex("89 80 37 fa 21 3d")).await;
    let pong = session.next().await.unwrap();
    assert_eq!((pong.first, pong.payload), (0x8a, vec![]));
}

#[tokio::test]
async fn a_close_frame_is_answered_with_1000_and_no_status() {
    let cluster = cluster().await;
    let mut session =
        Ask::exec(&cluster, &format!("command=cat&{PIPES}")).offer("v4.channel.k8s.io").open().await;
    session.raw(&hex("88 82 37 fa 21 3d 34 12")).await;
    assert_eq!(session.rest().await, hex("82 01 01 88 02 03 e8"));
}

#[tokio::test]
async fn exit_7_behind_a_translator() {
    let cluster = cluster().await;
    let mut session = Ask::script(&cluster, "exit 7").offer("v5.channel.k8s.io").open().await;
    let status = [hex(E7_HEADER), E7.as_bytes().to_vec()].concat();
    assert_eq!(session.rest().await, [hex("82 01 01"), status, hex(CLOSE)].concat());
}

#[tokio::test]
async fn success_in_both_dialects() {
    for (status_dialect, success) in [(StatusDialect::Full, SUCCESS), (StatusDialect::Short, SHORT_SUCCESS)] {
        let settings = DemoSettings { status_dialect, ..DemoSettings::default() };
        let cluster = cluster_with(settings).await;
        let mut session =
            Ask::exec(&cluster, &format!("command=true&{PIPES}")).offer("v4.channel.k8s.io").open().await;
        let expected = [hex("82 01 01"), hex(success), hex(CLOSE)].concat();
        assert_eq!(session.rest().await, expected);
    }
}

#[tokio::test]
async fn success_in_v4_base64() {
    let cluster = cluster().await;
    let mut session =
        Ask::exec(&cluster, &format!("command=true&{PIPES}")).offer("v4.base64.channel.k8s.io").open().await;
    assert_eq!(session.payload().await, b"1");
    assert_eq!(session.payload().await, b"3eyJtZXRhZGF0YSI6e30sInN0YXR1cyI6IlN1Y2Nlc3MifQ==");
    assert_eq!(session.rest().await, hex(CLOSE));
}

#[tokio::test]
async fn base64_is_decoded_as_go_decodes_it_and_the_rest_is_dropped() {
    let cluster = cluster().await;
    let mut session = Ask::exec(&cluster, &format!("command=head&command=-c7&{PIPES}"))
        .offer("base64.channel.k8s.io")
        .open()
        .await;
    for dropped in ["0aGk", "0Zm9v*", "0-_-_", "9AAAA", "/AAAA", "1AAAA", ""] {
        session.frame(0x81, dropped.as_bytes()).await;
    }
    for taken in ["0", "0aG\nk=", "0aGl=", "0Zm8K"] {
        session.frame(0x81, taken.as_bytes()).await;
    }
    let mut encoded = String::new();
    assert_eq!(session.payload().await, b"1");
    loop {
        let frame = session.next().await.unwrap();
        if frame.first == 0x88 {
            break;
        }
        assert_eq!((frame.first, frame.payload[0]), (0x81, b'1'));
        encoded.push_str(std::str::from_utf8(&frame.payload[1..]).unwrap());
    }
    assert_eq!(encoded, "aGloaWZvCg==");
}
