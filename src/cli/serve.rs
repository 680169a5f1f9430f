//! `execgate serve`: runs the proxy.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;

use super::{EXIT_USAGE, signals};
use crate::app::App;
use crate::config;

/// Run the proxy
///
/// Reads the configuration, binds every address and serves until SIGTERM or Ctrl-C. Then it accepts no more, gives the open
/// sessions their drainTimeout, closes the rest with 1001 and exits 0; a second signal ends the waiting.
#[derive(Args)]
#[command(
    after_help = EXAMPLES
)]
pub(super) struct Arguments {
    /// The configuration file
    #[arg(long, value_name = "FILE", env = "EXECGATE_CONFIG")]
    config: PathBuf,
}

const EXAMPLES: &str = "\
Examples:
  execgate serve --config config.yaml
  EXECGATE_LOG=info,execgate::front=debug execgate serve --log-format json --config config.yaml

Exit codes: 0 stopped by a signal, 1 could not start, 64 the configuration is wrong.";

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let settings = match config::load(&arguments.config) {
        Ok(settings) => settings,
        Err(error) => {
            eprintln!("{error}");
            return Ok(ExitCode::from(EXIT_USAGE));
        }
    };
    let runtime = tokio::runtime::Runtime::new().context("cannot start the runtime")?;
    runtime.block_on(serve(settings))?;
    Ok(ExitCode::SUCCESS)
}

async fn serve(settings: config::Settings) -> anyhow::Result<()> {
    let app = App::build(settings).await?;
    app.run(signals::watch()?).await;
    Ok(())
}
