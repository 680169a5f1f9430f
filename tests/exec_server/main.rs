//! The demo's exec server behaves as Kubernetes does, seen from a raw socket.

#![cfg(feature = "demo")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "../support/support.rs"]
mod support;

mod attach;
mod commands;
mod endings;
mod frames;
mod negotiation;
mod reading;
mod refusals;
mod translator;
mod vectors;
