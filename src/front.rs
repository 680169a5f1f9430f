//! The front door: listeners, routes, and the exec handler.

mod settings;

pub use settings::{ListenerSettings, Origin, OriginError, Origins, Settings, TlsFiles};
