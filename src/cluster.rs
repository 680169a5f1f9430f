//! The API servers that execgate reaches: their addresses, their trust, and execgate's own credential for each.

mod settings;

pub use settings::{CredentialSettings, ServerUrl, ServerUrlError, Settings, Trust};
