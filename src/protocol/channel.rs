//! The five channels of exec, as a byte and as a digit.

/// One channel (cri-streaming `pkg/streaming/remotecommand/websocket.go`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Channel {
    /// 0: what the user types.
    Stdin = 0,
    /// 1: standard output, or the terminal.
    Stdout = 1,
    /// 2: standard error.
    Stderr = 2,
    /// 3: how it ended.
    Error = 3,
    /// 4: terminal sizes.
    Resize = 4,
}

/// v5's first byte of a close signal; the second byte is the channel that ends.
pub const CLOSE_SIGNAL: u8 = 255;

impl Channel {
    /// The channel of a raw subprotocol's first byte; `None` for bytes that name no channel.
    pub fn from_byte(byte: u8) -> Option<Self> {
        match byte {
            0 => Some(Self::Stdin),
            1 => Some(Self::Stdout),
            2 => Some(Self::Stderr),
            3 => Some(Self::Error),
            4 => Some(Self::Resize),
            _ => None,
        }
    }

    /// The channel of a base64 subprotocol's first character.
    pub fn from_digit(digit: u8) -> Option<Self> {
        digit.checked_sub(b'0').and_then(Self::from_byte)
    }

    /// The first byte of a raw message.
    pub fn byte(self) -> u8 {
        self as u8
    }

    /// The first character of a base64 message.
    pub fn digit(self) -> u8 {
        b'0'.saturating_add(self as u8)
    }
}
