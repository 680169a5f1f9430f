//! What can be wrong with an upgrade, a variant for each rule of RFC 6455 section 4 and of ours.

use crate::{cluster::Unsendable, target::ClusterName};

/// Why no upgrade request can be written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// A user or group that cannot be named.
    #[error(transparent)]
    Unsendable(#[from] Unsendable),
    /// More than an HTTP request line may hold.
    #[error("the request line would be {length} bytes long, which is too much; shorten the command")]
    TooLong {
        /// Its length in bytes.
        length: usize,
    },
    /// The grant is for somewhere else.
    #[error("the grant is for cluster {0}")]
    OtherCluster(ClusterName),
}

/// Why an answer is no upgrade that we can use.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UpgradeError {
    /// An answer that is neither 101 nor a refusal.
    #[error(
        "it answered {0} instead of 101 Switching Protocols; check that server is an API server's address"
    )]
    Code(u16),
    /// A TLS server to which we spoke plain HTTP.
    #[error("it speaks TLS; write https:// under server, and replace the token, which has passed in clear")]
    WantsTls,
    /// No `Upgrade: websocket`.
    #[error("the 101 has no Upgrade: websocket header")]
    Upgrade,
    /// No `Connection: Upgrade`.
    #[error("the 101 has no Connection: Upgrade header")]
    Connection,
    /// No proof that our key was read.
    #[error(
        "the 101 has no Sec-WebSocket-Accept header that fits our key; something in between answers by itself"
    )]
    Accept,
    /// No subprotocol chosen.
    #[error("the 101 names no subprotocol")]
    NoSubprotocol,
    /// More than one subprotocol.
    #[error("the 101 has more than one Sec-WebSocket-Protocol header")]
    SeveralSubprotocols,
    /// A subprotocol that was not offered.
    #[error("the 101 names the subprotocol {0:?}, which was not offered")]
    UnofferedSubprotocol(String),
    /// An extension, though none was offered.
    #[error("the 101 turns on a WebSocket extension, though none was offered")]
    Extensions,
}
