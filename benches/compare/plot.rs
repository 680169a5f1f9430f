//! Two pictures of the report: what a gigabyte costs by size of frames, and memory by number of sessions.

mod axis;
mod chart;

use std::fs;
use std::path::Path;

use anyhow::Context as _;

use self::axis::{Axis, Scale};
use self::chart::{Chart, Series};
use crate::peer::Peer;
use crate::plan::Measure;
use crate::report::{Quantity, Report};
use crate::route::Route;
use crate::subject::Subject;

/// Writes both into a folder.
pub(crate) fn draw(report: &Report, folder: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let charts = [("compare-cpu.svg", cpu(report)), ("compare-memory.svg", memory(report))];
    for (name, chart) in charts.into_iter().filter(|(_, chart)| chart.has_lines()) {
        let file = folder.join(name);
        fs::write(&file, chart.to_svg()).with_context(|| format!("cannot write {}", file.display()))?;
        eprintln!("drawn to {}", file.display());
    }
    Ok(())
}

/// Both axes are logarithmic: relays that take messages apart cost a hundred times as much for the smallest frames.
fn cpu(report: &Report) -> Chart {
    let sizes = report.measures().into_iter().filter_map(|measure| match measure {
        Measure::Output { frame_bytes } => Some((frame_bytes as f64, measure)),
        _ => None,
    });
    let points: Vec<_> =
        sizes.map(|(bytes, measure)| (bytes, measure, Quantity::CpuSecondsPerGigabyte)).collect();
    let frames = [(64.0, "64 B"), (1024.0, "1 KiB"), (8192.0, "8 KiB"), (32_768.0, "32 KiB")];
    Chart {
        title: "CPU time of the proxy for a gigabyte of output, to a base64 client, from a TLS upstream",
        x: Axis {
            label: "data bytes per frame",
            scale: Scale::Logarithmic,
            marks: frames.map(named).to_vec(),
        },
        y: Axis::logarithmic("CPU seconds per GB"),
        series: series(report, &points, 1.0),
    }
}

fn memory(report: &Report) -> Chart {
    let counts = report.quantities(Measure::Idle).into_iter().filter_map(|quantity| match quantity {
        Quantity::KibAtSessions(sessions) => Some((sessions as f64, Measure::Idle, quantity)),
        _ => None,
    });
    let points: Vec<_> = counts.collect();
    let most = points.iter().map(|(sessions, ..)| *sessions).fold(0.0, f64::max);
    Chart {
        title: "Resident memory of the proxy, by idle sessions, before a TLS upstream",
        x: Axis::linear("idle sessions", most),
        y: Axis::linear("MiB", 0.0),
        series: series(report, &points, 1.0 / 1024.0),
    }
}

/// A line for each peer, before a TLS upstream.
fn series(report: &Report, points: &[(f64, Measure, Quantity)], unit: f64) -> Vec<Series> {
    let peers =
        report.subjects.iter().filter(|subject| **subject == Subject::base64(subject.peer, Route::Tls));
    let lines = peers.filter_map(|subject| {
        let at = |(x, measure, quantity): &(f64, Measure, Quantity)| {
            Some((*x, report.median(*measure, *subject, *quantity)? * unit))
        };
        let color = color(subject.peer)?;
        let width = if subject.peer == Peer::Execgate { 3.5 } else { 1.8 };
        Some(Series {
            name: subject.peer.to_string(),
            color,
            width,
            points: points.iter().filter_map(at).collect(),
        })
    });
    lines.filter(|line| !line.points.is_empty()).collect()
}

/// Okabe and Ito's colours, which those who see fewer colours tell apart.
fn color(peer: Peer) -> Option<&'static str> {
    Some(match peer {
        Peer::Direct => return None,
        Peer::Execgate => "#d55e00",
        Peer::Nginx => "#0072b2",
        Peer::Nginx64k => "#56b4e9",
        Peer::Haproxy => "#009e73",
        Peer::Kubectl => "#cc79a7",
        Peer::NodeRelay => "#b8860b",
        Peer::RustRelay => "#555555",
    })
}

fn named((value, name): (f64, &str)) -> (f64, String) {
    (value, name.to_owned())
}
