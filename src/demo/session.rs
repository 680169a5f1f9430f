//! One session after its 101: output, input and the end, all in one task.

use std::future::pending;
use std::time::Duration;

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::ending::{self, Speaker};
use super::frame::FrameReader;
use super::handshake::Passage;
use super::intake::{CloseSignal, Intake, Parting};
use super::link::{Link, Outgoing, Wire};
use super::process::{Ending, Output, Process};
use super::settings::Scheme;
use super::sizes::{SizeDecoder, Taker};
use crate::protocol::{Channel, Subprotocol};
use crate::target::{Streams, Verb};

/// What was agreed on before the 101.
#[derive(Debug, Clone)]
pub(super) struct Terms {
    pub(super) speaker: Speaker,
    pub(super) passage: Passage,
    pub(super) subprotocol: Subprotocol,
    pub(super) verb: Verb,
    pub(super) argv: Vec<String>,
    /// As the client asked.
    pub(super) streams: Streams,
    pub(super) input_end: InputEnd,
}

/// What the end of the client's input is the end of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum InputEnd {
    /// Of the input.
    OfInputAlone,
    /// Of the output too.
    Detaches,
    /// Of the output too, and it has come before anything was said.
    Detached,
}

/// What every session of a cluster shares.
#[derive(Debug, Clone)]
pub(super) struct House {
    pub(super) scheme: Scheme,
    pub(super) idle_timeout: Duration,
    /// Ends sessions and processes.
    pub(super) stop: CancellationToken,
    /// Counts processes that outlive their sessions.
    pub(super) tracker: TaskTracker,
}

/// How a session ended.
enum Ended {
    /// The command ended, its status was told.
    Command,
    /// The client left, broke a rule, or was idle for too long: the command lives on.
    Client,
    /// The client's connection ended without a close frame.
    Vanished,
    /// The cluster stops.
    Stopped,
}

impl Terms {
    /// The channel that carries the first, empty message.
    fn first_channel(&self) -> Channel {
        if self.streams.stdout {
            Channel::Stdout
        } else if self.streams.stderr {
            Channel::Stderr
        } else {
            Channel::Error
        }
    }

    fn size_taker(&self) -> Taker {
        match self.speaker {
            Speaker::Translator if !self.streams.tty => Taker::Nobody,
            Speaker::Translator | Speaker::Runtime(_) => Taker::Process,
        }
    }

    /// Cancelled when the output is nobody's any more.
    fn detached(&self, input_ended: &CancellationToken) -> CancellationToken {
        match self.input_end {
            InputEnd::OfInputAlone => CancellationToken::new(),
            InputEnd::Detaches => input_ended.clone(),
            InputEnd::Detached => {
                input_ended.cancel();
                input_ended.clone()
            }
        }
    }

    fn close_signal(&self) -> CloseSignal {
        if self.subprotocol.has_close_signal() { CloseSignal::Known } else { CloseSignal::Unknown }
    }
}

/// Runs a session on `wire`, of which `early` was already read, until command, client or cluster ends it.
pub(super) async fn run(
    wire: Wire,
    early: Bytes,
    terms: &Terms,
    house: &House,
    start: impl Future<Output = Process>,
) {
    let (reader, writer) = tokio::io::split(wire);
    let link = Link::new(writer, house.scheme, terms.subprotocol.coding());
    if link.send_message(terms.first_channel(), &[]).await.is_err() {
        return;
    }
    let mut process = start.await;
    let mut frames = FrameReader::new(reader, early);
    let input_ended = CancellationToken::new();
    let detached = terms.detached(&input_ended);
    let mut intake = Intake {
        close_signal: terms.close_signal(),
        input: std::mem::replace(&mut process.input, super::intake::Input::Closed),
        sizes: Some(SizeDecoder::new(terms.size_taker())),
        terminal: process.terminal.take(),
        input_ended,
    };
    let ended = tokio::select! {
        parting = until_client_leaves(&mut intake, &mut frames, &link, terms.passage) => match parting {
            Parting::Said => Ended::Client,
            Parting::Gone => Ended::Vanished,
        },
        () = until_command_ends(&mut process, &link, terms, &detached) => Ended::Command,
        () = until_idle(&link, house.idle_timeout) => Ended::Client,
        () = house.stop.cancelled() => Ended::Stopped,
    };
    match ended {
        Ended::Command => process.group.into_iter().for_each(super::process::Group::release),
        Ended::Client => abandon(process, house),
        Ended::Vanished => {
            if let (Speaker::Runtime(_), Some(group)) = (terms.speaker, &process.group) {
                // Its server cancels the request that containerd runs the command for (Go's net/http, at the end of what it reads).
                group.kill_leader();
            }
            abandon(process, house);
        }
        Ended::Stopped => {}
    }
}

