//! execgate: an authenticating reverse proxy for the Kubernetes exec WebSocket protocol.
//!
//! `docs/architecture.md` has the plan of the house: which room owns what, and that imports go down only.

pub mod app;
pub mod cli;
pub mod cluster;
pub mod config;
#[cfg(feature = "demo")]
pub mod demo;
pub mod front;
pub mod identity;
pub mod net;
pub mod policy;
pub mod protocol;
pub mod relay;
pub mod resolve;
pub mod session;
pub mod target;
pub mod upstream;
