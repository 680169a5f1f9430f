use std::{
    fs::{remove_file, rename, write},
    path::PathBuf,
};

use tempfile::TempDir;

use super::*;
use crate::identity::{UsersFileSettings, token_hash};

/// A users file that lists the one named by `user`, and a watch on it.
struct Watched {
    directory: TempDir,
    file: Arc<UsersFile>,
    watch: Watch,
}

impl Watched {
    async fn new(user: &str) -> Self {
        let directory = TempDir::new().unwrap();
        let path = directory.path().join("users.yaml");
        write(&path, listing(user)).unwrap();
        let file = UsersFile::load(UsersFileSettings { path }).unwrap();
        let mut watched = Self { directory, file, watch: Watch::default() };
        // The second look finds the file settled.
        watched.look().await;
        watched.look().await;
        watched
    }

    fn path(&self) -> PathBuf {
        self.file.path().to_owned()
    }

    async fn look(&mut self) {
        self.watch.look(&self.file).await;
    }

    fn user(&self) -> String {
        self.file.principals()[0].user().to_owned()
    }
}

fn listing(user: &str) -> String {
    format!("users: [{{name: {user}, tokenHash: \"{}\"}}]", token_hash(user))
}

#[tokio::test]
async fn a_file_written_in_place_is_read_again() {
    let mut watched = Watched::new("alice").await;
    write(watched.path(), listing("alices-sister")).unwrap();
    watched.look().await;
    assert_eq!(watched.user(), "alices-sister");
}

#[tokio::test]
async fn a_file_moved_into_place_is_read_again() {
    let mut watched = Watched::new("alice").await;
    let new = watched.directory.path().join("new");
    write(&new, listing("clara")).unwrap();
    rename(new, watched.path()).unwrap();
    watched.look().await;
    assert_eq!(watched.user(), "clara");
}

#[tokio::test]
async fn what_a_symbolic_link_leads_to_is_followed() {
    let directory = TempDir::new().unwrap();
    for (version, user) in [("v1", "alice"), ("v2", "clara")] {
        write(directory.path().join(version), listing(user)).unwrap();
    }
    let path = directory.path().join("users.yaml");
    std::os::unix::fs::symlink("v1", &path).unwrap();
    let file = UsersFile::load(UsersFileSettings { path: path.clone() }).unwrap();
    let mut watch = Watch::default();
    watch.look(&file).await;
    let next = directory.path().join("next");
    std::os::unix::fs::symlink("v2", &next).unwrap();
    rename(next, path).unwrap();
    watch.look(&file).await;
    assert_eq!(file.principals()[0].user(), "clara");
}

#[tokio::test]
async fn a_second_write_within_one_tick_of_the_file_clock_is_not_missed() {
    let mut watched = Watched::new("alice").await;
    write(watched.path(), listing("clara")).unwrap();
    watched.look().await;
    // As if the clock had stood still: the stamp is that of the new content, the content taken was the old one.
    write(watched.path(), listing("doris")).unwrap();
    let metadata = std::fs::metadata(watched.path()).unwrap();
    watched.watch.last = Some(Stamp::of(&metadata));
    watched.look().await;
    assert_eq!(watched.user(), "doris");
    assert!(watched.watch.freshness == Freshness::Settled);
}

#[tokio::test]
async fn a_bad_file_leaves_the_last_good_users_and_warns_once() {
    let mut watched = Watched::new("alice").await;
    write(watched.path(), "users: [{name: alice}]").unwrap();
    watched.look().await;
    let warned = watched.watch.warned.clone();
    assert!(warned.as_ref().is_some_and(|text| text.contains("`tokenHash` is missing")));
    watched.look().await;
    assert_eq!((watched.user(), &watched.watch.warned), ("alice".to_owned(), &warned));
    write(watched.path(), listing("clara")).unwrap();
    watched.look().await;
    assert_eq!((watched.user(), watched.watch.warned), ("clara".to_owned(), None));
}

#[tokio::test]
async fn a_file_that_is_gone_leaves_the_last_good_users_until_it_is_back() {
    let mut watched = Watched::new("alice").await;
    remove_file(watched.path()).unwrap();
    watched.look().await;
    assert_eq!(watched.user(), "alice");
    assert!(watched.watch.warned.as_ref().is_some_and(|text| text.contains("can't be read")));
    write(watched.path(), listing("clara")).unwrap();
    watched.look().await;
    assert_eq!((watched.user(), watched.watch.warned), ("clara".to_owned(), None));
}

#[tokio::test]
async fn a_settled_file_is_not_read_again() {
    let watched = &mut Watched::new("alice").await;
    assert!(watched.watch.changed_users(&watched.file.path).await.unwrap().is_none());
}
