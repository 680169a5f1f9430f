//! What the connections of one demo cluster share.

use std::sync::{Mutex, MutexGuard, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::SecretString;

use super::journal::Journal;
use super::pods::Pods;
use super::session::House;
use super::settings::{DemoSettings, Fault, Right};

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
    rights: Vec<Right>,
    fault: Option<Fault>,
}

impl State {
    pub(super) fn new(settings: DemoSettings, pods: Pods, house: House) -> Self {
        let rights = vec![Right::Get, Right::Create, Right::Read];
        let changing = Changing { token: new_token(), rights, fault: None };
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

    /// Whether RBAC gives `right`.
    pub(super) fn has(&self, right: Right) -> bool {
        self.changing().rights.contains(&right)
    }

    /// Sets all rights that RBAC gives.
    pub(super) fn set_rights(&self, rights: &[Right]) {
        self.changing().rights = rights.to_vec();
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

fn new_token() -> SecretString {
    URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>()).into()
}
