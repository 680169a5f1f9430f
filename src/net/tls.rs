//! TLS on both sides: what to trust, what to show, and words for what goes wrong.

mod client;
mod insecure;
mod pem;
mod problem;
mod server;
mod shown;

pub use client::{ClientIdentity, ClientTls, Trust};
pub use pem::{Pem, TlsError};
pub use problem::{CertificateProblem, HandshakeError};
pub use server::ServerTls;
pub use shown::{Shown, certificates_pem};
