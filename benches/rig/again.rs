//! This program once more, as a process of its own that plays another role.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, ensure};

/// A process that plays a role. Dropping it ends it.
pub(crate) struct Again {
    /// The line that it printed when it was ready.
    pub(crate) said: String,
    child: Child,
}

impl Again {
    /// Starts it with `--be ROLE`, tells it `line` and waits until it is ready.
    pub(crate) fn start(role: &str, line: &str) -> anyhow::Result<Self> {
        let program = std::env::current_exe().context("cannot find this program's file")?;
        let mut child = Command::new(program)
            .args(["--be", role])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start this program as {role}"))?;
        let mut stdin = child.stdin.as_ref().expect("it was asked for");
        writeln!(stdin, "{line}")?;
        let stdout = child.stdout.take().expect("it was asked for");
        let mut again = Self { said: String::new(), child };
        BufReader::new(stdout).read_line(&mut again.said)?;
        ensure!(!again.said.is_empty(), "this program did not start as {role}");
        Ok(again)
    }

    /// The process's id.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Again {
    fn drop(&mut self) {
        // The end of its standard input ends it; one that does not notice is killed.
        drop(self.child.stdin.take());
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// In the other process: what it was told. From now on it ends with its standard input, which is that of whoever started it.
pub(crate) fn told() -> anyhow::Result<String> {
    let mut line = String::new();
    io::stdin().read_line(&mut line)?;
    std::thread::spawn(|| {
        let _ = io::stdin().read_to_end(&mut Vec::new());
        std::process::exit(0);
    });
    Ok(line)
}

/// In the other process: says that it is ready.
pub(crate) fn say(line: &str) -> anyhow::Result<()> {
    let mut stdout = io::stdout();
    writeln!(stdout, "{line}")?;
    Ok(stdout.flush()?)
}
