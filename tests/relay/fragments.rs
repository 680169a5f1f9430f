//! Messages in pieces: a browser fragments what is large, a network cuts anywhere, and the pod reads it whole and in order.

use crate::support::pair::Pair;
use crate::support::pieces::{fragmented, noise};

const V4: &str = "v4.channel.k8s.io";

#[tokio::test]
async fn no_fragment_ever_goes_to_the_server() {
    let Pair { mut page, mut server, gate: _gate, .. } = Pair::terminal(V4).await;
    let data = noise(300_000);
    page.raw(&fragmented(0x02, &[&[0], &data[..]].concat(), 40_000)).await;
    let mut seen: Vec<u8> = Vec::new();
    while seen.len() < data.len() {
        let frame = server.next().await.unwrap();
        // FIN, binary, and a channel byte of its own.
        assert_eq!((frame.first, frame.payload[0]), (0x82, 0));
        seen.extend(&frame.payload[1..]);
    }
    assert_eq!(seen, data);
}
