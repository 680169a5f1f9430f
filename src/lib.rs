//! execgate: an authenticating reverse proxy for the Kubernetes exec WebSocket protocol.
//!
//! `docs/architecture.md` has the plan of the house: which room owns what, and that imports go down only.

pub mod protocol;
pub mod target;
