//! Who somebody is, from the headers of a request to a principal, while the users files change underneath.

#![allow(clippy::unwrap_used, reason = "a test that can't go on says so by panicking")]

use std::{
    fs,
    io::{self, Write},
    path::PathBuf,
    sync::{Arc, Mutex, OnceLock},
    time::Duration,
};

use execgate::{
    identity::{
        Authenticator, Chain, CookieName, Presented, Unauthenticated, UsersFile, UsersFileSettings,
        token_hash,
    },
    protocol::Offer,
};
use http::{HeaderMap, HeaderValue, header};
use tempfile::TempDir;
use tokio::task::JoinHandle;

/// How often the watched files are looked at.
const PERIOD: Duration = Duration::from_secs(1);

/// Users files in a directory of their own.
struct Files {
    directory: TempDir,
    loaded: Vec<Arc<UsersFile>>,
}

impl Files {
    fn new(listings: &[&str]) -> Self {
        Log::of_process();
        let directory = TempDir::new().unwrap();
        let loaded = listings.iter().enumerate().map(|(index, listing)| {
            let path = directory.path().join(format!("users-{index}.yaml"));
            fs::write(&path, listing).unwrap();
            UsersFile::load(UsersFileSettings { path }).unwrap()
        });
        Self { loaded: loaded.collect(), directory }
    }

    fn chain(&self) -> Chain {
        let boxed = |file: &Arc<UsersFile>| Box::new(Arc::clone(file)) as Box<dyn Authenticator>;
        Chain::new(self.loaded.iter().map(boxed).collect())
    }

    fn path(&self, index: usize) -> PathBuf {
        self.loaded[index].path().to_owned()
    }

    /// As a Kubernetes volume is updated, and a careful editor saves.
    fn replace(&self, index: usize, listing: &str) {
        let new = self.directory.path().join("new");
        fs::write(&new, listing).unwrap();
        fs::rename(new, self.path(index)).unwrap();
    }

    /// The log holds `text` so many times, as far as it is about these files.
    #[track_caller]
    fn assert_logged(&self, text: &str, times: usize) {
        let log = Log::of_process().about(&self.directory);
        assert_eq!(log.matches(text).count(), times, "{text:?} in:\n{log}");
    }

    fn watch(&self, index: usize) -> JoinHandle<()> {
        tokio::spawn(Arc::clone(&self.loaded[index]).watch(PERIOD))
    }
}

fn user(name: &str, groups: &str, token: &str) -> String {
    format!("- {{name: {name}, groups: [{groups}], tokenHash: \"{}\"}}\n", token_hash(token))
}

fn listing(users: &[String]) -> String {
    format!("users:\n{}", users.concat())
}

fn bearer(token: &str) -> Presented {
    let mut headers = HeaderMap::new();
    let value = HeaderValue::from_str(&format!("Bearer {token}")).unwrap();
    headers.insert(header::AUTHORIZATION, value);
    Presented::from_parts(&headers, None, None).unwrap()
}

fn name_of(chain: &Chain, presented: &Presented) -> Result<String, Unauthenticated> {
    chain.authenticate(presented).map(|principal| principal.user().to_owned())
}

/// On the paused clock: every look that falls due is over before this returns, because the clock stands still while a file is
/// being read.
async fn the_next_look() {
    tokio::time::sleep(PERIOD * 3 / 2).await;
}

#[test]
fn one_token_is_the_same_user_in_each_of_its_three_places() {
    let files = Files::new(&[&listing(&[user("alice", "developers", "my-token")])]);
    let chain = files.chain();
    assert_eq!(name_of(&chain, &bearer("my-token")), Ok("alice".to_owned()));

    let line = "base64.channel.k8s.io, base64url.bearer.authorization.k8s.io.bXktdG9rZW4";
    let (_, token) = Offer::parse([line]).unwrap();
    let presented = Presented::from_parts(&HeaderMap::new(), token, None).unwrap();
    assert_eq!(name_of(&chain, &presented), Ok("alice".to_owned()));

    let mut headers = HeaderMap::new();
    headers.insert(header::COOKIE, HeaderValue::from_static("theme=dark; session=my-token"));
    let name = CookieName::parse("session").unwrap();
    let presented = Presented::from_parts(&headers, None, Some(&name)).unwrap();
    let principal = chain.authenticate(&presented).unwrap();
    assert_eq!((principal.user(), principal.groups()), ("alice", &["developers".to_owned()][..]));
}

