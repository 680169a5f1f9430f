//! The names that `Sec-WebSocket-Protocol` can carry, and what each implies.

use std::fmt;

/// One of the WebSocket subprotocols of exec.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Subprotocol {
    /// `channel.k8s.io`, and also what a client that offers nothing speaks.
    Channel,
    /// `base64.channel.k8s.io`.
    Base64Channel,
    /// `v4.channel.k8s.io`.
    V4,
    /// `v4.base64.channel.k8s.io`.
    V4Base64,
    /// `v5.channel.k8s.io`.
    V5,
}

/// How payload bytes are written in a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Coding {
    /// A channel byte, then the bytes as they are; binary messages.
    Raw,
    /// A digit, then padded standard base64; text messages.
    Base64,
}

/// What channel 3 carries at the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StatusForm {
    /// Plain text, and only on failure.
    Text,
    /// A `metav1.Status` as JSON, always.
    Json,
}

impl Subprotocol {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Channel, Self::Base64Channel, Self::V4, Self::V4Base64, Self::V5];

    /// The subprotocol of that name; names are case-sensitive, as on the API server.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|subprotocol| subprotocol.name() == name)
    }

    /// Its name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Channel => "channel.k8s.io",
            Self::Base64Channel => "base64.channel.k8s.io",
            Self::V4 => "v4.channel.k8s.io",
            Self::V4Base64 => "v4.base64.channel.k8s.io",
            Self::V5 => "v5.channel.k8s.io",
        }
    }

    /// Raw or base64.
    pub fn coding(self) -> Coding {
        match self {
            Self::Channel | Self::V4 | Self::V5 => Coding::Raw,
            Self::Base64Channel | Self::V4Base64 => Coding::Base64,
        }
    }

    /// What channel 3 carries.
    pub fn status_form(self) -> StatusForm {
        match self {
            Self::Channel | Self::Base64Channel => StatusForm::Text,
            Self::V4 | Self::V4Base64 | Self::V5 => StatusForm::Json,
        }
    }

    /// Whether `ff 00` ends standard input.
    pub fn has_close_signal(self) -> bool {
        self == Self::V5
    }
}

impl fmt::Display for Subprotocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
