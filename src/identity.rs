//! Who is it? A presented credential in, a principal or nothing out.

mod principal;
mod settings;

pub use principal::Principal;
pub use settings::{CookieName, CookieNameError, UsersFileSettings};
