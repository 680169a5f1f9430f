//! `cargo bench --bench cluster`: what a page gets through execgate from real Kubernetes, against what it gets from the API server
//! alone.
//!
//! One node of tests/cluster (etcd, kube-apiserver, kubelet, containerd, runc) and `execgate serve` before it. The load asks both for
//! the same, in turn, round by round, so that whatever else the machine does hits both; what counts is the median of the rounds'
//! ratios. CPU time is that of every process that has a hand in it, the load apart. A missed bound (see `bounds`) is an exit code.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::unwrap_used,
    clippy::cast_precision_loss,
    reason = "a bench prints figures, stops when it cannot go on, and an f64 holds every count that it can reach"
)]

mod bounds;
mod cast;
mod measure;
mod pattern;
mod plan;
mod report;
#[path = "../rig/rig.rs"]
mod rig;
mod route;
mod stage;
#[path = "../../tests/support/support.rs"]
mod support;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

use self::plan::Plan;

/// Compare execgate before a real cluster with the cluster alone
#[derive(Parser)]
struct Arguments {
    /// How often everything is measured; the median counts
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// An eighth of the bytes, one round: a look, not a result
    #[arg(long)]
    quick: bool,
    /// Where the figures go as JSON
    #[arg(long, value_name = "FILE", default_value = "target/bench/cluster.json")]
    json: PathBuf,
    /// Measure only what has this in its name
    #[arg(value_name = "FILTER")]
    filter: Option<String>,
    /// What cargo says to every bench
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> anyhow::Result<ExitCode> {
    let arguments = Arguments::parse();
    let plan = if arguments.quick { Plan::quick() } else { Plan::full(arguments.rounds) };
    let plan = plan.only(arguments.filter.as_deref());
    let report = measure::all(&plan)?;
    println!("{}", report.to_markdown());
    report.write_json(&arguments.json)?;
    eprintln!("written to {}", arguments.json.display());
    let missed: Vec<_> = report.verdicts().into_iter().filter(|verdict| !verdict.is_held()).collect();
    for verdict in &missed {
        eprintln!("missed: {verdict}");
    }
    Ok(if missed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