async fn until_client_leaves<R: AsyncRead + Unpin>(
    intake: &mut Intake,
    frames: &mut FrameReader<R>,
    link: &Link,
    passage: Passage,
) -> Parting {
    let parting = intake.run(frames, link, passage).await;
    match (parting, passage) {
        // Who copies ends both directions as soon as one side's bytes end (apimachinery `pkg/util/proxy/upgradeaware.go`).
        (Parting::Gone, Passage::Copied) => link.drop_connection().await,
        (Parting::Said, _) | (Parting::Gone, Passage::Direct) => link.close().await,
    }
    parting
}

/// On a terminal whose client has detached, nobody reads the output any more; an attached session just ends.
async fn until_command_ends(process: &mut Process, link: &Link, terms: &Terms, detached: &CancellationToken) {
    let Streams { stdout, stderr, tty, .. } = terms.streams;
    let stdout = pump(&mut process.stdout, stdout.then_some(Channel::Stdout), link);
    let stderr = pump(&mut process.stderr, (stderr && !tty).then_some(Channel::Stderr), link);
    let output = async {
        tokio::select! {
            biased;
            () = detached.cancelled() => {}
            _ = async { tokio::join!(stdout, stderr) } => {}
        }
    };
    let exit = async {
        match terms.verb {
            Verb::Exec => (&mut process.exit).await,
            Verb::Attach => tokio::select! {
                ending = &mut process.exit => ending,
                () = detached.cancelled() => Ending::Exited(0),
            },
        }
    };
    let ((), ending) = tokio::join!(output, exit);
    tell(&ending, link, terms).await;
    link.close().await;
}

async fn tell(ending: &Ending, link: &Link, terms: &Terms) {
    let form = terms.subprotocol.status_form();
    let status = ending::payload(terms.speaker, form, terms.verb, &terms.argv, ending);
    if let Some(status) = status {
        // A client that is gone hears no status; the close that follows ends the session.
        let _ = link.send_message(Channel::Error, &status).await;
    }
}

/// Sends a stream to its end. Without a channel it is read all the same: nobody asked for what the terminal shows.
async fn pump(output: &mut Output, channel: Option<Channel>, link: &Link) {
    let stream = match output {
        Output::None => return,
        Output::Flood(flood) => {
            // A client that is gone is noticed by the reader.
            let _ = flood.run(link).await;
            return;
        }
        Output::Stream(stream) => stream,
    };
    let mut frame = Outgoing::new(link.coding());
    loop {
        let length = match stream.read(frame.room()).await {
            Ok(0) | Err(_) => return,
            Ok(length) => length,
        };
        let Some(channel) = channel else { continue };
        if link.send(frame.seal(channel, length)).await.is_err() {
            // Nobody reads any more: like containerd, leave the rest in the pipe.
            return pending().await;
        }
    }
}

async fn until_idle(link: &Link, limit: Duration) {
    loop {
        let deadline = link.touched() + limit;
        tokio::time::sleep_until(deadline).await;
        if link.touched() + limit <= tokio::time::Instant::now() {
            return;
        }
    }
}

/// Nothing more is killed when a client leaves: the command runs on with nobody to read what it writes, until it ends or the cluster
/// stops.
fn abandon(mut process: Process, house: &House) {
    let Some(group) = process.group.take() else {
        return;
    };
    let stop = house.stop.clone();
    house.tracker.spawn(async move {
        let ended = async {
            (&mut process.exit).await;
            tokio::join!(drain(&mut process.stdout), drain(&mut process.stderr));
        };
        tokio::select! {
            () = ended => group.release(),
            () = stop.cancelled() => drop(group),
        }
    });
}

async fn drain(output: &mut Output) {
    if let Output::Stream(stream) = output {
        // An error is an end too.
        let _ = tokio::io::copy(stream, &mut tokio::io::sink()).await;
    }
}
