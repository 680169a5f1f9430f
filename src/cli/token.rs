//! `execgate token`: what goes into a users file.

use std::{
    io::{self, BufRead, IsTerminal},
    process::ExitCode,
};

use anyhow::{Context, bail};
use aws_lc_rs::rand;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};

use crate::identity;

/// Make entries for a users file.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    Hash(Hash),
}

/// Print an entry for the users file, made from a token that is read from stdin or made up.
///
/// Only the token's SHA-256 is kept, so a token must be long and random: no password. The entry goes to stdout; a token that was made
/// up goes to stderr, is shown this once, and is what the user presents.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
struct Hash {
    /// Make up a random token of 256 bits.
    #[arg(long)]
    generate: bool,
    /// The user's name, as rules call it.
    #[arg(long, value_name = "USER")]
    name: String,
    /// A group of the user, as rules call it; may be repeated.
    #[arg(long = "group", value_name = "GROUP")]
    groups: Vec<String>,
}

const EXAMPLES: &str = "\
Examples:
  execgate token hash --generate --name jo --group developers >> users.yaml
  execgate token hash --name ci < ci.token

A users file is a list under one key:
  users:
    - name: \"jo\"
      groups: [\"developers\"]
      tokenHash: \"sha256:...\"";

/// Shorter ones can be found by trying.
const SHORTEST_TOKEN: usize = 16;

/// Runs the command.
pub(super) fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let Command::Hash(hash) = arguments.command;
    if hash.name.is_empty() || hash.groups.iter().any(String::is_empty) {
        bail!("a user's name and groups can't be empty");
    }
    let token = if hash.generate {
        let token = generate()?;
        eprintln!("token, shown this once: {token}");
        token
    } else {
        read()?
    };
    println!("{}", entry(&hash.name, &hash.groups, &token));
    Ok(ExitCode::SUCCESS)
}

/// The lines below `users:`. JSON's quotes are YAML's too, whatever the name holds.
pub(super) fn entry(name: &str, groups: &[String], token: &str) -> String {
    let (name, groups) = (serde_json::json!(name), serde_json::json!(groups));
    let hash = identity::token_hash(token);
    format!("  - name: {name}\n    groups: {groups}\n    tokenHash: \"{hash}\"")
}

/// A random token of 256 bits.
pub(super) fn generate() -> anyhow::Result<String> {
    let mut bytes = [0; 32];
    rand::fill(&mut bytes).ok().context("the system gave no random bytes")?;
    Ok(BASE64_URL_SAFE_NO_PAD.encode(bytes))
}

fn read() -> anyhow::Result<String> {
    let mut stdin = io::stdin().lock();
    if stdin.is_terminal() {
        eprintln!("Type or paste the token and press Enter (it is shown as you type):");
    }
    let mut line = String::new();
    stdin.read_line(&mut line).context("can't read a token from stdin")?;
    let token = line.trim_end_matches(['\r', '\n']);
    check(token)?;
    Ok(token.to_owned())
}

/// What can't travel in an `Authorization` header is no token.
fn check(token: &str) -> anyhow::Result<()> {
    if token.is_empty() {
        bail!("stdin holds no token; give one, or use --generate");
    }
    if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        bail!("a token is one word of printable ASCII characters; this one holds something else");
    }
    if token.len() < SHORTEST_TOKEN {
        eprintln!("warning: a token this short can be guessed; --generate makes a good one");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_can_be_put_below_users_whatever_the_name_holds() {
        let entry = entry("jo: \"#1\"", &["dev".to_owned()], "abc");
        assert_eq!(
            entry,
            "  - name: \"jo: \\\"#1\\\"\"\n    groups: [\"dev\"]\n    tokenHash: \
             \"sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\""
        );
    }

    #[test]
    fn what_no_header_can_carry_is_no_token() {
        for token in ["", "two words", "tab\t", "ä"] {
            assert!(check(token).is_err(), "{token:?}");
        }
        assert!(check("s3cr3t-s3cr3t-s3cr3t").is_ok());
    }
}
