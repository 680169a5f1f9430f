//! TCP and TLS: knows no Kubernetes.

mod connect;
pub mod tls;
mod transport;

pub use connect::{ConnectError, Limits, connect, tune};
pub use transport::Transport;
