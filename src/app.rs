//! Builds every part in order and runs it until it is told to stop.
