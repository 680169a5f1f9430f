//! `execgate schema`: the configuration's reference, for editors and for people.

use std::process::ExitCode;

use super::print;
use crate::config;

/// Print the JSON schema of the configuration file, or its reference as Markdown
///
/// An editor that is told of the schema completes keys and marks mistakes while you type. For the YAML extension of VS Code and for
/// other users of yaml-language-server, start the configuration with
///
///   # yaml-language-server: $schema=./config.schema.json
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment, after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// Print the reference as Markdown: docs/configuration.md is made so.
    #[arg(long)]
    markdown: bool,
}

const EXAMPLES: &str = "\
Examples:
  execgate schema > config.schema.json
  execgate schema --markdown > docs/configuration.md";

/// Runs the command.
pub(super) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let text =
        if arguments.markdown { config::reference() } else { format!("{:#}\n", config::json_schema()) };
    print(&text)?;
    Ok(ExitCode::SUCCESS)
}
