//! `execgate check`: is a configuration right, and what does it mean?

mod dial;
mod sentences;
mod summary;

use std::{path::PathBuf, process::ExitCode};

use self::dial::Verdict;
use crate::{
    app,
    config::{self, Settings, Surroundings},
    target::Namespace,
};

/// Check a configuration and say what it means.
///
/// Prints where execgate would listen, how it would reach each cluster, and who may do what, rule by rule. Secrets are never printed.
/// What is wrong goes to stderr, all of it at once, with file, line, column and key; then the exit code is 1, as it is when --dial
/// finds a cluster that would not work. Doubtful things are warnings.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// The configuration file.
    #[arg(long, value_name = "FILE", env = "EXECGATE_CONFIG")]
    config: PathBuf,
    /// Don't look at the files and environment variables that the configuration names: for a configuration that is meant for
    /// another machine.
    #[arg(long)]
    no_files: bool,
    /// Try each cluster: is it reached, is it believed, whom does it take execgate for, and what does it let it do? Sends the
    /// clusters' credentials, starts nothing.
    #[arg(long, conflicts_with = "no_files")]
    dial: bool,
    /// With --dial, ask about the rights in this namespace instead of those that the policy names; may be repeated.
    #[arg(long = "namespace", value_name = "NAME", requires = "dial", value_parser = |text: &str| Namespace::parse(text))]
    namespaces: Vec<Namespace>,
}

const EXAMPLES: &str = "\
Examples:
  execgate check --config /etc/execgate/config.yaml
  execgate check --config config.yaml --dial
  execgate check --no-files --config config.yaml && kubectl create configmap execgate --from-file=config.yaml";

/// Runs the command.
pub(super) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let surroundings = if arguments.no_files { Surroundings::Elsewhere } else { Surroundings::Required };
    let settings = match config::load_for(&arguments.config, surroundings) {
        Ok(settings) => settings,
        Err(error) => {
            eprintln!("{error}");
            return Ok(ExitCode::FAILURE);
        }
    };
    if !arguments.no_files && !could_start(&settings) {
        return Ok(ExitCode::FAILURE);
    }
    for warning in config::warnings(&settings) {
        eprintln!("warning: {warning}");
    }
    println!("{} is right. It means:\n", arguments.config.display());
    print!("{}", summary::summary(&settings));
    if arguments.dial && dial::run(&settings, &arguments.namespaces)? == Verdict::Fails {
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
}

/// Says what would keep `serve` from starting although the file is right: what stands in the files that it names.
fn could_start(settings: &Settings) -> bool {
    let faults = app::rehearse(settings);
    let could = faults.is_empty();
    for fault in faults {
        eprintln!("{:#}", anyhow::Error::from(fault));
    }
    could
}
