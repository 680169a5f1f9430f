//! Who is it? A presented credential in, a principal or nothing out.

mod settings;
mod token_hash;

pub use settings::{CookieName, CookieNameError, UsersFileSettings};
pub use token_hash::token_hash;
