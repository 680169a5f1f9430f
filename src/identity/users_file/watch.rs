//! Reading a users file again when it changes.
//!
//! Polled rather than notified: file events do not reach a process through every kind of mount, and a Kubernetes volume is
//! replaced by moving a symbolic link.

use std::{fs::Metadata, io, os::unix::fs::MetadataExt as _, path::Path, sync::Arc, time::Duration};

use tokio::{
    fs, task,
    time::{self, MissedTickBehavior},
};
use tracing::{info, warn};

use super::{User, UsersFile, UsersFileError, contents, document, open, unreadable};

impl UsersFile {
    /// Looks at the file every `period`, for ever, and takes what it says when it has changed. While the file is gone or bad, the
    /// last good users stay, and one warning says so.
    pub async fn watch(self: Arc<Self>, period: Duration) {
        let mut ticks = time::interval(period);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut watch = Watch::default();
        loop {
            ticks.tick().await;
            watch.look(&self).await;
        }
    }
}

/// What the watch remembers from one look to the next.
#[derive(Default)]
struct Watch {
    /// The file when it was last read; `None` until then, and while it can't be.
    last: Option<Stamp>,
    freshness: Freshness,
    /// The complaint that the log has already.
    warned: Option<String>,
}

/// File times are coarse and a writer may be half-way: what has just changed is read once more at the next look.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
enum Freshness {
    #[default]
    JustChanged,
    Settled,
}

/// What tells one state of a file from another without reading it.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Stamp {
    device: u64,
    inode: u64,
    size_bytes: u64,
    modified: (i64, i64),
    /// Moves also when a tool sets `modified` back, as `cp -p` does.
    changed: (i64, i64),
}

impl Stamp {
    fn of(metadata: &Metadata) -> Self {
        Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            size_bytes: metadata.size(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        }
    }
}

impl Watch {
    async fn look(&mut self, file: &UsersFile) {
        match self.changed_users(&file.path).await {
            Ok(None) => {}
            Ok(Some(users)) => self.take(file, users),
            Err(error) => self.complain(&error),
        }
    }

    /// The file's users, if there is a reason to read it.
    async fn changed_users(&mut self, path: &Path) -> Result<Option<Vec<User>>, UsersFileError> {
        let seen = fs::metadata(path).await.map(|metadata| Stamp::of(&metadata));
        let seen = seen.map_err(|source| self.lost(path, source))?;
        let is_same = self.last == Some(seen);
        if is_same && self.freshness == Freshness::Settled {
            return Ok(None);
        }
        let (stamp, users) = read(path).await.map_err(|source| self.lost(path, source))?;
        self.freshness = if self.last == Some(stamp) { Freshness::Settled } else { Freshness::JustChanged };
        self.last = Some(stamp);
        users.map(Some)
    }

    fn lost(&mut self, path: &Path, source: io::Error) -> UsersFileError {
        self.last = None;
        unreadable(path, source)
    }

    fn take(&mut self, file: &UsersFile, users: Vec<User>) {
        let is_news = !is_same(&users, &file.users.load());
        let was_bad = self.warned.take().is_some();
        let count = users.len();
        if is_news {
            file.users.store(Arc::new(users));
        }
        // Only once it holds: who reads the line may rely on it.
        if is_news || was_bad {
            info!(users_file.path = %file.path.display(), users_file.entries = count, "users file read again");
        }
    }

    fn complain(&mut self, error: &UsersFileError) {
        let complaint = match error {
            UsersFileError::Read { source, .. } => format!("{error}: {source}"),
            UsersFileError::Invalid { .. } => error.to_string(),
        };
        if self.warned.as_ref() != Some(&complaint) {
            warn!("{complaint}; the users read before stay in force until it is put right");
            self.warned = Some(complaint);
        }
    }
}

/// The stamp is of the very file that is read, whatever the path leads to a moment later. Thousands of users take a while to
/// parse, and sessions must not wait for that: it happens where blocking is allowed.
async fn read(path: &Path) -> io::Result<(Stamp, Result<Vec<User>, UsersFileError>)> {
    let path = path.to_owned();
    task::spawn_blocking(move || {
        let file = open(&path)?;
        let stamp = Stamp::of(&file.metadata()?);
        Ok((stamp, document::parse(&path, &contents(file)?)))
    })
    .await?
}

/// Both lists are ours: this comparison has nothing to hide.
fn is_same(one: &[User], other: &[User]) -> bool {
    one.len() == other.len()
        && one.iter().zip(other).all(|(one, other)| {
            one.hash.as_bytes() == other.hash.as_bytes() && one.principal == other.principal
        })
}

#[cfg(test)]
mod tests;
