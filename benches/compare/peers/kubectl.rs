//! `kubectl proxy`, which puts a kubeconfig's credential in the place of the client's and copies bytes.

use std::process::Command;

use anyhow::Context as _;
use serde_json::json;

use super::program::{Program, Site, find};
use crate::rig::gate::Upstream;
use crate::route::Route;

/// Starts one.
pub(crate) fn start(route: Route, upstream: &Upstream) -> anyhow::Result<Program> {
    let site = Site::new(route, upstream)?;
    let kubeconfig = site.write("kubeconfig", &kubeconfig(&site)?)?;
    let mut command = Command::new(find("kubectl").context("kubectl is not installed")?);
    command
        .env("GOMAXPROCS", "1")
        // What it caches is to end with it.
        .env("HOME", site.path())
        .arg("--kubeconfig")
        .arg(kubeconfig)
        .args(["proxy", "--address", "127.0.0.1", "--port", &site.address.port().to_string()])
        // Otherwise it refuses exec.
        .args(["--accept-hosts", ".*", "--accept-paths", ".*", "--reject-paths", "^$"]);
    site.run(command)
}

/// JSON is YAML.
fn kubeconfig(site: &Site<'_>) -> anyhow::Result<String> {
    let Upstream { address, ca_pem, token } = site.upstream;
    let cluster = match ca_pem {
        None => json!({"server": format!("http://{address}")}),
        Some(ca_pem) => {
            let file = site.write("ca.crt", ca_pem)?;
            json!({"server": format!("https://{address}"), "certificate-authority": file})
        }
    };
    let kubeconfig = json!({
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "bench",
        "clusters": [{"name": "bench", "cluster": cluster}],
        "users": [{"name": "bench", "user": {"token": token}}],
        "contexts": [{"name": "bench", "context": {"cluster": "bench", "user": "bench"}}],
    });
    Ok(kubeconfig.to_string())
}
