//! The demo's exec server in a process of its own, so that what it costs is not counted as execgate's or slows the load.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, Command, Stdio};

use anyhow::Context as _;
use execgate::demo::{DemoCluster, DemoSettings};
use secrecy::ExposeSecret as _;

use crate::rig::gate::Upstream;

/// The exec server's process. Dropping it ends it.
pub(crate) struct ExecServer {
    /// What its process printed when it was ready.
    pub(crate) upstream: Upstream,
    child: Child,
}

impl ExecServer {
    /// Starts this program again as the exec server.
    pub(crate) fn start() -> anyhow::Result<Self> {
        let program = std::env::current_exe().context("cannot find this program's file")?;
        let mut child = Command::new(program)
            .arg("--exec-server")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot start the exec server's process")?;
        let stdout = child.stdout.take().expect("it was asked for");
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line).context("the exec server said nothing")?;
        let upstream = serde_json::from_str(&line).context("the exec server did not start")?;
        Ok(Self { upstream, child })
    }
}

impl Drop for ExecServer {
    fn drop(&mut self) {
        // The end of its standard input ends it; one that does not notice is killed.
        drop(self.child.stdin.take());
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Is the exec server until standard input ends.
pub(crate) fn run() -> anyhow::Result<()> {
    std::thread::spawn(|| {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        std::process::exit(0);
    });
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let cluster = DemoCluster::start(DemoSettings::default()).await?;
        let upstream = Upstream {
            address: cluster.address(),
            ca_pem: cluster.ca_pem().to_owned(),
            token: cluster.token().expose_secret().to_owned(),
        };
        let mut stdout = std::io::stdout();
        writeln!(stdout, "{}", serde_json::to_string(&upstream)?)?;
        stdout.flush()?;
        std::future::pending().await
    })
}
