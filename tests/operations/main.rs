//! execgate as its operator and its users meet it: the real binary as processes of its own, over real sockets.

#![cfg(feature = "demo")]
#![allow(clippy::unwrap_used, reason = "a test ends where its surroundings fail")]

mod asking;
mod clusters;
mod credentials;
mod demo;
mod dialling;
mod house;
mod journal;
mod kubeconfig;
mod limits;
mod page;
mod people;
mod process;
mod readme;
mod secrets;
mod servers;
mod starting;
mod stopping;
mod wire;
