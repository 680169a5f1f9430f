//! TLS on both sides: what to trust, what to show, and words for what goes wrong.

mod client;
mod insecure;
mod pem;
mod problem;
mod provider;
mod server;
mod shown;

pub use client::{ClientIdentity, ClientTls, Trust};
pub use pem::{Pem, TlsError};
pub use problem::{CertificateProblem, HandshakeError};
pub use provider::provider;
pub use server::ServerTls;
pub use shown::{Shown, certificates_pem};

use crate::protocol::bridge::BLOCK_SIZE;

/// What is encrypted ahead of a socket that takes no more: as much as a session's own block holds.
const WRITE_BUFFER: usize = BLOCK_SIZE;
