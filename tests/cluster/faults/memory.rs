//! A cluster that dies again and again costs the gate no memory.

use super::guest::Guest;
use super::scene::Scene;
use crate::support::node::Part;

/// What the allocator may keep from one round to the next.
const SLACK_KIB: u64 = 4 * 1024;
/// Guests of each kind.
const CROWDS: usize = 6;

#[tokio::test]
async fn sessions_that_were_cut_off_leave_no_memory_behind() {
    let mut scene = Scene::start().await;
    cut_off(&mut scene).await;
    let first = scene.memory_kib().await;
    for _ in 0..3 {
        cut_off(&mut scene).await;
    }
    let last = scene.memory_kib().await;
    assert!(last < first + SLACK_KIB, "{first} KiB after one round, {last} KiB after four");
    scene.end().await;
}

/// Opens sessions, kills the API server under them, and brings it back.
async fn cut_off(scene: &mut Scene) {
    let mut guests: Vec<Guest> = Vec::new();
    for _ in 0..CROWDS {
        guests.extend(scene.company().await);
    }
    scene.node.kill(Part::ApiServer);
    let count = guests.len();
    for guest in guests {
        guest.last_words().await;
    }
    scene.lines_of_ends(count).await;
    scene.node.restart(Part::ApiServer);
    scene.until_open().await;
}
