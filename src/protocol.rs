//! The exec wire: values in, values out. No IO, no clock, no runtime; `now` is an argument.

mod channel;
mod close;
mod farewell;
mod offer;
mod pairing;
mod status;
mod subprotocol;
mod terminal;

pub use channel::{CLOSE_SIGNAL, Channel};
pub use close::{Close, REASON_LIMIT};
pub use farewell::Farewell;
pub use offer::{BEARER_PREFIX, Offer, OfferError};
pub use pairing::{Pairing, PairingError, Wanted};
pub use status::{Cause, Details, ExitStatus, Metadata, STATUS_LIMIT, Status};
pub use subprotocol::{Coding, StatusForm, Subprotocol};
pub use terminal::{RESIZE_LIMIT, TerminalSize};
