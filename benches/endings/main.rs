//! `cargo bench --bench endings`: how often a client that reads slowly and speaks meanwhile gets all output and the exit code, on a
//! real cluster of its own: dialled straight, through nginx as a pass-through, through execgate.
//!
//! Needs what tests/cluster/build needs, root, and Debian's nginx and libnginx-mod-stream. Nothing is asserted: it measures.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a bench prints figures, and one that cannot go on has nothing to print"
)]

#[path = "../../tests/support/support.rs"]
mod support;

mod nginx;

use clap::Parser;

use self::nginx::{Nginx, Passing};
use self::support::ask::{Door, Serves};
use self::support::node::alpha;
use self::support::process::Process;
use self::support::setup::Setup;
use self::support::slow_reader::{Clock, Speech, read_slowly};

const OFFERS: [&str; 3] = ["v4.channel.k8s.io", "v5.channel.k8s.io", "base64.channel.k8s.io"];
const ZEROS: usize = 4_000_000;
const SPEECHES: [Speech; 4] = [Speech::Nothing, Speech::Pings, Speech::Sizes, Speech::Keys];

/// Measure how often the end of the output arrives
#[derive(Parser)]
struct Arguments {
    /// How often each client says each thing
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..))]
    runs: u32,
    /// What cargo says to every bench
    #[arg(long, hide = true)]
    bench: bool,
}

/// A way to the cluster.
struct Way {
    name: &'static str,
    door: Door,
}

impl Serves for Way {
    fn door(&self) -> Door {
        self.door.clone()
    }
}

#[tokio::main]
async fn main() {
    let arguments = Arguments::parse();
    let node = alpha();
    let direct = node.door();
    let stream = Nginx::before(&direct, Passing::Bytes).await;
    let http = Nginx::before(&direct, Passing::Requests).await;
    let gate = Process::start(Setup::new().node(node), "warn,execgate::app=info").await;
    let ways = [
        Way { name: "direct", door: direct },
        Way { name: "nginx, TCP", door: stream.door() },
        Way { name: "nginx, HTTP", door: http.door() },
        Way { name: "execgate", door: gate.door() },
    ];
    println!(
        "{ZEROS} bytes of output; whole runs of {}, and the fewest bytes that arrived\n",
        arguments.runs
    );
    println!("| way | offer | says nothing | pings | sizes | keys |\n|---|---|---:|---:|---:|---:|");
    for way in &ways {
        for offer in OFFERS {
            let mut cells = Vec::new();
            for speech in SPEECHES {
                cells.push(cell(way, offer, speech, arguments.runs).await);
            }
            let offer = offer.trim_end_matches(".channel.k8s.io");
            println!("| {} | {offer} | {} |", way.name, cells.join(" | "));
        }
    }
}

async fn cell(way: &Way, offer: &str, speech: Speech, runs: u32) -> String {
    let (mut whole, mut fewest) = (0, ZEROS);
    for _ in 0..runs {
        let mut session = speech.ask(way, ZEROS).offer(offer).open().await;
        let reading = read_slowly(&mut session, speech, &mut Clock::Wall).await;
        whole += u32::from(reading.is_whole(ZEROS));
        fewest = fewest.min(reading.zeros);
    }
    if whole == runs { format!("{whole}") } else { format!("{whole} ({fewest})") }
}
