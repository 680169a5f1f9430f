//! What the demo's exec server does besides what `tests/conformance` asks of it and of real Kubernetes alike: its own commands, its
//! settings and its faults.

#![cfg(feature = "demo")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "../support/support.rs"]
mod support;

mod attach;
mod commands;
mod endings;
mod negotiation;
mod reading;
mod refusals;
mod statuses;
