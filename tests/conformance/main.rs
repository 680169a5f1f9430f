//! What Kubernetes' exec does and execgate is built on, and what execgate makes of it for its clients: here before the demo's exec
//! server, and with the same assertions before real Kubernetes in the test program `cluster`. `subject` is all that differs.

#![cfg(feature = "demo")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "../support/support.rs"]
mod support;

mod subject;

#[path = "straight/straight.rs"]
mod straight;

#[path = "through/through.rs"]
mod through;
