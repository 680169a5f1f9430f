//! The other proxies, each configured as somebody would who puts it before an API server for exec, and set to one thread.

pub(crate) mod haproxy;
pub(crate) mod nginx;
pub(crate) mod program;
