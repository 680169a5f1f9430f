//! Who is refused at the front door, in which order, and how they are told: a module per promise.

#![allow(clippy::unwrap_used, reason = "a test that can't go on fails")]

#[path = "../support/support.rs"]
mod support;

mod browse;
mod dialling;
mod ending;
mod frontend_directory;
mod frontend_server;
mod gate;
mod handshake;
mod order;
mod page_server;
mod pages;
mod paths;
