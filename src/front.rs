//! The front door: listeners, routes, and the exec handler.

#[cfg(feature = "demo")]
mod page;
mod settings;

pub use settings::{ListenerSettings, Origin, OriginError, Origins, Settings, TlsFiles};
