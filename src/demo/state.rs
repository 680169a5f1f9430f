//! What the connections of one demo cluster share.

use std::sync::{Mutex, MutexGuard, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use secrecy::SecretString;
use serde_json::json;

use super::access::SERVICE_ACCOUNT;
use super::journal::Journal;
use super::pods::Pods;
use super::rbac::{Attributes, RbacRule};
use super::session::House;
use super::settings::{DemoSettings, Fault};

/// Everything that a request is judged by.
pub(super) struct State {
    pub(super) settings: DemoSettings,
    pub(super) pods: Pods,
    pub(super) journal: Journal,
    pub(super) house: House,
    changing: Mutex<Changing>,
}

struct Changing {
    token: SecretString,
    rules: Vec<RbacRule>,
    fault: Option<Fault>,
}

impl State {
    pub(super) fn new(settings: DemoSettings, pods: Pods, house: House) -> Self {
        let changing = Changing { token: new_token(), rules: RbacRule::manifest(), fault: None };
        Self { settings, pods, journal: Journal::default(), house, changing: Mutex::new(changing) }
    }

    /// The one token that is accepted now.
    pub(super) fn token(&self) -> SecretString {
        self.changing().token.clone()
    }

    /// Accepts a new token from now on, and no other.
    pub(super) fn rotate_token(&self) -> SecretString {
        let token = new_token();
        self.changing().token = token.clone();
        token
    }

    /// Whether RBAC gives the right to that.
    pub(super) fn allows(&self, asked: &Attributes) -> bool {
        asked.allowed_by(&self.changing().rules)
    }

    /// Sets everything that RBAC gives.
    pub(super) fn set_rules(&self, rules: Vec<RbacRule>) {
        self.changing().rules = rules;
    }

    /// What is broken now.
    pub(super) fn fault(&self) -> Option<Fault> {
        self.changing().fault
    }

    /// Breaks or mends something.
    pub(super) fn set_fault(&self, fault: Option<Fault>) {
        self.changing().fault = fault;
    }

    fn changing(&self) -> MutexGuard<'_, Changing> {
        self.changing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A service account's token as the API server makes them, a JWT. Nobody holds the signature's key, for nobody checks it: a token is
/// accepted if it is this one.
fn new_token() -> SecretString {
    let issued = Timestamp::now().as_second();
    let claims = json!({
        "aud": ["https://kubernetes.default.svc.cluster.local"],
        "exp": issued + TOKEN_LIFE_SECONDS,
        "iat": issued,
        "iss": "https://kubernetes.default.svc.cluster.local",
        "kubernetes.io": {"namespace": "default", "serviceaccount": {"name": "execgate"}},
        "nbf": issued,
        "sub": SERVICE_ACCOUNT,
    });
    let [head, claims, signature] = [
        json!({"alg": "RS256", "typ": "JWT"}).to_string().into_bytes(),
        claims.to_string().into_bytes(),
        rand::random::<[u8; 32]>().to_vec(),
    ]
    .map(|part| URL_SAFE_NO_PAD.encode(part));
    format!("{head}.{claims}.{signature}").into()
}

/// Nothing ends a demo cluster's token but its end, and none runs for a year.
const TOKEN_LIFE_SECONDS: i64 = 365 * 24 * 60 * 60;
