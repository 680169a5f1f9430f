//! Which peers this machine has, and of which version.

use std::process::Command;

use super::node_relay;
use super::program::find;
use crate::peer::Peer;

/// The programs that a peer needs, and what installs them.
fn needs(peer: Peer) -> (&'static [&'static str], &'static str) {
    match peer {
        Peer::Direct | Peer::Execgate | Peer::RustRelay => (&[], ""),
        Peer::Nginx | Peer::Nginx64k => (&["nginx"], "apt-get install nginx"),
        Peer::Haproxy => (&["haproxy"], "apt-get install haproxy"),
        Peer::Kubectl => (&["kubectl"], "put kubectl on PATH: https://kubernetes.io/docs/tasks/tools/"),
        Peer::NodeRelay => (&["node", "npm"], "apt-get install nodejs npm"),
    }
}

/// What installs what a peer lacks here; `None` if it lacks nothing.
pub(crate) fn lacking(peer: Peer) -> Option<&'static str> {
    let (programs, installing) = needs(peer);
    programs.iter().any(|program| find(program).is_none()).then_some(installing)
}

/// Name and version of a peer's software; `None` if that is this program itself.
pub(crate) fn version(peer: Peer) -> Option<String> {
    Some(match peer {
        Peer::Direct | Peer::Nginx64k => return None,
        Peer::Execgate => format!("execgate {}", env!("CARGO_PKG_VERSION")),
        Peer::Nginx => format!("nginx {}", said("nginx", &["-v"])),
        Peer::Haproxy => format!("HAProxy {}", said("haproxy", &["-v"])),
        Peer::Kubectl => format!("kubectl {}", said("kubectl", &["version", "--client"])),
        Peer::NodeRelay => {
            format!("Node.js {} with ws {}", said("node", &["--version"]), node_relay::package_version())
        }
        Peer::RustRelay => format!("tokio-tungstenite {}", locked_version("tokio-tungstenite")),
    })
}

/// The first word with a number in what a program says of its version.
fn said(program: &str, arguments: &[&str]) -> String {
    let output = find(program).and_then(|program| Command::new(program).args(arguments).output().ok());
    let said = output.map(|output| [output.stdout, output.stderr].concat()).unwrap_or_default();
    let said = String::from_utf8_lossy(&said);
    let number = |word: &&str| word.contains('.') && word.contains(|letter: char| letter.is_ascii_digit());
    let version = said.split([' ', '\n', '/']).find(number);
    version.unwrap_or("of unknown version").trim_start_matches('v').to_owned()
}

/// The version of a crate in this package's lock file.
fn locked_version(name: &str) -> &'static str {
    let lock_file = include_str!("../../../Cargo.lock");
    let (_, rest) = lock_file.split_once(&format!("name = \"{name}\"\nversion = \"")).unwrap_or_default();
    rest.split('"').next().unwrap_or_default()
}
