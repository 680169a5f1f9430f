//! A client that lets its output wait loses none of it, whatever it says meanwhile.

use futures_util::future::join_all;

use crate::support::ask::{Ask, Serves};
use crate::support::clusters::{cluster, cluster_over_tls};
use crate::support::gate::Gate;
use crate::support::setup::Setup;
use crate::support::slow_reader::{BURST, Reading, Speech, read_slowly};

const V4: &str = "v4.channel.k8s.io";
const BASE64: &str = "base64.channel.k8s.io";

async fn readings(server: &impl Serves, offer: &str, speech: Speech, runs: usize) -> Vec<Reading> {
    let run = async || {
        let ask = match speech {
            Speech::Sizes | Speech::Everything => Ask::on_terminal(server, BURST),
            Speech::Nothing | Speech::Pings | Speech::Keys => Ask::script(server, BURST),
        };
        read_slowly(&mut ask.offer(offer).open().await, speech).await
    };
    join_all((0..runs).map(|_| run())).await
}

#[tokio::test]
async fn probe() {
    let (plain, tls) = tokio::join!(cluster(), cluster_over_tls("alpha"));
    let gate = Gate::before(&plain).await;
    let tls_gate = Gate::start(Setup::new().cluster(&tls).tls()).await;
    for speech in [Speech::Keys] {
        for offer in [BASE64] {
            for (name, all) in [
                ("gate", readings(&gate, offer, speech, 4).await),
                ("gate tls", readings(&tls_gate, offer, speech, 4).await),
            ] {
                let whole = all.iter().filter(|r| r.is_whole()).count();
                let zeros: Vec<_> = all.iter().map(|r| r.zeros).collect();
                println!("{speech:?} {offer} {name}: {whole} of 8 whole {zeros:?}");
            }
        }
    }
}
