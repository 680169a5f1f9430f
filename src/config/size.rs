//! Amounts of memory as people write them.

use std::{borrow::Cow, fmt};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{Error, Visitor},
};

/// A number of bytes with its unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Size(pub(super) usize);

/// Units as Kubernetes writes them, the largest first.
const UNITS: [(&str, usize); 3] = [("Gi", 1 << 30), ("Mi", 1 << 20), ("Ki", 1 << 10)];
/// More is a slip.
const LARGEST: Size = Size(64 << 30);
const WANTED: &str = "must be a size: a whole number with Ki, Mi or Gi, such as 64Ki or 8Mi, or 0";

impl Size {
    fn parse(text: &str) -> Result<Self, String> {
        let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let (digits, unit) = text.split_at(end);
        let unit = unit.trim_start();
        if digits.is_empty() {
            return Err(WANTED.to_owned());
        }
        let Some((_, factor)) = UNITS.iter().find(|(name, _)| *name == unit) else {
            return match digits.trim_start_matches('0') {
                "" if unit.is_empty() => Ok(Self(0)),
                _ => Err(other_unit(digits, unit)),
            };
        };
        let bytes = digits.parse::<usize>().ok().and_then(|number| number.checked_mul(*factor));
        match bytes.filter(|bytes| *bytes <= LARGEST.0) {
            Some(bytes) => Ok(Self(bytes)),
            None => Err(format!("must be at most {LARGEST}")),
        }
    }
}

/// What to write instead of a unit that is none of ours.
fn other_unit(digits: &str, unit: &str) -> String {
    let meant = match unit.to_ascii_lowercase().as_str() {
        "" => return format!("a size needs its unit: {digits}Ki, {digits}Mi or {digits}Gi"),
        "k" | "kb" | "kib" | "ki" => "Ki",
        "m" | "mb" | "mib" | "mi" => "Mi",
        "g" | "gb" | "gib" | "gi" => "Gi",
        _ => return WANTED.to_owned(),
    };
    format!("must be a size in Ki, Mi or Gi: write {digits}{meant}")
}

/// As the file would say it.
impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whole = |(_, factor): &&(&str, usize)| self.0 > 0 && self.0.is_multiple_of(*factor);
        match UNITS.iter().find(whole) {
            Some((unit, factor)) => write!(f, "{}{unit}", self.0 / factor),
            None => write!(f, "{}", self.0),
        }
    }
}

impl Serialize for Size {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Size {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SizeVisitor)
    }
}

struct SizeVisitor;

impl Visitor<'_> for SizeVisitor {
    type Value = Size;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a size such as 64Ki or 8Mi, or 0")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Size, E> {
        Size::parse(text).map_err(E::custom)
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Size, E> {
        Size::parse(&number.to_string()).map_err(E::custom)
    }
}

impl JsonSchema for Size {
    fn schema_name() -> Cow<'static, str> {
        "Size".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "anyOf": [{ "type": "string" }, { "const": 0 }],
            "description": "An amount of memory: a whole number with `Ki`, `Mi` or `Gi`, such as `64Ki` or `8Mi`, or `0`. Another \
                            number without a unit is refused. At most `64Gi`.",
            "examples": ["64Ki", "8Mi", 0],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_as_they_are_written() {
        for (text, bytes) in
            [("64Ki", 64 << 10), ("8Mi", 8 << 20), ("1Gi", 1 << 30), ("0", 0), ("3 Mi", 3 << 20)]
        {
            assert_eq!(Size::parse(text), Ok(Size(bytes)), "{text}");
        }
        for text in ["64Ki", "8Mi", "1Gi", "0", "1025Ki"] {
            assert_eq!(Size::parse(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_is_no_size_is_told_what_would_be() {
        let says = |text: &str| Size::parse(text).unwrap_err();
        assert_eq!(says("8"), "a size needs its unit: 8Ki, 8Mi or 8Gi");
        for text in ["8M", "8MB", "8mi", "8 MiB"] {
            assert_eq!(says(text), "must be a size in Ki, Mi or Gi: write 8Mi", "{text}");
        }
        for text in ["", "Mi", "1.5Mi", "-1Mi", "8 apples", "8Mi "] {
            assert_eq!(says(text), WANTED, "{text}");
        }
        for text in ["65Gi", "99999999999999999999Ki"] {
            assert_eq!(says(text), "must be at most 64Gi", "{text}");
        }
    }
}
