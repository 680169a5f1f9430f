//! The command line: arguments to one command each.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "what a command has to say goes to the terminal"
)]

mod can_i;
mod check;
#[cfg(feature = "demo")]
mod demo;
mod init;
mod kubeconfig;
mod logging;
mod rbac;
mod schema;
mod serve;
mod signals;
mod token;

use std::io::{self, Write as _};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Parser, Subcommand};

/// Bad usage, or a configuration that `serve` does not take: `EX_USAGE` of sysexits.h.
pub(crate) const EXIT_USAGE: u8 = 64;

/// An authenticating reverse proxy for browser terminals into Kubernetes pods.
///
/// A page opens a WebSocket to execgate instead of to an API server. execgate says who the user is, whether they may, and where it
/// goes; it puts its own credential for the cluster in the place of the user's and relays the terminal.
#[derive(Parser)]
#[command(version, max_term_width = 100, after_help = EXAMPLES)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    logging: logging::Settings,
}

const EXAMPLES: &str = "\
Examples:
  execgate demo                             see it work, with nothing set up
  execgate rbac | kubectl apply -f -        what execgate needs in a cluster
  execgate init --kubeconfig --token-file prod.token --name prod
                                            a first configuration, for a cluster that is there
  execgate check --config config.yaml       is the configuration right, and who may do what?
  execgate check --config config.yaml --dial
                                            and would the clusters let execgate work?
  execgate serve --config config.yaml       run the proxy
  execgate can-i --config config.yaml --user jo prod team-a/web-0 -- sh
                                            may jo do this, and which rule says so?
  execgate token hash --generate --name jo  a new user's token and entry
  execgate kubeconfig --config config.yaml --user jo --token-file jo.token
                                            what jo's kubectl needs
  execgate schema > config.schema.json      for completion in an editor";

#[derive(Subcommand)]
enum Command {
    #[cfg(feature = "demo")]
    Demo(demo::Arguments),
    Serve(serve::Arguments),
    Check(check::Arguments),
    CanI(can_i::CanI),
    Init(init::Arguments),
    Rbac(rbac::Arguments),
    Kubeconfig(kubeconfig::Arguments),
    Schema(schema::Arguments),
    Token(token::Arguments),
}

impl Command {
    fn run(self) -> anyhow::Result<ExitCode> {
        match self {
            #[cfg(feature = "demo")]
            Self::Demo(arguments) => demo::run(&arguments),
            Self::Serve(arguments) => serve::run(&arguments),
            Self::Check(arguments) => check::run(&arguments),
            Self::CanI(arguments) => Ok(can_i::run(arguments)),
            Self::Init(arguments) => init::run(&arguments),
            Self::Rbac(arguments) => rbac::run(&arguments),
            Self::Kubeconfig(arguments) => kubeconfig::run(&arguments),
            Self::Schema(arguments) => schema::run(&arguments),
            Self::Token(arguments) => token::run(arguments),
        }
    }
}

/// Runs the command that the arguments name.
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return usage(&error),
    };
    logging::start(&arguments.logging);
    match arguments.command.run() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("execgate: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Writes to stdout. Who closes a pipe early has read enough; a disk that is full is an error.
fn print(text: &str) -> anyhow::Result<()> {
    let mut stdout = io::stdout();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(error).context("cannot write to stdout")
        }
        _ => Ok(()),
    }
}

/// Prints what clap has to say: help and version are what was asked for, the rest is bad usage.
fn usage(error: &clap::Error) -> ExitCode {
    let asked_for = !error.use_stderr();
    // Nothing is left to tell someone who does not read: a closed pipe is no error.
    let _ = error.print();
    if asked_for { ExitCode::SUCCESS } else { ExitCode::from(EXIT_USAGE) }
}
