//! The sessions that are open: how many may be, and telling them to end.

mod settings;

pub use settings::Settings;
