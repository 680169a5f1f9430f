//! Lengths of time as people write them.

use std::{borrow::Cow, fmt, time::Duration};

use jiff::fmt::friendly::{SpanParser, SpanPrinter};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{Error, Visitor},
};

/// A length of time with its unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Time(pub(super) Duration);

/// A length of time, or no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Limit {
    /// No limit.
    Never,
    /// After that time.
    After(Duration),
}

impl Time {
    /// Longer is a slip; and deadlines can be computed without overflow.
    const LONGEST: Duration = Duration::from_hours(365 * 24);

    fn parse(text: &str) -> Result<Self, &'static str> {
        let duration = SpanParser::new()
            .parse_unsigned_duration(text)
            .map_err(|_| "must be a duration: whole numbers with h, m, s or ms, such as 30s, 5m or 1h 30m")?;
        if duration > Self::LONGEST {
            return Err("must be at most 8760h, a year");
        }
        Ok(Self(duration))
    }
}

impl Limit {
    /// What a room's settings hold.
    pub(super) fn duration(self) -> Option<Duration> {
        match self {
            Self::Never => None,
            Self::After(duration) => Some(duration),
        }
    }
}

impl From<Option<Duration>> for Limit {
    fn from(duration: Option<Duration>) -> Self {
        duration.map_or(Self::Never, Self::After)
    }
}

/// As the file would say it.
impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&SpanPrinter::new().unsigned_duration_to_string(&self.0))
    }
}

/// As the file would say it.
impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Never => f.write_str("never"),
            Self::After(duration) => Time(*duration).fmt(f),
        }
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Serialize for Limit {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TimeVisitor)
    }
}

impl<'de> Deserialize<'de> for Limit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(LimitVisitor)
    }
}

struct TimeVisitor;

impl Visitor<'_> for TimeVisitor {
    type Value = Time;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a duration such as 30s, 5m or 1h 30m")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Time, E> {
        Time::parse(text).map_err(E::custom)
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Time, E> {
        Err(E::custom(format!("a duration needs its unit: {number}s, {number}m or {number}h")))
    }
}

struct LimitVisitor;

impl Visitor<'_> for LimitVisitor {
    type Value = Limit;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a duration such as 30s, 5m or 1h 30m, or never")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Limit, E> {
        if text == "never" {
            return Ok(Limit::Never);
        }
        match Time::parse(text).map_err(E::custom)?.0 {
            Duration::ZERO => Err(E::custom("must be longer than 0; for no limit write never")),
            duration => Ok(Limit::After(duration)),
        }
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Limit, E> {
        match number {
            0 => Err(E::custom("for no limit write never")),
            number => TimeVisitor.visit_u64(number).map(|time| Limit::After(time.0)),
        }
    }
}

impl JsonSchema for Time {
    fn schema_name() -> Cow<'static, str> {
        "Duration".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "description": "A length of time: whole numbers with `h`, `m`, `s` or `ms`, the largest unit first, such as `30s`, \
                            `5m` or `1h 30m`. A number without a unit is refused. At most `8760h`.",
            "examples": ["30s", "5m", "1h 30m"],
        })
    }
}

impl JsonSchema for Limit {
    fn schema_name() -> Cow<'static, str> {
        "Limit".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "description": "A duration that is longer than 0, or `never` for no limit.",
            "examples": ["15m", "8h", "never"],
        })
    }
}
