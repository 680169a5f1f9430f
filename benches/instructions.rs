//! `cargo bench --bench instructions`: how many instructions it takes to translate a session's bytes, counted by valgrind, with bounds.
//!
//! Time on a shared machine hides a regression of a third; instructions hide none. Each case runs in a process of its own under
//! valgrind, once and nine times, and the difference is divided: what starting costs is not counted. Valgrind knows no AVX-512, so the
//! counts are those of a processor with AVX2.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::cast_precision_loss,
    reason = "a bench prints figures, and an f64 holds every count that it can reach"
)]

mod session;
mod stream;

use std::env;
use std::process::{Command, ExitCode};

use anyhow::{Context as _, bail, ensure};

use execgate::protocol::bridge::Leg;

use self::session::{CASES, Page, Session};

/// A key press or a line of output, where frames are what costs; and what a container runtime sends, where bytes are.
const SMALL: usize = stream::SIZES[0];
const LARGE: usize = stream::SIZES[3];

/// At most so many instructions: a frame of [`SMALL`] bytes, and a KiB of data in frames of [`LARGE`]. A tenth above what was counted
/// when they were last looked at.
const BOUNDS: [(&str, f64, f64); 9] = [
    ("v4_to_base64_page", 1770.0, 1570.0),
    // Valgrind counts each byte of a long copy.
    ("v4_to_v4_page", 870.0, 1220.0),
    ("base64_page_to_v4", 1880.0, 2830.0),
    ("v4_page_to_v4", 960.0, 420.0),
    ("v4_to_scow_page", 1460.0, 5180.0),
    ("v4_to_kubeutil_page", 1460.0, 5180.0),
    ("v4_to_raw_page", 1010.0, 2160.0),
    ("scow_page_to_v4", 3040.0, 10370.0),
    ("kubeutil_page_to_v4", 3040.0, 10370.0),
];

/// At most so many of a KiB in frames of [`LARGE`] bytes that are handed on where they were read.
const IN_PLACE_BOUNDS: [(&str, f64); 2] = [("v4_to_v4_page", 64.0), ("v4_page_to_v4", 383.0)];
/// Tells a run of these.
const IN_PLACE: &str = "in_place";

/// How often the longer run does what the shorter one does once.
const TIMES: u32 = 9;

fn main() -> anyhow::Result<ExitCode> {
    let arguments: Vec<String> = env::args().skip(1).filter(|argument| argument != "--bench").collect();
    if let [case, how, times] = arguments.as_slice() {
        if how == IN_PLACE {
            hand_on(case, times.parse()?)?;
        } else {
            run(case, how.parse()?, times.parse()?)?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    ensure!(arguments.is_empty(), "it takes no arguments");
    println!("| | instructions per frame of {SMALL} B | at most | per KiB in frames of 32 KiB | at most |");
    println!("|---|---:|---:|---:|---:|");
    let mut missed = false;
    for (case, most_per_frame, most_per_kib) in BOUNDS {
        let per_frame = instructions(case, SMALL)? * SMALL as f64;
        let per_kib = instructions(case, LARGE)? * 1024.0;
        println!("| {case} | {per_frame:.0} | {most_per_frame:.0} | {per_kib:.0} | {most_per_kib:.0} |");
        if per_frame > most_per_frame || per_kib > most_per_kib {
            eprintln!("missed: {case} takes more instructions than it may");
            missed = true;
        }
    }
    println!("\n| handed on where it was read | per KiB in frames of 32 KiB | at most |");
    println!("|---|---:|---:|");
    for (case, most) in IN_PLACE_BOUNDS {
        let per_kib = per_time(case, IN_PLACE)? / LARGE as f64 * 1024.0;
        println!("| {case} | {per_kib:.1} | {most:.0} |");
        if per_kib > most {
            eprintln!("missed: {case} takes more instructions where it was read than it may");
            missed = true;
        }
    }
    Ok(if missed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn named(case: &str) -> anyhow::Result<(&'static str, Page, Leg)> {
    CASES.into_iter().find(|(name, ..)| *name == case).context("no such case")
}

/// What is counted.
fn run(case: &str, size: usize, times: u32) -> anyhow::Result<()> {
    let (_, page, from) = named(case)?;
    let bytes = session::sent(page, from, size);
    let mut session = Session::new(page);
    for _ in 0..times {
        session.relay(from, &bytes);
    }
    Ok(())
}

fn hand_on(case: &str, times: u32) -> anyhow::Result<()> {
    let (_, page, from) = named(case)?;
    let mut frame = session::sent(page, from, LARGE);
    let frames = stream::STREAM_BYTES / LARGE;
    frame.truncate(frame.len() / frames);
    Session::new(page).hand_on(from, &frame, times);
    Ok(())
}

/// Instructions per byte of data.
fn instructions(case: &str, size: usize) -> anyhow::Result<f64> {
    Ok(per_time(case, &size.to_string())? / stream::STREAM_BYTES as f64)
}

/// Instructions of doing it once.
fn per_time(case: &str, how: &str) -> anyhow::Result<f64> {
    let more = counted(case, how, TIMES)?.saturating_sub(counted(case, how, 1)?);
    Ok(more as f64 / f64::from(TIMES - 1))
}

/// Instructions of a process that does it so often.
fn counted(case: &str, how: &str, times: u32) -> anyhow::Result<u64> {
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"]);
    valgrind.arg(env::current_exe()?).args([case, how, &times.to_string()]);
    let output = valgrind.output().context("valgrind can't be run; apt-get install valgrind")?;
    let said = String::from_utf8_lossy(&output.stderr);
    let refs = said.lines().find_map(|line| line.split_once(" refs:"));
    let Some((_, count)) = refs.filter(|_| output.status.success()) else {
        bail!("valgrind counted nothing; it says: {said}");
    };
    Ok(count.trim().replace(',', "").parse()?)
}
