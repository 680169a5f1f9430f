//! The reference's test vectors through execgate: what a page sends arrives at the API server as the vectors of its subprotocol
//! say, and back.

use crate::support::ask::PIPES;
use crate::support::pair::Pair;
use crate::support::vectors::{
    BASE64_STDIN_FOO, CLOSE, E7, E7_HEADER, END_OF_STDIN, RESIZE, SHORT_SUCCESS, STDIN_FOO, SUCCESS,
};
use crate::support::wire::{Frame, framed, hex, masked};

const SIZE: &[u8] = br#"{"Width":80,"Height":24}"#;

/// A client on a terminal whose API server has said that it is connected.
async fn connected(offer: &str) -> Pair {
    let mut pair = Pair::terminal(offer).await;
    pair.server.raw(&hex("82 01 01")).await;
    pair
}

fn binary(payload: &[u8]) -> Frame {
    Frame { first: 0x82, payload: payload.to_vec() }
}

#[tokio::test]
async fn connected_is_told_in_the_pages_own_way() {
    for (offer, told) in [
        ("v4.channel.k8s.io", "82 01 01"),
        ("channel.k8s.io", "82 01 01"),
        ("base64.channel.k8s.io", "81 01 31"),
        ("v4.base64.channel.k8s.io", "81 01 31"),
    ] {
        let mut pair = connected(offer).await;
        assert_eq!(pair.page.bytes(3).await, hex(told), "{offer}");
    }
}

#[tokio::test]
async fn input_and_sizes_of_every_page_arrive_as_v4_says() {
    for offer in ["v4.channel.k8s.io", "channel.k8s.io", "v5.channel.k8s.io"] {
        let Pair { mut page, mut server, gate: _gate, .. } = connected(offer).await;
        page.raw(&hex(STDIN_FOO)).await;
        assert_eq!(server.next().await, Some(binary(b"\0foo\n")), "{offer}");
        page.raw(&hex(RESIZE)).await;
        assert_eq!(server.next().await, Some(binary(&[b"\x04", SIZE].concat())), "{offer}");
    }
    for offer in ["base64.channel.k8s.io", "v4.base64.channel.k8s.io"] {
        let Pair { mut page, mut server, gate: _gate, .. } = connected(offer).await;
        page.raw(&hex(BASE64_STDIN_FOO)).await;
        assert_eq!(server.next().await, Some(binary(b"\0foo\n")), "{offer}");
        page.frame(0x81, b"4eyJXaWR0aCI6ODAsIkhlaWdodCI6MjR9").await;
        assert_eq!(server.next().await, Some(binary(&[b"\x04", SIZE].concat())), "{offer}");
    }
}

#[tokio::test]
async fn each_spelling_of_base64_that_a_server_takes_is_taken() {
    let Pair { mut page, mut server, gate: _gate, .. } = connected("base64.channel.k8s.io").await;
    for (payload, data) in [
        ("0Zm9vCg==", &b"foo\n"[..]),
        ("0BA==", b"\x04"),
        ("0ZXhpdA0=", b"exit\r"),
        ("0aG\nk=", b"hi"),
        ("0aGl=", b"hi"),
    ] {
        page.frame(0x81, payload.as_bytes()).await;
        assert_eq!(server.next().await, Some(binary(&[b"\0", data].concat())), "{payload:?}");
    }
}

#[tokio::test]
async fn what_means_nothing_does_not_reach_the_server() {
    let Pair { mut page, mut server, gate: _gate, .. } = connected("base64.channel.k8s.io").await;
    for payload in ["0", "", "9AAAA", "/AAAA", "1AAAA", "2AAAA", "3AAAA"] {
        page.frame(0x81, payload.as_bytes()).await;
    }
    page.type_in("x").await;
    assert_eq!(server.next().await, Some(binary(b"\0x")));
    let Pair { mut page, mut server, gate: _gate, .. } = connected("v4.channel.k8s.io").await;
    for payload in [&b"\0"[..], b"", b"\x05x", b"\xfex", b"\xff\0", b"\x01x", b"\x02x", b"\x03x"] {
        page.send(payload).await;
    }
    page.raw(&masked(0x82, b"")).await;
    page.type_in("x").await;
    assert_eq!(server.next().await, Some(binary(b"\0x")));
}

