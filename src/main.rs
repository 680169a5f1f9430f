//! The execgate binary.
fn main() {}
