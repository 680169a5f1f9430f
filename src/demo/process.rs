//! A running command as a session sees it: where its input goes, where its output comes from, and how it ends.

use std::fs::File;
use std::io;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::pin::Pin;
use std::process::{ExitStatus, Stdio};

use rustix::process::{Pid, Signal};
use rustix::termios::Winsize;
use tokio::io::AsyncRead;
use tokio::process::Child;
use tokio_util::sync::CancellationToken;

use super::flood::Flood;
use super::intake::Input;
use super::screen::Screen;
use super::sizes::Size;
use crate::target::Streams;

/// A command with its streams.
pub(super) struct Process {
    /// Where channel 0 goes.
    pub(super) input: Input,
    /// Channel 1, or the whole terminal.
    pub(super) stdout: Output,
    /// Channel 2.
    pub(super) stderr: Output,
    /// Present for a tty.
    pub(super) terminal: Option<Terminal>,
    /// How it ends. Not before the process itself has ended; its output may take longer.
    pub(super) exit: Pin<Box<dyn Future<Output = Ending> + Send>>,
    /// Ends what is left of a real process when the cluster stops.
    pub(super) group: Option<Group>,
}

/// Where a channel's data comes from.
pub(super) enum Output {
    /// Nowhere.
    None,
    /// A pipe or a terminal. An error is an end: a terminal whose last process has gone says EIO.
    Stream(Box<dyn AsyncRead + Send + Unpin>),
    /// A benchmark's flood.
    Flood(Flood),
}

/// How a command ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Ending {
    /// With that code; 128 plus the signal for one that was killed.
    Exited(i32),
    /// It never ran; the runtime's words.
    NotStarted(String),
    /// It was never reached: a translator's words.
    NotReached(String),
}

/// The master side of a terminal, for its size.
pub(super) struct Terminal(File);

/// A process group that is killed when this is dropped, unless it was released.
pub(super) struct Group(Option<Pid>);

/// What to run, where.
pub(super) struct Program<'a> {
    /// The argv.
    pub(super) argv: &'a [String],
    /// The whole environment.
    pub(super) environment: &'a [(&'static str, String)],
    /// Where it starts.
    pub(super) directory: &'a Path,
}

impl Process {
    /// A command that did not come to run.
    pub(super) fn stillborn(ending: Ending) -> Self {
        Self {
            input: Input::Untaken,
            stdout: Output::None,
            stderr: Output::None,
            terminal: None,
            exit: Box::pin(std::future::ready(ending)),
            group: None,
        }
    }

    /// Starts a program with a terminal or with pipes. What was not asked for is `/dev/null`.
    pub(super) fn start(program: &Program<'_>, streams: Streams) -> Self {
        let Some((name, _)) = program.argv.split_first() else {
            return Self::stillborn(Ending::NotStarted(not_started("args must not be empty")));
        };
        let started = if streams.tty {
            Self::start_on_terminal(program, streams)
        } else {
            Self::start_on_pipes(program, streams)
        };
        started.unwrap_or_else(|error| Self::stillborn(Ending::NotStarted(cannot_start(name, &error))))
    }

    fn start_on_terminal(program: &Program<'_>, streams: Streams) -> io::Result<Self> {
        let (pty, pts) = pty_process::open().map_err(io::Error::other)?;
        let terminal = Terminal(File::from(pts_owner(&pty)?));
        let master = terminal.share()?.0;
        let (name, arguments) = program.argv.split_first().expect("start has looked at the first word");
        let child = pty_process::Command::new(name)
            .args(arguments)
            .env_clear()
            .envs(program.environment.iter().map(|(key, value)| (key, value)))
            .current_dir(program.directory)
            .kill_on_drop(true)
            .spawn(pts)
            .map_err(unwrap_io)?;
        let (reader, writer) = pty.into_split();
        let ended = CancellationToken::new();
        Ok(Self {
            input: if streams.stdin { Input::Open(Box::new(writer)) } else { Input::Unasked },
            stdout: Output::stream(Screen::new(reader, master, ended.clone())),
            stderr: Output::None,
            terminal: Some(terminal),
            group: Some(Group::of(&child)),
            exit: Box::pin(async move {
                let ending = wait(child).await;
                ended.cancel();
                ending
            }),
        })
    }

