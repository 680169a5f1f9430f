//! A container's main process, which attach joins. It starts when somebody first attaches, and again after it has ended, as a
//! kubelet would restart it; who detaches leaves it running.

use std::io;
use std::sync::{Arc, Weak};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream};
use tokio::sync::Mutex;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::intake::Input;
use super::process::{Ending, Output, Process, Program, Terminal};
use super::session::House;
use crate::protocol::Channel;
use crate::target::Streams;

/// What the main process of a container is, as its pod's spec would say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MainKind {
    /// `tty: true`, `stdin: true`: an interactive shell.
    Shell,
    /// `stdin: true`: `cat`, which gives back every line.
    Cat,
    /// Neither: a script that counts seconds. Nobody ever reads an attached input.
    Counter,
}

/// A main process that runs.
pub(super) struct MainProcess {
    listeners: Arc<Mutex<Vec<Listener>>>,
    input: Option<Arc<Mutex<Input>>>,
    terminal: Option<Terminal>,
    /// Cancelled when the process has ended.
    ended: CancellationToken,
}

/// Somebody attached: a channel of theirs.
struct Listener {
    channel: Channel,
    pipe: DuplexStream,
    /// Lives as long as their session.
    attached: Weak<()>,
}

/// What waits for somebody who reads slowly, and for a process that does.
const ATTACH_BUFFER: usize = 32 * 1024;

impl MainKind {
    /// The argv.
    pub(super) fn argv(self) -> Vec<String> {
        let words: &[&str] = match self {
            Self::Shell => &["sh"],
            Self::Cat => &["cat"],
            Self::Counter => &["sh", "-c", "i=0; while :; do i=$((i+1)); echo \"tick $i\"; sleep 1; done"],
        };
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    /// What its spec says of `stdin`.
    pub(super) fn has_stdin(self) -> bool {
        self != Self::Counter
    }

    /// What its spec says of `tty`.
    pub(super) fn has_tty(self) -> bool {
        self == Self::Shell
    }
}

impl MainProcess {
    /// Starts it. One that cannot start has ended already.
    pub(super) fn start(kind: MainKind, program: &Program<'_>, house: &House) -> Self {
        let tty = kind.has_tty();
        let streams = Streams { stdin: kind.has_stdin(), stdout: true, stderr: !tty, tty };
        let mut process = Process::start(program, streams);
        let input = std::mem::replace(&mut process.input, Input::Untaken);
        let ended = CancellationToken::new();
        let main = Self {
            listeners: Arc::default(),
            input: matches!(input, Input::Open(_)).then(|| Arc::new(Mutex::new(input))),
            terminal: process.terminal.take(),
            ended: ended.clone(),
        };
        let listeners = Arc::clone(&main.listeners);
        let stop = house.stop.clone();
        house.tracker.spawn(run(process, listeners, ended.drop_guard(), stop));
        main
    }

    /// Whether it has ended, so that the next attach needs another.
    pub(super) fn has_ended(&self) -> bool {
        self.ended.is_cancelled()
    }

    /// A process as the attaching session sees it. It ends when the main process does.
    pub(super) async fn attach(&self, streams: Streams, house: &House) -> io::Result<Process> {
        let attached = Arc::new(());
        let stdout = self.listen(Channel::Stdout, &attached).await;
        let stderr = self.listen(Channel::Stderr, &attached).await;
        let ended = self.ended.clone();
        Ok(Process {
            input: self.attach_input(streams, house),
            stdout,
            stderr,
            terminal: self.terminal.as_ref().map(Terminal::share).transpose()?,
            exit: Box::pin(async move {
                ended.cancelled().await;
                drop(attached);
                Ending::Exited(0)
            }),
            group: None,
        })
    }

    fn attach_input(&self, streams: Streams, house: &House) -> Input {
        if !streams.stdin {
            return Input::Unasked;
        }
        let Some(shared) = self.input.clone() else {
            return Input::Untaken;
        };
        let (writer, reader) = tokio::io::duplex(ATTACH_BUFFER);
        let stop = house.stop.clone();
        house.tracker.spawn(async move {
            tokio::select! {
                () = feed(reader, &shared) => {}
                () = stop.cancelled() => {}
            }
        });
        Input::Open(Box::new(writer))
    }

    async fn listen(&self, channel: Channel, attached: &Arc<()>) -> Output {
        let (pipe, reader) = tokio::io::duplex(ATTACH_BUFFER);
        let mut listeners = self.listeners.lock().await;
        listeners.retain(|listener| listener.attached.strong_count() > 0);
        if !self.has_ended() {
            listeners.push(Listener { channel, pipe, attached: Arc::downgrade(attached) });
        }
        Output::stream(reader)
    }
}

/// Passes what one client types to the process that all share. Its end is not the process's.
async fn feed(mut reader: DuplexStream, shared: &Mutex<Input>) {
    let mut buffer = vec![0; 4096];
    while let Ok(length @ 1..) = reader.read(&mut buffer).await {
        shared.lock().await.write(&buffer[..length]).await;
    }
}

async fn run(
    mut process: Process,
    listeners: Arc<Mutex<Vec<Listener>>>,
    ended: DropGuard,
    stop: CancellationToken,
) {
    let life = async {
        let stdout = spread(&mut process.stdout, Channel::Stdout, &listeners);
        let stderr = spread(&mut process.stderr, Channel::Stderr, &listeners);
        tokio::join!(stdout, stderr, &mut process.exit);
    };
    let released = tokio::select! {
        () = life => process.group.take(),
        () = stop.cancelled() => None,
    };
    released.into_iter().for_each(super::process::Group::release);
    drop(ended);
    listeners.lock().await.clear();
}

/// Gives each listener every byte; a slow one slows the process, as in containerd.
async fn spread(output: &mut Output, channel: Channel, listeners: &Mutex<Vec<Listener>>) {
    let Output::Stream(stream) = output else {
        return;
    };
    let mut buffer = vec![0; ATTACH_BUFFER];
    while let Ok(length @ 1..) = stream.read(&mut buffer).await {
        let mut all = listeners.lock().await;
        let mut index = 0;
        while let Some(listener) = all.get_mut(index) {
            let concerned = listener.channel == channel;
            if concerned && listener.pipe.write_all(&buffer[..length]).await.is_err() {
                all.swap_remove(index);
            } else {
                index += 1;
            }
        }
    }
}
