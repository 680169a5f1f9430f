//! What becomes of sessions when a part of a real cluster fails: what a page and a program are told, and that nothing stays behind.
//! docs/faults.md is the operator's page about it: each of its rows stands here.

pub(crate) use scene::are_gone;

mod guest;
mod kubectl;
mod scene;
mod token;

mod clusters;
mod leaving;
mod memory;
mod pods;
mod rights;
mod servers;
mod silence;
