//! The API servers that execgate reaches: their addresses, their trust, and execgate's own credential for each.

mod claims;
mod client;
mod credential;
mod impersonation;
mod member;
mod memory;
mod registry;
mod send_error;
mod settings;
mod standing;
mod token_file;

pub use claims::Claims;
pub use client::{AnswerBody, USER_AGENT, excerpt};
pub use credential::{Credential, CredentialError, TokenProblem};
pub use impersonation::{Impersonated, Unsendable};
pub use member::{Cluster, ClusterError, ReachError};
pub use memory::Offered;
pub use registry::{Registry, RegistryError};
pub use send_error::{Fault, SendError, Stage};
pub use settings::{CredentialSettings, ServerUrl, ServerUrlError, Settings, Trust};
pub use standing::{Access, AskError, Identity, Version};
