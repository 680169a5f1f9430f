//! The log: human on a terminal, JSON for machines, always on stderr.

use std::io::{self, IsTerminal};

use clap::{Args, ValueEnum};
use tracing_subscriber::{EnvFilter, fmt};

/// How to log.
#[derive(Debug, Args)]
#[command(next_help_heading = "Logging")]
pub(super) struct Settings {
    /// What to log: error, warn, info, debug or trace, or a filter such as `info,execgate::front=debug`.
    #[arg(long, value_name = "LEVEL", env = "EXECGATE_LOG", default_value = DEFAULT, global = true, value_parser = filter)]
    log: String,
    /// How a log line looks.
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = Format::Human, global = true)]
    log_format: Format,
}

/// Enough to follow sessions.
const DEFAULT: &str = "info";

/// How a log line looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people; coloured on a terminal.
    Human,
    /// One JSON object a line.
    Json,
}

/// Starts logging. To be called once.
pub(super) fn start(settings: &Settings) {
    let filter = EnvFilter::new(&settings.log);
    let log = fmt().with_env_filter(filter).with_writer(io::stderr);
    match settings.log_format {
        Format::Human => log.with_ansi(wants_colour()).init(),
        Format::Json => log.json().flatten_event(true).with_span_list(false).init(),
    }
}

/// Whether stderr is a terminal whose user did not ask for plain text (<https://no-color.org>).
fn wants_colour() -> bool {
    let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    io::stderr().is_terminal() && !plain
}

/// Accepts what `EnvFilter` does, but not a misspelt level, which it would take for the name of a module.
fn filter(text: &str) -> Result<String, String> {
    // A variable that is set to nothing is as good as not set.
    let text = if text.is_empty() { DEFAULT } else { text };
    let misspelt = |part: &str| {
        !part.contains(['=', ':', '[']) && part.parse::<tracing::level_filters::LevelFilter>().is_err()
    };
    if text.split(',').any(|part| misspelt(part.trim())) {
        return Err("a level is error, warn, info, debug, trace or off".to_owned());
    }
    EnvFilter::try_new(text).map(|_| text.to_owned()).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_and_filters_are_taken_and_misspelt_levels_refused() {
        for good in ["info", "DEBUG", "off", "info,execgate::front=debug", "execgate=trace", ""] {
            assert!(filter(good).is_ok(), "{good}");
        }
        for bad in ["verbose", "inf", "info,upstream", "execgate=loud"] {
            assert!(filter(bad).is_err(), "{bad:?}");
        }
    }
}
