//! One execgate process: what it says, as it says it, and how it ends. Dropping it ends it.

use std::{
    ffi::OsStr,
    io::{BufRead as _, BufReader, Read},
    net::SocketAddr,
    path::Path,
    process::{Child, Command, Stdio},
    sync::mpsc::{Receiver, RecvTimeoutError, channel},
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;

/// Nothing here takes longer unless it hangs.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// A process that runs. Its temporary files go where the test's own do.
pub(crate) struct Execgate {
    child: Child,
    stdout: Output,
    stderr: Output,
}

/// One that has ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// One stream: the lines that were read, and those to come.
struct Output {
    lines: Receiver<String>,
    seen: Vec<String>,
    /// How many of the seen ones were waited for or passed over.
    passed: usize,
}

/// What ends a process.
#[derive(Clone, Copy)]
pub(crate) enum Signal {
    Terminate,
    Interrupt,
}

impl Execgate {
    /// Starts the real binary. `temporary` is where it finds a temporary directory.
    pub(crate) fn start(arguments: &[&str], temporary: &Path) -> Self {
        Self::start_with(arguments, temporary, &[])
    }

    /// The same with environment variables.
    pub(crate) fn start_with(arguments: &[&str], temporary: &Path, variables: &[(&str, &str)]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_execgate"));
        command.args(arguments).env("TMPDIR", temporary);
        command.env_remove("EXECGATE_LOG").env_remove("EXECGATE_CONFIG");
        command.envs(variables.iter().copied());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let stdout = Output::of(child.stdout.take().unwrap());
        let stderr = Output::of(child.stderr.take().unwrap());
        Self { child, stdout, stderr }
    }

    /// Starts the binary and waits until it ends by itself.
    pub(crate) fn run(arguments: &[&str]) -> Ended {
        let folder = tempfile::tempdir().unwrap();
        Self::start(arguments, folder.path()).end()
    }

    /// Serves, logging JSON.
    pub(crate) fn serve(config: &Path) -> Self {
        let arguments = ["serve", "--log-format", "json", "--config", config.to_str().unwrap()];
        Self::start(&arguments, config.parent().unwrap())
    }

    /// Where it listens first, as its JSON log says.
    pub(crate) fn address(&mut self) -> SocketAddr {
        let line = self.logged("listening on ");
        let message = line["message"].as_str().unwrap();
        message.rsplit_once("://").unwrap().1.parse().unwrap()
    }

    /// The next JSON line of the log, after the last one asked for, whose message begins so.
    pub(crate) fn logged(&mut self, message: &str) -> Value {
        let line = self.stderr.next(|line| {
            let line: Value = serde_json::from_str(line).expect("a JSON line");
            line["message"].as_str().is_some_and(|text| text.starts_with(message))
        });
        let line = line.unwrap_or_else(|seen| panic!("no message {message:?} in\n{seen}"));
        serde_json::from_str(&line).unwrap()
    }

    /// The next line of the log, after the last one asked for, that holds `part`.
    pub(crate) fn logged_line(&mut self, part: &str) -> String {
        let line = self.stderr.next(|line| line.contains(part));
        line.unwrap_or_else(|seen| panic!("no line with {part:?} in\n{seen}"))
    }

    /// The next line of stdout, after the last one asked for, that holds `part`.
    pub(crate) fn printed(&mut self, part: &str) -> String {
        let line = self.stdout.next(|line| line.contains(part));
        line.unwrap_or_else(|seen| panic!("no line with {part:?} in\n{seen}"))
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn signal(&self, signal: Signal) {
        let name = match signal {
            Signal::Terminate => "TERM",
            Signal::Interrupt => "INT",
        };
        send(name, self.id());
    }

    /// Waits for its end.
    pub(crate) fn end(mut self) -> Ended {
        let (Ok(stdout), Ok(stderr)) = (self.stdout.rest(), self.stderr.rest()) else {
            panic!("it does not end:\n{}\n{}", self.stdout.text(), self.stderr.text());
        };
        Ended { code: self.child.wait().unwrap().code(), stdout, stderr }
    }

    /// Asks it to end and waits for that.
    pub(crate) fn stop(self) -> Ended {
        self.signal(Signal::Terminate);
        self.end()
    }
}

impl Drop for Execgate {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(Some(_))) {
            return;
        }
        // A demo has shells and a scratch directory to clear away; a second signal keeps it from waiting for sessions.
        self.signal(Signal::Terminate);
        self.signal(Signal::Terminate);
        let _ = self.stdout.rest();
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Output {
    fn of(stream: impl Read + Send + 'static) -> Self {
        let (sender, lines) = channel();
        thread::spawn(move || {
            for line in BufReader::new(stream).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        Self { lines, seen: Vec::new(), passed: 0 }
    }

    /// The next line for which `is_it` holds, or all that was said until the stream's end or the end of patience.
    fn next(&mut self, is_it: impl Fn(&str) -> bool) -> Result<String, String> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            while self.passed < self.seen.len() {
                self.passed += 1;
                let line = &self.seen[self.passed - 1];
                if is_it(line) {
                    return Ok(line.clone());
                }
            }
            match self.lines.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(line) => self.seen.push(line),
                Err(_) => return Err(self.text()),
            }
        }
    }

    /// Everything, once the stream has ended.
    fn rest(&mut self) -> Result<String, RecvTimeoutError> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            match self.lines.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(line) => self.seen.push(line),
                Err(RecvTimeoutError::Disconnected) => return Ok(self.text()),
                Err(error) => return Err(error),
            }
        }
    }

    fn text(&self) -> String {
        self.seen.iter().flat_map(|line| [line, "\n"]).collect()
    }
}

fn send(signal: &str, process: u32) {
    let script = OsStr::new("kill -\"$0\" \"$1\" 2>/dev/null");
    let mut shell = Command::new("sh");
    shell.arg("-c").arg(script).arg(signal).arg(process.to_string());
    shell.status().unwrap();
}
