//! Who is it? A presented credential in, a principal or nothing out.

mod settings;

pub use settings::{CookieName, CookieNameError, UsersFileSettings};
