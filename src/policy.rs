//! May they? Rules in, a grant or a denial out. Default deny.

mod settings;

pub use settings::{CommandPattern, Effect, Pattern, Rule, Settings, Subjects, WordPattern};
