//! Asks an API server for what was granted: dials its exec WebSocket, or reads from it. Takes a grant, gives an open connection or
//! an answer that streams, or the refusal.
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
mod read;
mod request;
mod upgrade_error;

pub use connected::{Connected, Refusal};
pub use dial::dial;
pub use error::DialError;
pub use read::{
    Compression, FilterError, Forms, NotAcceptable, ReadAnswer, ReadBody, ReadBodyError, ReadError,
    ReadRequest, Seal, read,
};
pub use upgrade_error::{RequestError, UpgradeError};
