//! Limits of sessions.

use std::time::Duration;

use super::Check;
use crate::{
    config::{file::Sessions, key::KeyPath, time::Time},
    relay, session,
};

impl Check<'_> {
    pub(super) fn sessions(&mut self, sessions: &Sessions) -> (session::Settings, relay::Settings) {
        let key = KeyPath::root().field("sessions");
        if sessions.max == 0 {
            self.refuse(&key.field("max"), "must be at least 1");
        }
        let ping_period = self.positive(&key.field("pingPeriod"), sessions.ping_period);
        let stuck_timeout = sessions.stuck_timeout.0;
        if stuck_timeout < ping_period * 2 {
            let least = Time(ping_period * 2);
            let text = format!(
                "must be at least twice pingPeriod, {least}: a busy command reads no input for a while"
            );
            self.refuse(&key.field("stuckTimeout"), text);
        }
        let session = session::Settings { max: sessions.max, drain_timeout: sessions.drain_timeout.0 };
        let relay = relay::Settings {
            idle_timeout: sessions.idle_timeout.duration(),
            max_duration: sessions.max_duration.duration(),
            ping_period,
            stuck_timeout,
            utf8_hold: sessions.utf8_hold.0,
            last_input: sessions.last_input.into(),
        };
        (session, relay)
    }

    pub(super) fn positive(&mut self, key: &KeyPath, time: Time) -> Duration {
        if time.0.is_zero() {
            self.refuse(key, "must be longer than 0");
        }
        time.0
    }
}
