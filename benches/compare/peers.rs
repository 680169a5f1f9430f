//! The other proxies, each configured as somebody would who puts it before an API server for exec, and set to one thread.

pub(crate) mod haproxy;
pub(crate) mod installed;
pub(crate) mod kubectl;
pub(crate) mod nginx;
pub(crate) mod node_relay;
pub(crate) mod program;
pub(crate) mod rust_relay;
