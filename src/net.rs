//! TCP and TLS: knows no Kubernetes.

mod connect;
mod segments;
pub mod tls;
mod transport;

pub use connect::{ConnectError, Limits, connect};
pub use segments::SegmentedTcp;
pub use transport::Transport;
