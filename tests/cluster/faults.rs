//! What becomes of sessions when a part of a real cluster fails: what a page and a program are told, and that nothing stays behind.
//! docs/faults.md is the operator's page about it: each of its rows stands here.

mod guest;
mod scene;

mod leaving;
mod servers;
mod silence;
