//! `cargo bench --bench dialects`: what the dialects of pages cost beside base64.
//!
//! The processes are those of `compare`: this one loads, itself again is the exec server, and between them stands `execgate serve` as
//! in production, with a route for each page. Pages take turns within a round; what counts is the median of the rounds' ratios of CPU
//! time to the base64 page's. JSON that costs more than twice as much is an exit code.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::cast_precision_loss,
    reason = "a bench prints figures, and an f64 holds every count that it can reach"
)]

mod load;
mod page;
#[path = "../rig/rig.rs"]
mod rig;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Parser;
use serde_json::json;

use self::load::Load;
use self::page::Page;
use self::rig::gate::{Gate, Workers};
use self::rig::limit::Limit;
use self::rig::machine::Machine;
use self::rig::stub::{self, Stub};
use self::rig::table::{line, median, rule};

/// What is promised of a page's CPU time per byte, to the base64 page's.
const PROMISE: Limit = Limit::AtMost(2.0);
/// What is sent each time.
const BYTES: usize = 128 << 20;

/// Measure what the dialects of pages cost
#[derive(Parser)]
struct Arguments {
    /// How often everything is measured; the median counts
    #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// An eighth of the bytes, one round: a look, not a result
    #[arg(long)]
    quick: bool,
    /// Where the figures go as JSON
    #[arg(long, value_name = "FILE", default_value = "target/bench/dialects.json")]
    json: PathBuf,
    /// What cargo says to every bench
    #[arg(long, hide = true)]
    bench: bool,
    /// Play another role than the load
    #[arg(long, hide = true, value_parser = [Stub::ROLE])]
    be: Option<String>,
}

/// What was measured of one load, through one gate.
struct Row {
    name: String,
    /// CPU seconds per gigabyte, of each page in each round.
    costs: [Vec<f64>; Page::ALL.len()],
}

fn main() -> anyhow::Result<ExitCode> {
    let arguments = Arguments::parse();
    if arguments.be.is_some() {
        stub::run()?;
        return Ok(ExitCode::SUCCESS);
    }
    let (rounds, bytes) = if arguments.quick { (1, BYTES / 8) } else { (arguments.rounds, BYTES) };
    let rows = measure(rounds, bytes)?;
    println!("{}. Medians of {rounds} rounds.\n", Machine::this().to_text());
    print_table(&rows);
    write_json(&rows, rounds, &arguments.json)?;
    eprintln!("written to {}", arguments.json.display());
    let mut missed = false;
    for row in &rows {
        for (page, ratio) in row.ratios().filter(|(_, ratio)| !PROMISE.holds(*ratio)) {
            eprintln!("missed: {}, {}: {ratio:.2} of base64, promised {PROMISE}", row.name, page.name());
            missed = true;
        }
    }
    Ok(if missed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn measure(rounds: u32, bytes: usize) -> anyhow::Result<Vec<Row>> {
    let stub = Stub::start()?;
    let routes = load::routes(bytes)?;
    let gate = |upstream| Gate::with_routes(upstream, Workers::Exactly(1), &routes);
    let gates = [("plain", gate(&stub.upstreams.plain)?), ("TLS", gate(&stub.upstreams.tls)?)];
    let mut rows = Vec::new();
    for (upstream, _) in &gates {
        rows.extend(Load::ALL.map(|load| Row::new(format!("{load}, {upstream}"))));
    }
    let mut order: Vec<usize> = (0..Page::ALL.len()).collect();
    for round in 1..=rounds {
        eprintln!("round {round} of {rounds}");
        let loads = gates.iter().flat_map(|(_, gate)| Load::ALL.map(|load| (gate, load)));
        for ((gate, load), row) in loads.zip(&mut rows) {
            for page in &order {
                let cost = load.cpu_seconds_per_gigabyte(Page::ALL[*page], gate, bytes);
                let cost = cost.with_context(|| format!("{}, {}", row.name, Page::ALL[*page].name()))?;
                row.costs[*page].push(cost);
            }
        }
        // Whoever comes first finds another machine than whoever comes last.
        order.rotate_left(1);
    }
    Ok(rows)
}

impl Row {
    fn new(name: String) -> Self {
        Self { name, costs: Default::default() }
    }

    /// Each page, with the median of its ratios to the base64 page.
    fn ratios(&self) -> impl Iterator<Item = (Page, f64)> {
        let (base64, others) = self.costs.split_first().expect("there are pages");
        Page::ALL.into_iter().skip(1).zip(others).map(move |(page, costs)| {
            let ratios: Vec<f64> = costs.iter().zip(base64).map(|(cost, base64)| cost / base64).collect();
            (page, median(&ratios))
        })
    }
}

fn print_table(rows: &[Row]) {
    let heads = Page::ALL.iter().skip(1).flat_map(|page| [page.name(), "ratio"]);
    let heads = ["CPU s/GB", "base64"].into_iter().chain(heads);
    println!("{}\n{}", line(heads.map(str::to_owned)), rule(2 * Page::ALL.len() - 1));
    for row in rows {
        let costs = row.costs.iter().map(|costs| format!("{:.2}", median(costs)));
        let ratios = row.ratios().map(|(_, ratio)| format!("{ratio:.2}"));
        let [mut costs, mut ratios] = [costs.collect::<Vec<_>>(), ratios.collect()].map(Vec::into_iter);
        let mut cells = vec![row.name.clone()];
        cells.extend(costs.next());
        cells.extend(costs.by_ref().zip(ratios.by_ref()).flat_map(|(cost, ratio)| [cost, ratio]));
        println!("{}", line(cells.into_iter()));
    }
}

fn write_json(rows: &[Row], rounds: u32, file: &Path) -> anyhow::Result<()> {
    let rows = rows.iter().map(|row| {
        let costs: serde_json::Map<_, _> = Page::ALL
            .iter()
            .zip(&row.costs)
            .map(|(page, costs)| (page.name().to_owned(), json!(costs)))
            .collect();
        let ratios: serde_json::Map<_, _> =
            row.ratios().map(|(page, ratio)| (page.name().to_owned(), json!(ratio))).collect();
        json!({"row": row.name, "cpuSecondsPerGigabyte": costs, "ratios": ratios})
    });
    let report = json!({"machine": Machine::this(), "rounds": rounds, "rows": rows.collect::<Vec<_>>()});
    rig::json_file::write(file, &report)
}