    fn start_on_pipes(program: &Program<'_>, streams: Streams) -> io::Result<Self> {
        let (name, arguments) = program.argv.split_first().expect("start has looked at the first word");
        let mut child = tokio::process::Command::new(name)
            .args(arguments)
            .env_clear()
            .envs(program.environment.iter().map(|(key, value)| (key, value)))
            .current_dir(program.directory)
            .stdin(pipe_if(streams.stdin))
            .stdout(pipe_if(streams.stdout))
            .stderr(pipe_if(streams.stderr))
            .process_group(0)
            .kill_on_drop(true)
            .spawn()?;
        Ok(Self {
            input: child.stdin.take().map_or(Input::Unasked, |pipe| Input::Open(Box::new(pipe))),
            stdout: child.stdout.take().map_or(Output::None, Output::stream),
            stderr: child.stderr.take().map_or(Output::None, Output::stream),
            terminal: None,
            group: Some(Group::of(&child)),
            exit: Box::pin(wait(child)),
        })
    }
}

impl Output {
    /// Boxes a stream.
    pub(super) fn stream(stream: impl AsyncRead + Send + Unpin + 'static) -> Self {
        Self::Stream(Box::new(stream))
    }
}

impl Terminal {
    /// TIOCSWINSZ. A terminal that has gone keeps its size.
    pub(super) fn resize(&self, size: Size) {
        let size = Winsize { ws_row: size.height, ws_col: size.width, ws_xpixel: 0, ws_ypixel: 0 };
        let _ = rustix::termios::tcsetwinsize(&self.0, size);
    }

    /// Another handle on the same terminal.
    pub(super) fn share(&self) -> io::Result<Self> {
        self.0.try_clone().map(Self)
    }
}

impl Group {
    fn of(child: &Child) -> Self {
        let id = child.id().and_then(|id| i32::try_from(id).ok());
        Self(id.and_then(Pid::from_raw))
    }

    /// SIGKILL for the process itself; what it has started lives on.
    pub(super) fn kill_leader(&self) {
        if let Some(leader) = self.0 {
            // One that is gone needs no killing.
            let _ = rustix::process::kill_process(leader, Signal::KILL);
        }
    }

    /// The process has ended and nothing holds its streams: there is nothing left to kill, and the number may be another's soon.
    pub(super) fn release(mut self) {
        self.0 = None;
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(group) = self.0 {
            // A group that is gone needs no killing.
            let _ = rustix::process::kill_process_group(group, Signal::KILL);
        }
    }
}

fn pipe_if(asked: bool) -> Stdio {
    if asked { Stdio::piped() } else { Stdio::null() }
}

async fn wait(mut child: Child) -> Ending {
    match child.wait().await {
        Ok(status) => Ending::Exited(code(status)),
        Err(error) => Ending::NotStarted(format!("cannot wait for the command: {error}")),
    }
}

fn code(status: ExitStatus) -> i32 {
    let killed = status.signal().map(|signal| 128 + signal);
    status.code().or(killed).expect("a process that was waited for has exited or was killed")
}

fn pts_owner(pty: &pty_process::Pty) -> io::Result<std::os::fd::OwnedFd> {
    use std::os::fd::AsFd as _;
    pty.as_fd().try_clone_to_owned()
}

fn unwrap_io(error: pty_process::Error) -> io::Error {
    match error {
        pty_process::Error::Io(error) => error,
        other => io::Error::other(other),
    }
}

/// runc's words for the reason.
fn cannot_start(name: &str, error: &io::Error) -> String {
    let reason = match error.kind() {
        io::ErrorKind::NotFound if name.contains('/') => {
            format!("stat {name}: no such file or directory")
        }
        io::ErrorKind::NotFound => "executable file not found in $PATH".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        _ => error.to_string(),
    };
    not_started(&format!("unable to start container process: exec: {name:?}: {reason}"))
}

/// containerd's words round runc's; it names each exec by 64 digits.
fn not_started(why: &str) -> String {
    let id = format!("{:032x}{:032x}", rand::random::<u128>(), rand::random::<u128>());
    format!(
        "failed to exec in container: failed to start exec {id:?}: OCI runtime exec failed: exec failed: {why}"
    )
}
