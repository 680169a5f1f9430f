//! `cargo bench --bench relay`: the whole process, measured from outside.
//!
//! Three kinds of process: this one loads; itself again, with a hidden argument, is the exec server (the demo's, on TLS); and the
//! `execgate` binary stands between them as in production, with a users file, a policy and its log on. Each measure is taken
//! through execgate and, in the same round, straight from the exec server: the `direct` figures show what load and exec server
//! can do, so that a figure of execgate's below them is its own. CPU time and memory are those of the execgate process alone.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::cast_precision_loss,
    reason = "a bench prints figures, and an f64 holds every count that it can reach"
)]

mod exec_server;
mod measure;
mod plan;
mod report;
#[path = "../rig/rig.rs"]
mod rig;
mod subject;

use std::path::PathBuf;

use clap::Parser;

use self::plan::Plan;

/// Benchmark the whole process
#[derive(Parser)]
struct Arguments {
    /// How often everything is measured; the median counts
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// An eighth of the bytes, one round: a look, not a result
    #[arg(long)]
    quick: bool,
    /// Where the figures go as JSON
    #[arg(long, value_name = "FILE", default_value = "target/bench/relay.json")]
    json: PathBuf,
    /// Measure only what has this in its name
    #[arg(value_name = "FILTER")]
    filter: Option<String>,
    /// What cargo says to every bench
    #[arg(long, hide = true)]
    bench: bool,
    /// Be the exec server
    #[arg(long, hide = true)]
    exec_server: bool,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    if arguments.exec_server {
        return exec_server::run();
    }
    let plan = if arguments.quick { Plan::quick() } else { Plan::full(arguments.rounds) };
    let plan = plan.only(arguments.filter.as_deref());
    let report = measure::all(&plan)?;
    println!("{}", report.to_markdown());
    report.write_json(&arguments.json)?;
    eprintln!("written to {}", arguments.json.display());
    Ok(())
}
