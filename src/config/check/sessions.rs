//! Limits of sessions.

use std::time::Duration;

use super::Check;
use crate::{
    config::{file::Sessions, key::KeyPath, size::Size, time::Time},
    relay, session,
};

/// The least that reading ahead makes sense with: a block and a bit.
const LEAST_READ_AHEAD: Size = Size(128 << 10);

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
        self.read_ahead(sessions, &key);
        let session = session::Settings { max: sessions.max, drain_timeout: sessions.drain_timeout.0 };
        let relay = relay::Settings {
            idle_timeout: sessions.idle_timeout.duration(),
            max_duration: sessions.max_duration.duration(),
            ping_period,
            stuck_timeout,
            utf8_hold: sessions.utf8_hold.0,
            on_disconnect: self.on_disconnect(&key.field("onDisconnect"), &sessions.on_disconnect),
            read_ahead: sessions.read_ahead.0,
            read_ahead_total: sessions.read_ahead_total.0,
        };
        (session, relay)
    }

    fn read_ahead(&mut self, sessions: &Sessions, key: &KeyPath) {
        let (one, all) = (sessions.read_ahead, sessions.read_ahead_total);
        if one.0 > 0 && one.0 < LEAST_READ_AHEAD.0 {
            self.refuse(&key.field("readAhead"), format!("must be 0 or at least {LEAST_READ_AHEAD}"));
        }
        if all.0 < one.0 {
            self.refuse(&key.field("readAheadTotal"), format!("must be at least readAhead, {one}"));
        }
    }

    pub(super) fn positive(&mut self, key: &KeyPath, time: Time) -> Duration {
        if time.0.is_zero() {
            self.refuse(key, "must be longer than 0");
        }
        time.0
    }
}
