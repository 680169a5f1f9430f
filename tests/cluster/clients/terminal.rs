//! A run of a program on a terminal of its own, with a size that changes as a window's does.

use std::time::Duration;

use pty_process::{Pty, Size};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::Child;

use super::program::{PATIENCE, Program};

/// A person's terminal with a program in it. Dropping it kills the program.
pub(super) struct Terminal {
    pty: Pty,
    child: Child,
    /// What is on the screen.
    seen: String,
}

impl Terminal {
    pub(super) fn start(program: &Program, rows: u16, columns: u16) -> Self {
        let (pty, pts) = pty_process::open().unwrap();
        pty.resize(Size::new(rows, columns)).unwrap();
        let child = pty_process::Command::new(&program.name)
            .args(&program.arguments)
            .envs(program.environment.iter().map(|(name, value)| (name, value)))
            .kill_on_drop(true)
            .spawn(pts)
            .unwrap();
        Self { pty, child, seen: String::new() }
    }

    /// Waits for `words` on the screen.
    pub(super) async fn sees(&mut self, words: &str) {
        while !self.seen.contains(words) {
            assert!(self.read().await, "no {words:?} on the screen:\n{}", self.seen);
        }
    }

    /// Types a line and Enter.
    pub(super) async fn types(&mut self, line: &str) {
        self.pty.write_all(format!("{line}\r").as_bytes()).await.unwrap();
    }

    /// Waits for a line that is typed at `other` until it is seen here: what is said before somebody listens is gone, and attach shows
    /// nothing when it begins to.
    pub(super) async fn hears(&mut self, other: &mut Self, line: &str) {
        let mut again = tokio::time::interval(Duration::from_millis(100));
        let repeats = async {
            loop {
                again.tick().await;
                other.types(line).await;
            }
        };
        tokio::select! {
            () = self.sees(line) => {}
            () = repeats => {}
        }
    }

    /// Drags the window to another size.
    pub(super) fn resize(&self, rows: u16, columns: u16) {
        self.pty.resize(Size::new(rows, columns)).unwrap();
    }

    /// Waits for the program's end, and gives its exit code.
    pub(super) async fn ends(mut self) -> Option<i32> {
        while self.read().await {}
        let ended = tokio::time::timeout(PATIENCE, self.child.wait()).await;
        ended.unwrap_or_else(|_| panic!("it does not end:\n{}", self.seen)).unwrap().code()
    }

    /// False once nobody holds the terminal any more: Linux says so by EIO.
    async fn read(&mut self) -> bool {
        let mut buffer = [0; 4096];
        let read = tokio::time::timeout(PATIENCE, self.pty.read(&mut buffer)).await;
        let count = read.unwrap_or_else(|_| panic!("nothing happens:\n{}", self.seen)).unwrap_or(0);
        self.seen.push_str(&String::from_utf8_lossy(&buffer[..count]));
        count > 0
    }
}
