//! Reads through execgate, as kubectl and pages make them before an exec: a module per promise.

#![cfg(feature = "demo")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "../support/support.rs"]
mod support;

mod answers;
mod bounds;
mod get;
mod lists;
mod pages;
mod people;
mod refusals;
mod scripted;
mod wire;
