//! Sessions through execgate, from a client's socket to a real shell and back: a module per promise.

#![cfg(feature = "demo")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "../support/support.rs"]
mod support;

mod characters;
mod clusters;
mod endings;
mod fragments;
mod journal;
mod limits;
mod pairs;
mod pings;
mod sizes;
mod slow_readers;
mod vectors;
mod violations;
mod volume;
