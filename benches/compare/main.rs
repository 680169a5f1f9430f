//! `cargo bench --bench compare`: execgate beside other proxies, each as a whole process, measured from outside.
//!
//! Three kinds of process: this one loads; itself again, with a hidden argument, is the exec server (the demo's, on TLS and on plain
//! HTTP); and a proxy stands between them: the `execgate` binary as in production, with a users file, a policy and its log on, or a
//! peer. All peers are measured in one run, round by round and in turn, so that whatever else the machine does hits all of them. CPU
//! time and memory are those of the proxy's process alone.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::cast_precision_loss,
    reason = "a bench prints figures, and an f64 holds every count that it can reach"
)]

mod bounds;
mod measure;
mod peer;
mod peers;
mod plan;
mod plot;
mod proxy;
mod report;
#[path = "../rig/rig.rs"]
mod rig;
mod route;
mod stage;
mod subject;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, ValueEnum};

use self::peer::Peer;
use self::peers::rust_relay;
use self::plan::Plan;
use self::rig::stub::{self, Stub};
use self::stage::Stage;

/// Compare execgate with other proxies
#[derive(Parser)]
struct Arguments {
    /// How often everything is measured; the median counts
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// An eighth of the bytes, one round: a look, not a result
    #[arg(long)]
    quick: bool,
    /// Where the figures go as JSON
    #[arg(long, value_name = "FILE", default_value = "target/bench/compare.json")]
    json: PathBuf,
    /// Draw what a gigabyte costs by size of frames, and memory by number of sessions, into this folder
    #[arg(long, value_name = "DIR")]
    plot: Option<PathBuf>,
    /// Compare only these
    #[arg(long, value_delimiter = ',')]
    peers: Vec<Peer>,
    /// Measure only the rows that have all of these in their name, such as "output, 8 KiB" "v4, plain"
    #[arg(value_name = "FILTER")]
    filters: Vec<String>,
    /// What cargo says to every bench
    #[arg(long, hide = true)]
    bench: bool,
    /// Play another role than the load
    #[arg(long, hide = true)]
    be: Option<Role>,
}

/// What this program can be besides the load.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Role {
    /// The exec server.
    #[value(name = Stub::ROLE)]
    Stub,
    /// A relay on tokio-tungstenite.
    #[value(name = rust_relay::ROLE)]
    RustRelay,
}

fn main() -> anyhow::Result<ExitCode> {
    let arguments = Arguments::parse();
    rig::process::raise_open_files_limit();
    match arguments.be {
        Some(Role::Stub) => stub::run()?,
        Some(Role::RustRelay) => rust_relay::run()?,
        None => return compare(&arguments),
    }
    Ok(ExitCode::SUCCESS)
}

/// Is the load.
fn compare(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let plan = if arguments.quick { Plan::quick() } else { Plan::full(arguments.rounds) };
    let plan = plan.only(&arguments.filters);
    let is_asked_for = |peer: &&Peer| arguments.peers.is_empty() || arguments.peers.contains(peer);
    let peers: Vec<Peer> = Peer::value_variants().iter().filter(is_asked_for).copied().collect();
    let stage = Stage::start(&peers)?;
    let report = measure::all(&plan, &stage)?;
    anyhow::ensure!(
        !report.is_empty(),
        "no row of these peers has all of {:?} in its name; names are those of the last table in docs/performance.md, such as \"output, 8 KiB frames: execgate, v4, plain\"",
        arguments.filters
    );
    println!("{}", report.to_markdown());
    report.write_json(&arguments.json)?;
    eprintln!("written to {}", arguments.json.display());
    if let Some(folder) = &arguments.plot {
        plot::draw(&report, folder)?;
    }
    let missed: Vec<_> = report.verdicts().into_iter().filter(|verdict| !verdict.is_held()).collect();
    for verdict in &missed {
        eprintln!("missed: {verdict}");
    }
    Ok(if missed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
