//! Pages that exist, on addresses and in words of their own, against real shells: a module per promise.

#![cfg(feature = "demo")]
#![allow(clippy::unwrap_used, reason = "a test that can't go on fails")]

#[path = "../support/support.rs"]
mod support;

mod addresses;
mod house;
mod leaving;
mod resolved;
mod shells;
mod words;
