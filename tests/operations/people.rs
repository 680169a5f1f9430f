//! The users file while execgate runs: what is written there holds within seconds, and what is broken changes nothing.

use std::{fs, net::SocketAddr};

use super::{
    house::{ALICE, BOB, House, users},
    servers,
    wire::{self, UPGRADE, V4, bearer, exec},
};

const CAROL: &str = "carol-0123456789";

#[test]
fn a_user_who_is_added_is_let_in_without_a_restart() {
    let house = House::before(&format!("http://{}", servers::quiet()));
    house.change("users: [bob]}\n    verbs: [exec, attach]\n    pods: [vault]", "users: [nobody]}");
    house.change("subjects: {users: [bob]}", "subjects: {users: [bob, carol]}");
    let (mut gate, address) = house.serve();
    assert_eq!(knock(address, CAROL), 401);
    house.put("users.yaml", &users(&[("alice", ALICE), ("carol", CAROL)]));
    let logged = gate.logged("users file read again");
    assert_eq!((&logged["level"], &logged["users_file.entries"]), (&"INFO".into(), &2.into()));
    assert_eq!(knock(address, CAROL), 101);
}

#[test]
fn a_user_who_is_removed_opens_no_further_session() {
    let house = House::before(&format!("http://{}", servers::quiet()));
    let (mut gate, address) = house.serve();
    assert_eq!(knock(address, BOB), 101);
    // In place, as an editor does that keeps the file's inode.
    fs::write(house.path("users.yaml"), users(&[("alice", ALICE)])).unwrap();
    gate.logged("users file read again");
    assert_eq!((knock(address, BOB), knock(address, ALICE)), (401, 101));
}

#[test]
fn a_file_that_breaks_keeps_the_old_users_and_is_warned_about_once_with_its_line() {
    let house = House::before(&format!("http://{}", servers::quiet()));
    let (mut gate, address) = house.serve();
    let broken = users(&[("alice", ALICE)]).replace("name: alice", "nmae: alice");
    house.put("users.yaml", &broken);
    let logged = gate.logged("");
    let words = "users.yaml:2:6: unknown key `nmae`; known here are name, groups, tokenHash; the users read before stay in force until it is put right";
    assert_eq!(
        (&logged["level"], house.without_folder(logged["message"].as_str().unwrap()).as_str()),
        (&"WARN".into(), words)
    );
    assert_eq!((knock(address, ALICE), knock(address, BOB)), (101, 101));
    gate.logged("session opened");
    house.put("users.yaml", &users(&[("alice", ALICE)]));
    gate.logged("users file read again");
    assert_eq!((knock(address, ALICE), knock(address, BOB)), (101, 401));
    let warnings = gate.stop().stderr.matches("stay in force").count();
    assert_eq!(warnings, 1);
}

#[test]
fn a_file_that_goes_away_keeps_the_old_users_too() {
    let house = House::before(&format!("http://{}", servers::quiet()));
    let (mut gate, address) = house.serve();
    fs::remove_file(house.path("users.yaml")).unwrap();
    let logged = gate.logged("the users file");
    let words = "the users file users.yaml can't be read: No such file or directory (os error 2); the users read before stay in force until it is put right";
    assert_eq!(house.without_folder(logged["message"].as_str().unwrap()), words);
    assert_eq!((knock(address, ALICE), knock(address, CAROL)), (101, 401));
}

/// The answer to one who shows `token`.
fn knock(address: SocketAddr, token: &str) -> u16 {
    let line = exec("prod", "web-0", "command=sh&stdout=1");
    let answer = wire::try_open(address, &[&line, &bearer(token), UPGRADE, V4]);
    answer.map_or_else(|reply| reply.code, |_| 101)
}
