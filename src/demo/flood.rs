//! Commands that the server answers by itself, without a process, so that a benchmark measures the wire and not a shell.
//!
//! - `execgate-flood FRAME_BYTES TOTAL_BYTES [LINE]` sends that many bytes on standard output in frames of that size, and exits 0: each
//!   frame is `LINE` over and over, and what is too short for another one is `x`, as all of it is without a line.
//! - `execgate-drip FRAME_BYTES BYTES_PER_SECOND TOTAL_BYTES` sends the same, but only so many each second.
//! - `execgate-sink` reads its input to the end and exits 0; `execgate-sink TOTAL_BYTES` exits as soon as it has read so many,
//!   for subprotocols that cannot say where their input ends.
//! - `execgate-echo` sends its input back until it ends.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::AsyncWrite;
use tokio::sync::oneshot;

use super::intake::Input;
use super::link::{Link, message};
use super::process::{Ending, Output, Process};
use crate::protocol::Channel;
use crate::target::Streams;

/// What is written to the socket at a time, if frames are smaller.
const BLOCK: usize = 256 * 1024;
/// What an echo holds at most: the size of a pipe.
const ECHO_BUFFER: usize = 64 * 1024;

/// A benchmark's output: equal frames from a prepared block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Flood {
    /// What a frame carries; never nothing.
    data: Vec<u8>,
    total_bytes: u64,
    pace: Pace,
}

/// How fast it is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pace {
    /// As fast as it is taken.
    Unbounded,
    /// A frame each time that this has passed.
    FrameEvery(Duration),
}

/// Starts `argv` if it is one of ours; `None` for everything else.
pub(super) fn start(argv: &[String], streams: Streams) -> Option<Process> {
    let (name, arguments) = argv.split_first()?;
    let process = match name.as_str() {
        "execgate-flood" => flood(arguments),
        "execgate-drip" => drip(arguments),
        "execgate-sink" => sink(arguments),
        "execgate-echo" => Some(echo()),
        _ => return None,
    };
    let usage = || Process::stillborn(Ending::NotStarted(format!("wrong arguments for {name}")));
    let mut process = process.unwrap_or_else(usage);
    if !streams.stdin {
        process.input = Input::Unasked;
    }
    if !streams.stdout {
        process.stdout = Output::None;
    }
    Some(process)
}

impl Flood {
    /// Sends everything. A client that is gone ends it.
    pub(super) async fn run(&self, link: &Link) -> io::Result<()> {
        let frame = message(link.coding(), Channel::Stdout, &self.data);
        match self.pace {
            Pace::Unbounded => self.send_blocks(&frame, link).await?,
            Pace::FrameEvery(period) => self.send_frames(&frame, period, link).await?,
        }
        let last = usize::try_from(self.total_bytes % self.data.len() as u64)
            .expect("a remainder is smaller than the frame");
        if last > 0 {
            link.send_message(Channel::Stdout, &self.data[..last]).await?;
        }
        Ok(())
    }

    /// The whole frames, many at a time.
    async fn send_blocks(&self, frame: &[u8], link: &Link) -> io::Result<()> {
        let per_block = (BLOCK / frame.len()).max(1);
        let block = frame.repeat(per_block);
        let mut frames = self.frames();
        while frames >= per_block as u64 {
            link.send(&block).await?;
            frames -= per_block as u64;
        }
        let rest = usize::try_from(frames).expect("fewer frames are left than fit in a block");
        link.send(&block[..rest * frame.len()]).await
    }

    /// The whole frames, one at a time. What a slow client holds up is made up for, as a program with a clock does.
    async fn send_frames(&self, frame: &[u8], period: Duration, link: &Link) -> io::Result<()> {
        let mut clock = tokio::time::interval(period);
        for _ in 0..self.frames() {
            clock.tick().await;
            link.send(frame).await?;
        }
        Ok(())
    }

    fn frames(&self) -> u64 {
        self.total_bytes / self.data.len() as u64
    }
}

