//! Dials an API server's exec WebSocket: takes a grant, gives an open connection or the refusal.

mod connected;
mod error;
mod upgrade_error;

pub use connected::{Connected, Refusal};
pub use error::{DialError, Fault, Stage};
pub use upgrade_error::{RequestError, UpgradeError};
