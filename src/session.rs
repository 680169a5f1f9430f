//! The sessions that are open: how many may be, and telling them to end.

mod guard;
mod registry;
mod settings;

pub use guard::{SessionGuard, SessionId};
pub use registry::{Registry, TooManySessions};
pub use settings::Settings;
