//! The execgate binary.

use std::process::ExitCode;

fn main() -> ExitCode {
    execgate::cli::main()
}
