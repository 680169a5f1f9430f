//! The exec wire: values in, values out. No IO, no clock, no runtime; `now` is an argument.

// Bytes of strangers are cut and counted here: no index and no sum may panic.
#![warn(clippy::indexing_slicing, clippy::arithmetic_side_effects)]
#![cfg_attr(
    test,
    allow(
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        reason = "a test that miscounts fails, which is what it is for"
    )
)]

mod base64;
pub mod bridge;
mod channel;
mod close;
mod dialect;
mod downstream;
mod farewell;
mod frame;
mod in_place;
mod mask;
mod offer;
mod outbox;
mod pairing;
mod reader;
mod status;
mod subprotocol;
mod terminal;
#[cfg(test)]
mod testing;
mod utf8;
mod writer;

pub use base64::InvalidBase64;
pub use channel::{CLOSE_SIGNAL, Channel};
pub use close::{Close, REASON_LIMIT};
pub use dialect::{
    Bare, Dialect, DialectError, ExitTable, FieldTable, JSON_MESSAGE_LIMIT, JsonTable, OutputContent,
    OutputTable, ResizeTable, TableError,
};
pub use downstream::Downstream;
pub use farewell::Farewell;
pub use frame::{CONTROL_LIMIT, ControlFrame, ControlKind, FrameError, FrameWalker, Piece, Place, Sender};
pub use mask::Mask;
pub use offer::{BEARER_PREFIX, Offer, OfferError};
pub use outbox::Outbox;
pub use pairing::{Pairing, PairingError, Wanted};
pub use reader::ReadError;
pub use status::{Cause, Details, ExitStatus, LateRefusal, MESSAGE_LIMIT, Metadata, STATUS_LIMIT, Status};
pub use subprotocol::{Coding, StatusForm, Subprotocol};
pub use terminal::{RESIZE_LIMIT, TerminalSize};
pub use writer::KeySource;
