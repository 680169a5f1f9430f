//! An installed program that runs as a proxy.

use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use tempfile::TempDir;

use crate::rig::certificate::Certificate;
use crate::rig::door::Door;
use crate::rig::gate::Upstream;
use crate::rig::process::Process;
use crate::route::Route;

/// How long one may take until it listens.
const START: Duration = Duration::from_secs(20);

/// Its process. Dropping it ends it.
pub(crate) struct Program {
    pub(crate) door: Door,
    child: Child,
    _folder: TempDir,
}

/// What a program is to do, and a folder for its files.
pub(crate) struct Site<'a> {
    pub(crate) upstream: &'a Upstream,
    pub(crate) address: SocketAddr,
    pub(crate) folder: TempDir,
    /// What it shows to clients; `None` where they speak plain HTTP.
    pub(crate) certificate: Option<Certificate>,
}

impl<'a> Site<'a> {
    /// A free port and an empty folder.
    pub(crate) fn new(route: Route, upstream: &'a Upstream) -> anyhow::Result<Self> {
        let certificate = match route {
            Route::Plain | Route::Tls => None,
            Route::TlsBoth => Some(Certificate::of_loopback()?),
        };
        let folder = tempfile::tempdir().context("cannot make a folder for a peer")?;
        Ok(Self { upstream, address: free_address()?, folder, certificate })
    }

    /// Writes a file of that name, and says where it is.
    pub(crate) fn write(&self, name: &str, text: &str) -> anyhow::Result<PathBuf> {
        let file = self.folder.path().join(name);
        std::fs::write(&file, text).with_context(|| format!("cannot write {name}"))?;
        Ok(file)
    }

    /// Where its files are.
    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Runs the program and waits until it listens.
    pub(crate) fn run(self, mut command: Command) -> anyhow::Result<Program> {
        let Self { upstream, address, folder, certificate } = self;
        let door = match certificate {
            Some(certificate) => Door::secure(address, &certificate.pem, &upstream.token)?,
            None => Door::plain(address, &upstream.token),
        };
        command.stdin(Stdio::null()).stdout(Stdio::null());
        let child = command.spawn().with_context(|| format!("cannot start {command:?}"))?;
        let mut program = Program { door, child, _folder: folder };
        program.wait_until_it_listens().with_context(|| format!("{command:?}"))?;
        Ok(program)
    }
}

impl Program {
    /// What `/proc` says of it.
    pub(crate) fn process(&self) -> Process {
        Process::new(self.child.id())
    }

    fn wait_until_it_listens(&mut self) -> anyhow::Result<()> {
        let start = Instant::now();
        while TcpStream::connect(self.door.address).is_err() {
            if let Some(status) = self.child.try_wait()? {
                bail!("it ended with {status}: what it said is above");
            }
            if start.elapsed() > START {
                bail!("it does not listen");
            }
            sleep(Duration::from_millis(5));
        }
        Ok(())
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // One that is gone needs no ending.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// These programs can't be told to take any port, so one that was free a moment ago has to do.
fn free_address() -> anyhow::Result<SocketAddr> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?)
}

/// Where a program is installed, among the places where Debian and others put servers.
pub(crate) fn find(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders =
        std::env::split_paths(&path).chain([PathBuf::from("/usr/sbin"), PathBuf::from("/usr/local/sbin")]);
    folders.map(|folder| folder.join(name)).find(|file| file.is_file())
}
