//! HAProxy, as an HTTP proxy that lets upgrades through.

use std::process::Command;

use anyhow::Context as _;

use super::program::{Program, Site, find};
use crate::rig::gate::Upstream;
use crate::rig::process::raise_open_files_limit;
use crate::route::Route;

/// What it keeps of its files for itself.
const SPARE_FILES: usize = 200;

/// Starts one.
pub(crate) fn start(route: Route, upstream: &Upstream) -> anyhow::Result<Program> {
    let site = Site::new(route, upstream)?;
    let configuration = site.write("haproxy.cfg", &configuration(&site)?)?;
    let mut command = Command::new(find("haproxy").context("HAProxy is not installed")?);
    command.arg("-db").arg("-q").arg("-f").arg(configuration).current_dir(site.path());
    site.run(command)
}

fn configuration(site: &Site<'_>) -> anyhow::Result<String> {
    let bind = match &site.certificate {
        None => String::new(),
        Some(certificate) => {
            site.write("front.pem", &format!("{}{}", certificate.pem, certificate.key_pem))?;
            "ssl crt front.pem".to_owned()
        }
    };
    let server = match &site.upstream.ca_pem {
        None => "",
        Some(ca_pem) => {
            site.write("ca.crt", ca_pem)?;
            "ssl verify required ca-file ca.crt verifyhost localhost sni str(localhost)"
        }
    };
    // It does not start with more connections than it could have files for, two each.
    let connections = raise_open_files_limit().saturating_sub(SPARE_FILES).min(40_000) / 2;
    let (address, upstream) = (site.address, site.upstream.address);
    Ok(format!(
        "global\n\
         \x20 nbthread 1\n\
         \x20 tune.bufsize 65536\n\
         \x20 maxconn {connections}\n\
         defaults\n\
         \x20 mode http\n\
         \x20 timeout connect 10s\n\
         \x20 timeout client 1h\n\
         \x20 timeout server 1h\n\
         \x20 timeout tunnel 1h\n\
         listen exec\n\
         \x20 bind {address} backlog 4096 {bind}\n\
         \x20 server stub {upstream} {server}\n"
    ))
}
