//! Moves the bytes of one session between its two legs: the IO shell of `protocol::bridge`.

mod settings;

pub use settings::Settings;
