//! The command line: arguments to one command each.
