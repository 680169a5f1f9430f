//! Imports go down only: a room uses rooms on lower floors, never its own floor's neighbours.

#![allow(clippy::unwrap_used, reason = "a test that can't read its sources fails with that")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The floors of `docs/architecture.md`, from the ground up.
const FLOORS: [&[&str]; 10] = [
    &["protocol", "target"],
    &["net"],
    &["cluster", "relay", "demo"],
    &["identity"],
    &["policy", "resolve"],
    &["upstream", "session"],
    &["front"],
    &["config"],
    &["app"],
    &["cli"],
];

/// Neighbours that may be used, with the reason.
const EXCEPTIONS: [(&str, &str); 1] = [
    // A subprotocol is chosen by what the streams asked for need; the streams are part of the target's options.
    ("protocol", "target"),
];

/// What the ground floor may not know: runtimes, transports, logs, clocks.
const FORBIDDEN_BELOW: [&str; 6] =
    ["tokio::", "hyper", "tracing::", "Instant::now", "SystemTime", "std::net"];

fn floor_of(room: &str) -> usize {
    FLOORS
        .iter()
        .position(|rooms| rooms.contains(&room))
        .unwrap_or_else(|| panic!("room {room} has no floor"))
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// Every source file by the room it stands in.
fn rooms() -> BTreeMap<String, Vec<(PathBuf, String)>> {
    let base = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&base, &mut files);
    let mut rooms = BTreeMap::<String, Vec<(PathBuf, String)>>::new();
    for file in files {
        let first = file.strip_prefix(&base).unwrap().components().next().unwrap();
        let room = Path::new(first.as_os_str()).file_stem().unwrap().to_str().unwrap().to_owned();
        if room != "lib" && room != "main" {
            let text = fs::read_to_string(&file).unwrap();
            rooms.entry(room).or_default().push((file, text));
        }
    }
    rooms
}

/// The rooms named after `crate::`, also in `crate::{a::B, c::D}`, and `execgate::` in tests is not looked at.
fn used(text: &str) -> Vec<String> {
    let mut used = Vec::new();
    for (at, _) in text.match_indices("crate::") {
        let rest = &text[at + "crate::".len()..];
        let word =
            |text: &str| text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
        if let Some(group) = rest.strip_prefix('{') {
            let mut depth = 0_usize;
            let mut start = true;
            for (offset, c) in group.char_indices() {
                match c {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ',' if depth == 0 => start = true,
                    c if start && c.is_alphabetic() => {
                        used.push(word(&group[offset..]));
                        start = false;
                    }
                    _ => {}
                }
            }
        } else {
            used.push(word(rest));
        }
    }
    used
}

#[test]
fn imports_go_down_only() {
    let rooms = rooms();
    let mut wrong = Vec::new();
    for (room, files) in &rooms {
        for (file, text) in files {
            for other in used(text) {
                let known = FLOORS.iter().any(|floor| floor.contains(&other.as_str()));
                let excused = EXCEPTIONS.contains(&(room.as_str(), other.as_str()));
                if known && other != *room && floor_of(&other) >= floor_of(room) && !excused {
                    wrong.push(format!("{}: {room} uses {other}", file.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "imports that do not go down:\n{}", wrong.join("\n"));
}

#[test]
fn every_room_has_a_floor_and_every_floor_its_rooms() {
    let rooms = rooms();
    for room in rooms.keys() {
        floor_of(room);
    }
    for room in FLOORS.iter().flat_map(|floor| floor.iter()) {
        assert!(rooms.contains_key(*room), "docs and floors name {room}, which is gone");
    }
}

#[test]
fn the_ground_floor_knows_no_runtime_no_transport_no_log_and_no_clock() {
    let rooms = rooms();
    for room in FLOORS[0] {
        for (file, text) in &rooms[*room] {
            if file.components().any(|part| part.as_os_str() == "tests" || part.as_os_str() == "tests.rs") {
                continue;
            }
            for word in FORBIDDEN_BELOW {
                let found =
                    text.lines().any(|line| line.contains(word) && !line.contains("tokio_tungstenite"));
                assert!(!found, "{}: {word} has no place on the ground floor", file.display());
            }
        }
    }
}

#[test]
fn no_file_stands_where_a_folder_of_its_name_should_open_it() {
    for (file, _) in rooms().values().flatten() {
        assert_ne!(file.file_name().unwrap(), "mod.rs", "{}", file.display());
    }
}
