//! Who is it? A presented credential in, a principal or nothing out.
//!
//! A token ends here: no room above sees it, and nothing in here shows it in `Debug`, a message or a log.

mod authenticator;
mod chain;
mod presented;
mod principal;
mod settings;
mod token_hash;
mod users_file;

pub use authenticator::{Authenticator, Verdict};
pub use chain::{Chain, Unauthenticated};
pub use presented::{CredentialPlaces, Place, Presented, PresentedError, TokensApart};
pub use principal::Principal;
pub use settings::{CookieName, CookieNameError, UsersFileSettings};
pub use token_hash::token_hash;
pub use users_file::{UsersFile, UsersFileError, UsersFileProblem};
