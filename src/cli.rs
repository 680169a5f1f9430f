//! The command line: arguments to one command each.

pub mod can_i;