#[test]
fn the_second_users_file_is_asked_for_a_token_that_the_first_does_not_know() {
    let files = Files::new(&[&listing(&[user("alice", "", "a")]), &listing(&[user("bob", "", "b")])]);
    let chain = files.chain();
    assert_eq!(name_of(&chain, &bearer("a")), Ok("alice".to_owned()));
    assert_eq!(name_of(&chain, &bearer("b")), Ok("bob".to_owned()));
    assert_eq!(name_of(&chain, &bearer("c")), Err(Unauthenticated::Invalid));
    assert_eq!(name_of(&chain, &Presented::Absent), Err(Unauthenticated::Missing));
}

#[test]
fn the_hash_itself_is_no_token() {
    let files = Files::new(&[&listing(&[user("alice", "", "a")])]);
    let hash = token_hash("a");
    let digits = hash.strip_prefix("sha256:").unwrap();
    assert_eq!(name_of(&files.chain(), &bearer(digits)), Err(Unauthenticated::Invalid));
}

#[tokio::test(start_paused = true)]
async fn a_token_is_rotated_without_a_restart() {
    let old = user("alice", "developers", "old");
    let new = user("alice", "developers", "new");
    let files = Files::new(&[&listing(std::slice::from_ref(&old))]);
    let chain = files.chain();
    let watch = files.watch(0);
    the_next_look().await;
    assert!(name_of(&chain, &bearer("old")).is_ok());

    files.replace(0, &listing(&[old, new.clone()]));
    the_next_look().await;
    assert!(name_of(&chain, &bearer("old")).is_ok());
    assert!(name_of(&chain, &bearer("new")).is_ok());

    files.replace(0, &listing(&[new]));
    the_next_look().await;
    assert_eq!(name_of(&chain, &bearer("old")), Err(Unauthenticated::Invalid));
    assert!(name_of(&chain, &bearer("new")).is_ok());
    watch.abort();
}

#[tokio::test(start_paused = true)]
async fn a_bad_or_missing_file_keeps_the_last_good_one_and_is_logged_once_without_a_secret() {
    let files = Files::new(&[&listing(&[user("alice", "", "hunter2")])]);
    let chain = files.chain();
    let watch = files.watch(0);
    the_next_look().await;

    files.replace(0, "users:\n- {name: bob, tokenHash: hunter2}\n");
    for _ in 0..5 {
        the_next_look().await;
    }
    assert!(name_of(&chain, &bearer("hunter2")).is_ok());
    files.assert_logged(":2:26: tokenHash is not a hash", 1);

    fs::remove_file(files.path(0)).unwrap();
    for _ in 0..5 {
        the_next_look().await;
    }
    assert!(name_of(&chain, &bearer("hunter2")).is_ok());
    files.assert_logged("No such file", 1);

    files.replace(0, &listing(&[user("bob", "", "b")]));
    the_next_look().await;
    assert_eq!(name_of(&chain, &bearer("hunter2")), Err(Unauthenticated::Invalid));
    assert_eq!(name_of(&chain, &bearer("b")), Ok("bob".to_owned()));
    files.assert_logged("users file read again", 1);

    let hash = token_hash("hunter2");
    for secret in ["hunter2", hash.strip_prefix("sha256:").unwrap()] {
        files.assert_logged(secret, 0);
    }
    watch.abort();
}

/// All that this process logs.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    /// One for the whole process, set before anything logs: `tracing` remembers per call site, and not per thread, whether anybody
    /// listens.
    fn of_process() -> &'static Self {
        static LOG: OnceLock<Log> = OnceLock::new();
        LOG.get_or_init(|| {
            let log = Self::default();
            let writer = log.clone();
            tracing_subscriber::fmt()
                .with_max_level(tracing::Level::TRACE)
                .with_ansi(false)
                .with_writer(move || writer.clone())
                .init();
            log
        })
    }

    /// The lines about files in this directory.
    fn about(&self, directory: &TempDir) -> String {
        let bytes = self.0.lock().unwrap().clone();
        let directory = directory.path().to_str().unwrap();
        let lines = str::from_utf8(&bytes).unwrap().lines();
        lines.filter(|line| line.contains(directory)).collect::<Vec<_>>().join("\n")
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
