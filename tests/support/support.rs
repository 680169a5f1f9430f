//! What the tests over real sockets share: a gate on a free port, in this process or as one of its own; clients that hide nothing;
//! an API server that says what it is told. Dropping a handle stops what it stands for.

#![allow(dead_code, reason = "every test program uses a part of it")]

pub(crate) mod api_server;
pub(crate) mod ask;
pub(crate) mod ca;
#[cfg(feature = "demo")]
pub(crate) mod clusters;
pub(crate) mod gate;
pub(crate) mod house;
pub(crate) mod node;
pub(crate) mod pair;
pub(crate) mod pieces;
#[cfg(feature = "demo")]
pub(crate) mod process;
pub(crate) mod session;
pub(crate) mod setup;
pub(crate) mod slow_reader;
pub(crate) mod vectors;
pub(crate) mod wire;
