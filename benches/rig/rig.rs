//! What the benches of whole processes share: the load, the `execgate` process that it goes through, and what Linux counts of it.

#![allow(dead_code, reason = "each of them uses a part")]

pub(crate) mod again;
pub(crate) mod certificate;
pub(crate) mod client;
pub(crate) mod door;
pub(crate) mod figure;
pub(crate) mod gate;
pub(crate) mod json_file;
pub(crate) mod limit;
pub(crate) mod machine;
pub(crate) mod messages;
pub(crate) mod process;
#[cfg(feature = "demo")]
pub(crate) mod stub;
pub(crate) mod table;
