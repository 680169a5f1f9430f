//! A relay as one writes it in an afternoon with Node.js and the package `ws`: each message is read whole and sent on.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, ensure};

use super::program::{Program, Site, find};
use crate::rig::gate::Upstream;
use crate::route::Route;

/// The package that it uses, and nothing else.
const PACKAGE: &str = include_str!("node_relay/package.json");
const LOCK_FILE: &str = include_str!("node_relay/package-lock.json");
const RELAY: &str = include_str!("node_relay/relay.mjs");

/// Starts one.
pub(crate) fn start(route: Route, upstream: &Upstream) -> anyhow::Result<Program> {
    let installed = install()?;
    let site = Site::new(route, upstream)?;
    let authority = upstream.ca_pem.as_deref().context("the relay speaks TLS to the exec server")?;
    let authority = site.write("ca.crt", authority)?;
    let mut command = Command::new(find("node").context("Node.js is not installed")?);
    command
        .arg(installed.join("relay.mjs"))
        .arg(site.address.port().to_string())
        .arg(format!("wss://{}", upstream.address))
        .arg(authority);
    site.run(command)
}

/// The version of the package.
pub(crate) fn package_version() -> String {
    let package: serde_json::Value = serde_json::from_str(PACKAGE).unwrap_or_default();
    package["dependencies"]["ws"].as_str().unwrap_or("of unknown version").to_owned()
}

/// Puts relay and package into the target folder, where they stay until the lock file is another.
fn install() -> anyhow::Result<PathBuf> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("compare-node-relay");
    let lock_file = folder.join("package-lock.json");
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    fs::write(folder.join("relay.mjs"), RELAY)?;
    let is_installed = fs::read_to_string(&lock_file).is_ok_and(|installed| installed == LOCK_FILE);
    if is_installed && folder.join("node_modules/ws").is_dir() {
        return Ok(folder);
    }
    fs::write(folder.join("package.json"), PACKAGE)?;
    fs::write(lock_file, LOCK_FILE)?;
    eprintln!("+ npm ci (benches/compare/peers/node_relay)");
    let status = Command::new(find("npm").context("npm is not installed")?)
        .args(["ci", "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund", "--loglevel=error"])
        .current_dir(&folder)
        .stdout(Stdio::null())
        .status()?;
    ensure!(status.success(), "npm ci failed: what it said is above");
    Ok(folder)
}
