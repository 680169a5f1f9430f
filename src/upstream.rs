//! Dials an API server's exec WebSocket: takes a grant, gives an open connection or the refusal.
//!
//! Knows nothing of the page's side but what it wants ([`crate::protocol::Wanted`]), and keeps nothing but what a cluster was found
//! to speak.

mod answer;
mod connected;
mod dial;
mod error;
mod exchange;
mod fallback;
mod peek;
mod request;
mod upgrade_error;

pub use connected::{Connected, Refusal};
pub use dial::dial;
pub use error::DialError;
pub use upgrade_error::{RequestError, UpgradeError};
