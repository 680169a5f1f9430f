//! What a bearer token says of itself, if it is a JWT. Nobody's signature is checked here: this is for telling the operator, and
//! the API server decides.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use http::HeaderValue;
use jiff::Timestamp;
use serde::Deserialize;

/// Two of a token's claims (RFC 7519 section 4.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claims {
    /// Whom it stands for.
    pub subject: Option<String>,
    /// When it ends; `None` for one that has no end.
    pub expires: Option<Timestamp>,
}

#[derive(Deserialize)]
struct Payload {
    sub: Option<String>,
    exp: Option<f64>,
}

impl Claims {
    /// The claims of the token in an `Authorization: Bearer` header; `None` if it is no JWT.
    pub(super) fn of(authorization: &HeaderValue) -> Option<Self> {
        let token = authorization.to_str().ok()?.strip_prefix("Bearer ")?;
        let [_, payload, _] = token.split('.').collect::<Vec<_>>().try_into().ok()?;
        let payload = BASE64_URL_SAFE_NO_PAD.decode(payload).ok()?;
        let Payload { sub, exp } = serde_json::from_slice(&payload).ok()?;
        Some(Self { subject: sub, expires: exp.and_then(moment) })
    }
}

/// Seconds since 1970, perhaps with a fraction.
fn moment(seconds: f64) -> Option<Timestamp> {
    let seconds = jiff::SignedDuration::try_from_secs_f64(seconds).ok()?;
    Timestamp::from_duration(seconds).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claims(payload: &str) -> Option<Claims> {
        let payload = BASE64_URL_SAFE_NO_PAD.encode(payload);
        Claims::of(&HeaderValue::try_from(format!("Bearer e30.{payload}.c2ln")).unwrap())
    }

    #[test]
    fn a_service_accounts_token_says_whom_it_stands_for_and_until_when() {
        let payload = r#"{"exp":1785931200,"sub":"system:serviceaccount:execgate:execgate","iat":1}"#;
        let claims = claims(payload).unwrap();
        assert_eq!(claims.subject.as_deref(), Some("system:serviceaccount:execgate:execgate"));
        assert_eq!(claims.expires.unwrap().to_string(), "2026-08-05T12:00:00Z");
    }

    #[test]
    fn a_token_may_have_no_end_and_what_is_no_jwt_says_nothing() {
        assert_eq!(claims(r#"{"sub":"a"}"#).unwrap().expires, None);
        assert_eq!(claims(r#"{"exp":1e300}"#).unwrap().expires, None);
        for payload in ["", "[]", "{\"exp\":\"soon\"}"] {
            assert_eq!(claims(payload), None, "{payload}");
        }
        for header in ["Bearer opaque", "Bearer a.b", "Bearer a.b.c.d", "Bearer a.!.c", "Basic e30.e30.e30"] {
            assert_eq!(Claims::of(&HeaderValue::from_static(header)), None, "{header}");
        }
    }
}
