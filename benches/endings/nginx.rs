//! nginx before an API server, with a configuration as anybody would write it.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command};

use tempfile::TempDir;
use tokio::net::TcpStream;

use crate::support::ask::{Door, Serves};

const MODULE: &str = "/usr/lib/nginx/modules/ngx_stream_module.so";

/// What it passes on.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Passing {
    /// Bytes: the client's TLS ends at the API server.
    Bytes,
    /// Requests, upgraded: its own TLS to the API server, plain HTTP to the client.
    Requests,
}

/// A running nginx. Dropping it ends it.
pub(crate) struct Nginx {
    process: Child,
    door: Door,
    _folder: TempDir,
}

impl Nginx {
    /// Starts one and waits until it listens.
    pub(crate) async fn before(server: &Door, passing: Passing) -> Self {
        let installed = Path::new("/usr/sbin/nginx").exists() && Path::new(MODULE).exists();
        assert!(installed, "nginx is missing; apt-get install nginx libnginx-mod-stream");
        let folder = tempfile::tempdir().unwrap();
        let address = free_address();
        let configuration = folder.path().join("nginx.conf");
        fs::write(&configuration, text(passing, address, server.address)).unwrap();
        let mut process = Command::new("/usr/sbin/nginx")
            .arg("-p")
            .arg(folder.path())
            .arg("-c")
            .arg(&configuration)
            .args(["-e", "error.log"])
            .spawn()
            .unwrap();
        while TcpStream::connect(address).await.is_err() {
            assert!(process.try_wait().unwrap().is_none(), "nginx ends: see what it says above");
        }
        let ca = match passing {
            Passing::Bytes => server.ca.clone(),
            Passing::Requests => None,
        };
        let door = Door { address, ca, token: server.token.clone() };
        Self { process, door, _folder: folder }
    }
}

impl Serves for Nginx {
    fn door(&self) -> Door {
        self.door.clone()
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // One that is gone needs no ending.
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

/// nginx can't be told to take any port, so one that was free a moment ago has to do.
fn free_address() -> SocketAddr {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap()
}

fn text(passing: Passing, address: SocketAddr, server: SocketAddr) -> String {
    let common = "daemon off; master_process off; pid nginx.pid; error_log error.log; events {}\n";
    match passing {
        Passing::Bytes => format!(
            "load_module {MODULE};\n{common}stream {{ server {{ listen {address}; proxy_pass {server}; }} }}\n"
        ),
        Passing::Requests => format!(
            "{common}http {{ access_log off; server {{ listen {address}; location / {{\n\
             proxy_pass https://{server}; proxy_http_version 1.1; proxy_set_header Host $host;\n\
             proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade;\n\
             }} }} }}\n"
        ),
    }
}