fn flood(arguments: &[String]) -> Option<Process> {
    let (frame_bytes, total_bytes, line) = match arguments {
        [frame_bytes, total_bytes] => (frame_bytes, total_bytes, ""),
        [frame_bytes, total_bytes, line] => (frame_bytes, total_bytes, line.as_str()),
        _ => return None,
    };
    let data = frame_of(of_frame(frame_bytes)?, line);
    Some(sending(Flood { data, total_bytes: total_bytes.parse().ok()?, pace: Pace::Unbounded }))
}

fn drip(arguments: &[String]) -> Option<Process> {
    let [frame_bytes, bytes_per_second, total_bytes] = arguments else {
        return None;
    };
    let frame_bytes = of_frame(frame_bytes)?;
    let bytes_per_second: u32 = bytes_per_second.parse().ok()?;
    let period = Duration::from_secs(frame_bytes as u64).checked_div(bytes_per_second)?;
    // No clock ticks so often that nothing passes between two frames.
    let period = period.max(Duration::from_nanos(1));
    Some(sending(Flood {
        data: frame_of(frame_bytes, ""),
        total_bytes: total_bytes.parse().ok()?,
        pace: Pace::FrameEvery(period),
    }))
}

fn of_frame(frame_bytes: &str) -> Option<usize> {
    frame_bytes.parse().ok().filter(|bytes| (1..=BLOCK).contains(bytes))
}

fn frame_of(frame_bytes: usize, line: &str) -> Vec<u8> {
    let mut data = line.repeat(frame_bytes.checked_div(line.len()).unwrap_or_default()).into_bytes();
    data.resize(frame_bytes, b'x');
    data
}

fn sending(flood: Flood) -> Process {
    Process { stdout: Output::Flood(flood), input: Input::Unasked, ..Process::stillborn(Ending::Exited(0)) }
}

fn sink(arguments: &[String]) -> Option<Process> {
    let left = match arguments {
        [] => None,
        [total_bytes] => Some(total_bytes.parse().ok()?),
        _ => return None,
    };
    let (done, ended) = oneshot::channel();
    let drain = Drain { left, done: Some(done) };
    Some(Process {
        input: Input::Open(Box::new(drain)),
        exit: Box::pin(async {
            // Told or dropped: both are the end.
            let _ = ended.await;
            Ending::Exited(0)
        }),
        ..Process::stillborn(Ending::Exited(0))
    })
}

fn echo() -> Process {
    let (writer, reader) = tokio::io::duplex(ECHO_BUFFER);
    Process {
        input: Input::Open(Box::new(writer)),
        stdout: Output::stream(reader),
        ..Process::stillborn(Ending::Exited(0))
    }
}

/// Swallows everything; its end, or the last byte that it wants, is told.
struct Drain {
    left: Option<u64>,
    done: Option<oneshot::Sender<()>>,
}

impl AsyncWrite for Drain {
    fn poll_write(mut self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if let Some(left) = &mut self.left {
            *left = left.saturating_sub(bytes.len() as u64);
            if *left == 0 {
                self.done = None;
            }
        }
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_of_a_line_has_whole_lines_in_each_frame() {
        let process = flood(&["8", "80", "äb"].map(str::to_owned)).unwrap();
        let Output::Flood(flood) = process.stdout else { panic!("a flood sends frames by itself") };
        assert_eq!(flood.data, "äbäbxx".as_bytes());
    }

    #[test]
    fn a_drip_sends_a_frame_as_often_as_its_rate_says() {
        let pace = |rate: &str| {
            let process = drip(&["1000", rate, "5500"].map(str::to_owned))?;
            let Output::Flood(flood) = process.stdout else { panic!("a drip sends frames by itself") };
            Some(flood.pace)
        };
        assert_eq!(pace("20000"), Some(Pace::FrameEvery(Duration::from_millis(50))));
        assert_eq!(pace("1"), Some(Pace::FrameEvery(Duration::from_secs(1000))));
        assert_eq!(pace("0"), None);
    }
}
