//! Close codes and reasons (RFC 6455 sections 5.5.1 and 7.4).

/// The longest reason in bytes: a control frame's 125 less the code's two.
pub const REASON_LIMIT: usize = 123;

/// What a close frame carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Close {
    /// The code.
    pub code: u16,
    /// The reason, at most [`REASON_LIMIT`] bytes.
    reason: String,
}

impl Close {
    /// 1000: the command ended and its status was told.
    pub const NORMAL: u16 = 1000;
    /// 1001: execgate is going away.
    pub const GOING_AWAY: u16 = 1001;
    /// 1002: the peer broke RFC 6455.
    pub const PROTOCOL_ERROR: u16 = 1002;
    /// 1005: a close frame without a code; never sent.
    pub const NO_STATUS: u16 = 1005;
    /// 1006: the connection ended without a close frame; never sent.
    pub const ABNORMAL: u16 = 1006;
    /// 1007: a payload that is not what its type says.
    pub const INVALID_PAYLOAD: u16 = 1007;
    /// 1008: a limit of ours ended the session.
    pub const POLICY: u16 = 1008;
    /// 1011: the cluster or execgate failed.
    pub const INTERNAL_ERROR: u16 = 1011;
    /// 1013: try again later; too many sessions.
    pub const TRY_AGAIN_LATER: u16 = 1013;

    /// A close with `reason` cut to what fits, on a character's border.
    pub fn new(code: u16, reason: impl Into<String>) -> Self {
        let mut reason: String = reason.into();
        if reason.len() > REASON_LIMIT {
            const ELLIPSIS: &str = "…";
            reason.truncate(reason.floor_char_boundary(REASON_LIMIT.saturating_sub(ELLIPSIS.len())));
            reason.push_str(ELLIPSIS);
        }
        Self { code, reason }
    }

    /// The close code that a page reads for an HTTP refusal: 4000 plus the status (4401, 4403, 4404, ...) where the user can do
    /// something about it, 1013 for 503 and 429, else 1011.
    pub fn for_http_status(status: u16, reason: impl Into<String>) -> Self {
        let code = match status {
            429 | 503 => Self::TRY_AGAIN_LATER,
            400..=499 => status.saturating_add(4000),
            _ => Self::INTERNAL_ERROR,
        };
        Self::new(code, reason)
    }

    /// The reason.
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// Reads a close frame's payload. `None` if it is malformed: one byte, a code that may not be sent, or a reason that is not
    /// UTF-8.
    pub fn parse(payload: &[u8]) -> Option<Self> {
        if payload.is_empty() {
            return Some(Self { code: Self::NO_STATUS, reason: String::new() });
        }
        let (code, reason) = payload.split_first_chunk::<2>()?;
        let code = u16::from_be_bytes(*code);
        let allowed =
            tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode::from(code).is_allowed();
        let reason = std::str::from_utf8(reason).ok()?;
        (allowed && reason.len() <= REASON_LIMIT).then(|| Self { code, reason: reason.to_owned() })
    }

    /// The payload of the close frame.
    pub fn to_payload(&self) -> Vec<u8> {
        if self.code == Self::NO_STATUS {
            return Vec::new();
        }
        [&self.code.to_be_bytes(), self.reason.as_bytes()].concat()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_reason_is_cut_on_a_character_and_fits() {
        let close = Close::new(1011, "漢".repeat(60));
        assert!(close.reason().len() <= REASON_LIMIT && close.reason().ends_with('…'));
        assert!(close.to_payload().len() <= 125);
        let exact = "x".repeat(REASON_LIMIT);
        assert_eq!(Close::new(1000, exact.clone()).reason(), exact);
    }

    #[test]
    fn a_close_payload_reads_back_and_a_malformed_one_does_not() {
        let close = Close::new(4403, "no");
        assert_eq!(Close::parse(&close.to_payload()), Some(close));
        assert_eq!(Close::parse(&[]).map(|close| close.code), Some(Close::NO_STATUS));
        for malformed in [&[3][..], &[3, 237], &[3, 238], &[3, 232, 0xff], &[0, 1]] {
            assert_eq!(Close::parse(malformed), None, "{malformed:?}");
        }
    }
}
