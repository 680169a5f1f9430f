//! nginx, as an HTTP proxy that lets upgrades through.

use std::process::Command;

use anyhow::Context as _;

use super::program::{Program, Site, find};
use crate::rig::gate::Upstream;
use crate::route::Route;

/// How much it holds of what the exec server sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Buffers {
    /// A page of memory, 4 KiB, as it comes.
    Default,
    /// 64 KiB, as somebody sets them who wants throughput.
    Large,
}

/// Starts one.
pub(crate) fn start(buffers: Buffers, route: Route, upstream: &Upstream) -> anyhow::Result<Program> {
    let site = Site::new(route, upstream)?;
    let configuration = site.write("nginx.conf", &configuration(buffers, &site)?)?;
    let mut command = Command::new(find("nginx").context("nginx is not installed")?);
    command.arg("-p").arg(site.path()).arg("-c").arg(configuration).args(["-e", "error.log"]);
    site.run(command)
}

fn configuration(buffers: Buffers, site: &Site<'_>) -> anyhow::Result<String> {
    let address = site.address;
    let buffers = match buffers {
        Buffers::Default => "",
        Buffers::Large => "proxy_buffer_size 64k; proxy_buffers 8 64k; proxy_busy_buffers_size 128k;",
    };
    let listen = match &site.certificate {
        None => format!("listen {address} backlog=4096;"),
        Some(certificate) => {
            site.write("front.crt", &certificate.pem)?;
            site.write("front.key", &certificate.key_pem)?;
            format!(
                "listen {address} ssl backlog=4096; ssl_certificate front.crt; ssl_certificate_key front.key; \
                 ssl_protocols TLSv1.2 TLSv1.3;"
            )
        }
    };
    let upstream = site.upstream.address;
    let pass = match &site.upstream.ca_pem {
        None => format!("proxy_pass http://{upstream};"),
        Some(ca_pem) => {
            site.write("ca.crt", ca_pem)?;
            // nginx verifies names only, and the exec server's certificate has this one.
            format!(
                "proxy_pass https://{upstream}; proxy_ssl_verify on; proxy_ssl_trusted_certificate ca.crt; \
                 proxy_ssl_name localhost; proxy_ssl_protocols TLSv1.2 TLSv1.3;"
            )
        }
    };
    Ok(format!(
        "daemon off; master_process off; worker_processes 1; pid nginx.pid; error_log error.log;\n\
         events {{ worker_connections 20000; }}\n\
         http {{\n\
         access_log off;\n\
         client_body_temp_path t1; proxy_temp_path t2; fastcgi_temp_path t3; uwsgi_temp_path t4; scgi_temp_path t5;\n\
         server {{\n\
         {listen}\n\
         location / {{\n\
         {pass}\n\
         {buffers}\n\
         proxy_http_version 1.1; proxy_read_timeout 1h; proxy_send_timeout 1h;\n\
         proxy_set_header Host $host; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade;\n\
         }} }} }}\n"
    ))
}