#[tokio::test]
async fn output_arrives_as_each_page_reads_it() {
    for (offer, output) in [
        ("v4.channel.k8s.io", hex("82 05 01 68 69 0d 0a")),
        ("base64.channel.k8s.io", hex("81 09 31 61 47 6b 4e 43 67 3d 3d")),
    ] {
        let Pair { mut page, mut server, gate: _gate, .. } = connected(offer).await;
        page.bytes(3).await;
        server.raw(&hex("82 05 01 68 69 0d 0a")).await;
        assert_eq!(page.bytes(output.len()).await, output);
    }
}

#[tokio::test]
async fn success_is_told_as_it_came_from_v4_on_and_not_at_all_before() {
    for status in [SUCCESS, SHORT_SUCCESS] {
        for (offer, told) in [
            ("v4.channel.k8s.io", hex(status)),
            ("v4.base64.channel.k8s.io", base64_status(&hex(status)[3..])),
            ("channel.k8s.io", Vec::new()),
            ("base64.channel.k8s.io", Vec::new()),
        ] {
            let Pair { mut page, mut server, gate: _gate, .. } = connected(offer).await;
            page.bytes(3).await;
            server.raw(&[hex(status), hex(CLOSE)].concat()).await;
            let close = framed(0x88, b"\x03\xe8exit code 0");
            assert_eq!(page.rest().await, [told, close].concat(), "{offer}");
        }
    }
}

#[tokio::test]
async fn exit_7_is_told_as_each_page_reads_it() {
    let text = "command terminated with non-zero exit code: command terminated with exit code 7";
    let before_v4 = "3Y29tbWFuZCB0ZXJtaW5hdGVkIHdpdGggbm9uLXplcm8gZXhpdCBjb2RlOiBjb21tYW5kIHRlcm1pbmF0ZWQgd2l0aCBleGl0IGNvZGUgNw==";
    let status = [hex(E7_HEADER), E7.as_bytes().to_vec()].concat();
    for (offer, told) in [
        ("v4.channel.k8s.io", status.clone()),
        ("v5.channel.k8s.io", status.clone()),
        ("v4.base64.channel.k8s.io", base64_status(E7.as_bytes())),
        ("channel.k8s.io", framed(0x82, &[b"\x03", text.as_bytes()].concat())),
        ("base64.channel.k8s.io", framed(0x81, before_v4.as_bytes())),
    ] {
        let Pair { mut page, mut server, gate: _gate, .. } = connected(offer).await;
        page.bytes(3).await;
        server.raw(&[status.clone(), hex(CLOSE)].concat()).await;
        let close = framed(0x88, b"\x03\xe8exit code 7");
        assert_eq!(page.rest().await, [told, close].concat(), "{offer}");
    }
}

#[tokio::test]
async fn the_end_of_v5_input_reaches_a_v5_server() {
    let Pair { mut page, mut server, gate: _gate, .. } =
        Pair::speaking("v5.channel.k8s.io", "v5.channel.k8s.io", PIPES).await;
    page.raw(&[hex(STDIN_FOO), hex(END_OF_STDIN)].concat()).await;
    assert_eq!(server.next().await, Some(binary(b"\0foo\n")));
    assert_eq!(server.next().await, Some(binary(&[255, 0])));
}

#[tokio::test]
async fn a_close_frame_is_answered_and_the_server_is_told_1000() {
    let Pair { mut page, mut server, gate: _gate, .. } = connected("v4.channel.k8s.io").await;
    page.bytes(3).await;
    page.raw(&hex("88 82 37 fa 21 3d 34 12")).await;
    assert_eq!(page.bytes(4).await, hex(CLOSE));
    assert_eq!(server.next().await, Some(Frame { first: 0x88, payload: vec![3, 0xe8] }));
}

/// A v4.base64 status.
fn base64_status(json: &[u8]) -> Vec<u8> {
    use base64::Engine as _;
    let text = base64::engine::general_purpose::STANDARD.encode(json);
    framed(0x81, format!("3{text}").as_bytes())
}
