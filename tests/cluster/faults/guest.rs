//! Whoever has a shell open when something fails: a page, or a program in each of the ways in which programs exec.

use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::Value;

use crate::support::ask::{Answer, Ask, PIPES, Serves, TTY};
use crate::support::session::{Session, Transcript};
use crate::support::wire::PATIENCE;

/// Who asks, and for what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A browser's terminal.
    Page,
    /// `kubectl exec -it`.
    Terminal,
    /// `kubectl exec -i`, the one kind that needs v5 from the cluster.
    Pipe,
    /// Clients of other languages, without a terminal.
    Program,
}

/// A client with a shell in web-0.
pub(super) struct Guest {
    pub(super) kind: Kind,
    /// No other shell has this word among its arguments.
    pub(super) mark: String,
    session: Session,
}

/// Why there is no session, as its client reads it.
#[derive(Debug)]
pub(super) enum No {
    /// In the terminal, and in the close frame.
    Page { words: String, code: u16, reason: String },
    /// Over HTTP.
    Program(Answer),
}

impl Kind {
    pub(super) const ALL: [Self; 4] = [Self::Page, Self::Terminal, Self::Pipe, Self::Program];

    /// What it sends to open a shell.
    fn ask(self, server: &impl Serves, mark: &str) -> Ask {
        let streams = match self {
            Self::Page | Self::Terminal => TTY,
            Self::Pipe | Self::Program => PIPES,
        };
        let ask = Ask::exec(server, &format!("command=sh&command=-s&command={mark}&{streams}"));
        match self {
            Self::Page => ask
                .header("Origin", "http://apiserver:6443")
                .header("User-Agent", "Mozilla/5.0")
                .offer("base64.channel.k8s.io"),
            Self::Terminal | Self::Pipe => ask.offer("v5.channel.k8s.io"),
            Self::Program => ask.offer("v4.channel.k8s.io"),
        }
    }

    /// Comes, and has its first word answered by the shell.
    pub(super) async fn come(self, server: &impl Serves) -> Guest {
        self.come_to(server, "").await
    }

    /// The same, to a cluster that the path names; an empty name is the default cluster.
    pub(super) async fn come_to(self, server: &impl Serves, cluster: &str) -> Guest {
        let mark = mark();
        let ask = self.ask(server, &mark);
        let ask = if cluster.is_empty() { ask } else { ask.of_cluster(cluster) };
        let mut guest = Guest { kind: self, session: ask.open().await, mark };
        guest.is_echoed().await;
        guest
    }

    /// Comes in vain.
    pub(super) async fn fail(self, server: &impl Serves) -> No {
        let ask = self.ask(server, &mark());
        if self == Self::Page {
            let transcript = ask.open().await.transcript().await;
            let (code, reason) = transcript.close();
            return No::Page { words: transcript.text(), code, reason: reason.to_owned() };
        }
        No::Program(ask.refused().await)
    }
}

impl Guest {
    /// Types something and sees the shell answer it.
    pub(super) async fn is_echoed(&mut self) {
        static WORDS: AtomicU32 = AtomicU32::new(0);
        let word = WORDS.fetch_add(1, Ordering::Relaxed);
        // A terminal shows what is typed as well, but does not count.
        self.session.type_in(format!("echo word-$(({word}))-\n")).await;
        let wanted = format!("word-{word}-");
        let mut seen = String::new();
        while !seen.contains(&wanted) {
            let frame = self.session.next().await.expect("the session goes on");
            match frame.first {
                0x89 => self.session.frame(0x8a, &frame.payload).await,
                0x88 => panic!("{:?} is sent away after {seen:?}: {frame:?}", self.kind),
                _ => seen += &String::from_utf8_lossy(&self.session.read(&frame).1),
            }
        }
    }

    /// Types without waiting for anything.
    pub(super) async fn type_in(&mut self, text: &str) {
        self.session.type_in(text).await;
    }

    /// What it is told from now on, to the end of the connection.
    pub(super) async fn last_words(mut self) -> Farewell {
        let transcript = tokio::time::timeout(PATIENCE, self.session.transcript()).await;
        Farewell {
            kind: self.kind,
            transcript: transcript.unwrap_or_else(|_| panic!("{:?}: the session goes on and on", self.kind)),
        }
    }

    /// Closes as browsers and libraries do, and waits for the answer.
    pub(super) async fn leave(mut self) {
        self.session.frame(0x88, &1000_u16.to_be_bytes()).await;
        self.session.transcript().await;
    }

    /// Is gone without a word.
    pub(super) fn vanish(self) {
        self.session.reset();
    }
}

/// True while a shell with that mark runs on this machine.
pub(super) fn has_shell(mark: &str) -> bool {
    let arguments = [&b"sh\0-s\0"[..], mark.as_bytes(), b"\0"].concat();
    let all = std::fs::read_dir("/proc").expect("Linux").flatten();
    all.filter_map(|process| std::fs::read(process.path().join("cmdline")).ok()).any(|line| line == arguments)
}

/// How a session ended for its client.
#[derive(Debug)]
pub(super) struct Farewell {
    kind: Kind,
    transcript: Transcript,
}

impl Farewell {
    /// Asserts that it was told that it is cut off, in these words, and that nobody can take it for success: a page reads the words
    /// and 1011, a program a Failure, upon which client-go acts at 1000 only.
    pub(super) fn says_cut(&self, words: &str) {
        let Self { kind, transcript } = self;
        if *kind == Kind::Page {
            assert_eq!(transcript.statuses, [words], "{self:?}");
            assert_eq!(transcript.close(), (1011, words), "{self:?}");
            return;
        }
        let status = transcript.status();
        assert_eq!((&status["status"], &status["code"]), (&"Failure".into(), &500.into()), "{self:?}");
        assert_eq!(status["message"], format!("Internal error occurred: {words}"), "{self:?}");
        assert_eq!(transcript.close(), (1000, words), "{self:?}");
    }

    /// Asserts that the command was killed.
    pub(super) fn says_killed(&self) {
        let Self { kind, transcript } = self;
        assert_eq!(transcript.close(), (1000, "exit code 137"), "{self:?}");
        if *kind == Kind::Page {
            assert!(transcript.statuses.concat().ends_with("exit code 137"), "{self:?}");
        } else {
            assert_eq!(transcript.status()["details"]["causes"][0]["message"], "137", "{self:?}");
        }
    }
}

impl No {
    /// Asserts that a page reads these words, in the terminal and in the close frame.
    pub(super) fn says(&self, code: u16, words: &str) {
        match self {
            Self::Page { words: said, code: closed, reason } => {
                assert_eq!((said.as_str(), *closed), (format!("execgate: {words}\r\n").as_str(), code));
                let begin = reason.strip_suffix('…').unwrap_or(reason);
                assert!(words.starts_with(begin), "{reason}");
            }
            Self::Program(answer) => {
                assert_eq!((answer.code(), answer.message().as_str()), (code, words), "{answer:?}");
            }
        }
    }

    /// The body that a program reads.
    pub(super) fn body(&self) -> (u16, &str) {
        match self {
            Self::Program(answer) => (answer.code(), &answer.body),
            Self::Page { .. } => panic!("a page reads no body: {self:?}"),
        }
    }
}

/// The value of a field of a line of the log.
pub(super) fn field<'a>(line: &'a Value, key: &str) -> &'a str {
    line[key].as_str().unwrap_or_else(|| panic!("no {key} in {line}"))
}

fn mark() -> String {
    static GUESTS: AtomicU32 = AtomicU32::new(0);
    format!("guest-{}-{}", std::process::id(), GUESTS.fetch_add(1, Ordering::Relaxed))
}
