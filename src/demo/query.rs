//! The query of an exec or attach request, read as loosely as the API server reads it.
//!
//! The front door is strict (`target::query`); this one must not be, so that what the proxy sends is judged by Kubernetes' rules.

use percent_encoding::percent_decode_str;

use crate::target::Streams;

/// `PodExecOptions` as decoded by the API server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ExecQuery {
    /// The argv.
    pub(super) command: Vec<String>,
    /// The container, if one was named.
    pub(super) container: Option<String>,
    /// The four switches as they were asked for.
    pub(super) streams: Streams,
    /// Whether `dryRun` is among the parameters.
    pub(super) dry_run: DryRun,
}

/// Whether the request carries `dryRun`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DryRun {
    /// It does: exec cannot.
    Asked,
    /// It does not.
    Absent,
}

impl ExecQuery {
    /// Never fails: what is unknown is skipped, and a boolean that is not false is true.
    pub(super) fn parse(query: &str) -> Self {
        let pairs = pairs(query);
        let first = |name: &str| pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value);
        let switch = |name: &str| first(name).is_some_and(|value| is_true(value));
        Self {
            command: pairs
                .iter()
                .filter(|(key, _)| key == "command")
                .map(|(_, value)| value.clone())
                .collect(),
            container: first("container").filter(|name| !name.is_empty()).cloned(),
            streams: Streams {
                stdin: switch("stdin"),
                stdout: switch("stdout"),
                stderr: switch("stderr"),
                tty: switch("tty"),
            },
            dry_run: if first("dryRun").is_some() { DryRun::Asked } else { DryRun::Absent },
        }
    }
}

/// Kubernetes' `Convert_Slice_string_To_bool`: only `0` and `false` in any case are false.
fn is_true(value: &str) -> bool {
    value != "0" && !value.eq_ignore_ascii_case("false")
}

/// As Go's `net/url` reads them: a pair with a semicolon or a broken escape is dropped as if it were not there.
pub(super) fn pairs(query: &str) -> Vec<(String, String)> {
    let decode = |text: &str| percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned();
    query
        .split('&')
        .filter(|pair| !pair.is_empty() && !pair.contains(';') && has_whole_escapes(pair))
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(key, value)| (decode(key), decode(value)))
        .collect()
}

fn has_whole_escapes(pair: &str) -> bool {
    let mut escapes = pair.split('%').skip(1).map(str::as_bytes);
    escapes.all(|escape| matches!(escape, [a, b, ..] if a.is_ascii_hexdigit() && b.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_zero_and_false_are_false() {
        let stdin = |text: &str| ExecQuery::parse(text).streams.stdin;
        for on in ["stdin=1", "stdin=true", "stdin=no", "stdin=f", "stdin=", "stdin"] {
            assert!(stdin(on), "{on}");
        }
        for off in ["", "stdin=0", "stdin=false", "stdin=FALSE", "stdin=0&stdin=1"] {
            assert!(!stdin(off), "{off}");
        }
    }

    #[test]
    fn the_argv_keeps_its_order_and_its_spaces() {
        let query = ExecQuery::parse("command=sh&command=-c&command=echo+a%20b%26&container=app&x=y");
        assert_eq!(query.command, ["sh", "-c", "echo a b&"]);
        assert_eq!(query.container.as_deref(), Some("app"));
    }

    #[test]
    fn what_go_cannot_read_is_not_there() {
        let query = ExecQuery::parse("command=a;b&command=%zz&command=c%&command=d%3be&stdin=1;&stdout=1");
        assert_eq!(query.command, ["d;e"]);
        assert!(!query.streams.stdin && query.streams.stdout);
    }
}
