//! The query string of exec and attach, and what those of reads have in common with it: parsed strictly, written canonically, so that what was judged is what is dialled.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::{Command, ContainerName, ExecOptions, NameError, Streams, Verb};

/// What is wrong with a query string.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    /// A `%` that two hexadecimal digits do not follow, or bytes that are not UTF-8.
    #[error("the query parameter {name:?} is not percent-encoded UTF-8")]
    Encoding {
        /// The parameter's name as it was sent.
        name: String,
    },
    /// A name that nobody here knows.
    #[error("unknown query parameter {name:?}; known are {known}")]
    Unknown {
        /// The name.
        name: String,
        /// What would be right.
        known: &'static str,
    },
    /// A parameter that has one value, given more than once.
    #[error("the query parameter {name:?} is given more than once")]
    Repeated {
        /// The name.
        name: &'static str,
    },
    /// A NUL byte, which no argv can carry.
    #[error("the query parameter \"command\" holds a NUL character, which no argument can")]
    Nul,
    /// A container name that is none.
    #[error("the query parameter \"container\" is no name: {0}")]
    Container(NameError),
    /// A list that never ends.
    #[error("watching is not served here; list again instead")]
    Watch,
    /// A table whose rows say too little.
    #[error(
        "includeObject is {value:?}; only Metadata and Object are served, because rows are shown by what object they are about"
    )]
    RowObjects {
        /// What was asked for.
        value: String,
    },
}

const EXEC_PARAMETERS: &str = "command, container, stdin, stdout, stderr, tty";
const ATTACH_PARAMETERS: &str = "container, stdin, stdout, stderr, tty";

/// RFC 3986 unreserved characters stay; everything else is escaped.
pub(super) const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

impl ExecOptions {
    /// Whether a `verb` request reads a query parameter of this name.
    pub fn knows(verb: Verb, parameter: &str) -> bool {
        let known = match verb {
            Verb::Exec => EXEC_PARAMETERS,
            Verb::Attach => ATTACH_PARAMETERS,
        };
        known.split(", ").any(|name| name == parameter)
    }

    /// Reads the query of a `verb` request (without the `?`).
    ///
    /// Booleans follow apimachinery's `Convert_Slice_string_To_bool` (`pkg/runtime/conversion.go`): absent is false, `0` and
    /// `false` in any case are false, every other value is true, the empty one too. The API server takes the first of several
    /// values; a repeated `container` or boolean is refused here, because two readers might disagree on which one counts.
    pub fn parse_query(verb: Verb, query: &str) -> Result<Self, QueryError> {
        let mut words = Vec::new();
        let mut container = None;
        let mut streams = [None; 4];
        for pair in query_pairs(query) {
            let (_, name, value) = pair?;
            match (name.as_str(), verb) {
                ("command", Verb::Exec) if value.contains('\0') => return Err(QueryError::Nul),
                ("command", Verb::Exec) => words.push(value),
                ("container", _) => put_once(&mut container, value, "container")?,
                ("stdin", _) => put_once(&mut streams[0], is_true(&value), "stdin")?,
                ("stdout", _) => put_once(&mut streams[1], is_true(&value), "stdout")?,
                ("stderr", _) => put_once(&mut streams[2], is_true(&value), "stderr")?,
                ("tty", _) => put_once(&mut streams[3], is_true(&value), "tty")?,
                (_, Verb::Exec) => {
                    return Err(QueryError::Unknown { name, known: EXEC_PARAMETERS });
                }
                (_, Verb::Attach) => {
                    return Err(QueryError::Unknown { name, known: ATTACH_PARAMETERS });
                }
            }
        }
        // An empty container counts as none on the API server (`PodExecOptions.Container == ""`).
        let container = container.filter(|name| !name.is_empty()).map(ContainerName::parse).transpose();
        let [stdin, stdout, stderr, tty] = streams.map(|value| value.unwrap_or(false));
        Ok(Self {
            verb,
            container: container.map_err(QueryError::Container)?,
            command: Command::new(words),
            streams: Streams { stdin, stdout, stderr, tty },
        })
    }

    /// Writes the query that the API server reads back as these very options: command, container, then the streams that are on.
    pub fn to_query(&self) -> String {
        let mut pairs: Vec<String> = Vec::with_capacity(self.command.words().len() + 5);
        pairs.extend(
            self.command.words().iter().map(|word| format!("command={}", utf8_percent_encode(word, ESCAPED))),
        );
        pairs.extend(self.container.as_ref().map(|name| format!("container={name}")));
        let Streams { stdin, stdout, stderr, tty } = self.streams;
        let switches = [("stdin", stdin), ("stdout", stdout), ("stderr", stderr), ("tty", tty)];
        pairs.extend(switches.iter().filter(|(_, on)| *on).map(|(name, _)| format!("{name}=true")));
        pairs.join("&")
    }
}

/// The pairs of a query, each as it came, and its name and value decoded.
pub fn query_pairs(query: &str) -> impl Iterator<Item = Result<(&str, String, String), QueryError>> {
    query.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (raw_name, raw_value) = pair.split_once('=').unwrap_or((pair, ""));
        let encoding = || QueryError::Encoding { name: raw_name.to_owned() };
        let (name, value) = (decode(raw_name).ok_or_else(encoding)?, decode(raw_value).ok_or_else(encoding)?);
        Ok((pair, name, value))
    })
}

pub(super) fn is_true(value: &str) -> bool {
    !(value == "0" || value.eq_ignore_ascii_case("false"))
}

fn put_once<T>(slot: &mut Option<T>, value: T, name: &'static str) -> Result<(), QueryError> {
    match slot.replace(value) {
        None => Ok(()),
        Some(_) => Err(QueryError::Repeated { name }),
    }
}

/// Decodes one name or value as Go's `url.QueryUnescape` does: `+` is a space, a stray `%` is an error; UTF-8 is asked for besides.
pub(super) fn decode(text: &str) -> Option<String> {
    let spaced = text.replace('+', " ");
    let bytes = spaced.as_bytes();
    let well_escaped = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'%').all(|(at, _)| {
        bytes.get(at + 1..at + 3).is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    });
    let decoded = percent_encoding::percent_decode(bytes).decode_utf8().ok()?;
    well_escaped.then(|| decoded.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exec(query: &str) -> Result<ExecOptions, QueryError> {
        ExecOptions::parse_query(Verb::Exec, query)
    }

    #[test]
    fn booleans_are_false_only_for_0_and_false_as_on_the_api_server() {
        for (value, expected) in [
            ("1", true),
            ("true", true),
            ("0", false),
            ("FALSE", false),
            ("no", true),
            ("f", true),
            ("", true),
        ] {
            assert_eq!(exec(&format!("stdin={value}")).unwrap().streams.stdin, expected, "{value:?}");
        }
        assert!(exec("stdin").unwrap().streams.stdin);
        assert_eq!(exec("").unwrap().streams, Streams::default());
    }

    #[test]
    fn a_command_keeps_its_words_their_order_and_their_bytes() {
        let options = exec("command=sh&command=-c&command=echo+%22a%26b%22%20%E2%9C%93&stdout=1").unwrap();
        assert_eq!(options.command.words(), ["sh", "-c", "echo \"a&b\" ✓"]);
    }

    #[test]
    fn what_is_written_reads_back_the_same() {
        for query in [
            "",
            "command=sh&container=app&stdin=1&stdout=1&stderr=1&tty=1",
            "command=&command=%2B+%25%3D%26&tty=x",
        ] {
            let options = exec(query).unwrap();
            assert_eq!(exec(&options.to_query()).unwrap(), options, "{query}");
        }
        let options = exec("tty=1&stdin=1&stdout=yes&container=app&command=sh").unwrap();
        assert_eq!(options.to_query(), "command=sh&container=app&stdin=true&stdout=true&tty=true");
    }

    #[test]
    fn what_is_known_is_what_is_read() {
        for name in ["command", "container", "stdin", "stdout", "stderr", "tty", "stdi", "dryRun", ""] {
            for verb in [Verb::Exec, Verb::Attach] {
                let is_read = ExecOptions::parse_query(verb, &format!("{name}=a")).is_ok();
                assert_eq!(ExecOptions::knows(verb, name), is_read, "{verb} {name:?}");
            }
        }
    }

    #[test]
    fn what_could_be_read_in_two_ways_is_refused_and_named() {
        assert_eq!(exec("container=a&container=b"), Err(QueryError::Repeated { name: "container" }));
        assert_eq!(exec("tty=1&tty=0"), Err(QueryError::Repeated { name: "tty" }));
        assert!(matches!(exec("dryRun=All"), Err(QueryError::Unknown { name, .. }) if name == "dryRun"));
        assert!(matches!(exec("command=%zz"), Err(QueryError::Encoding { .. })));
        assert!(matches!(exec("command=%ff"), Err(QueryError::Encoding { .. })));
        assert_eq!(
            exec("container=..%2f").unwrap_err().to_string(),
            "the query parameter \"container\" is no name: the container name \"../\" is not a DNS-1123 label: lower-case letters, digits and '-', starting and ending with a letter or digit"
        );
        assert_eq!(exec("command=a%00b"), Err(QueryError::Nul));
        assert!(matches!(
            ExecOptions::parse_query(Verb::Attach, "command=sh"),
            Err(QueryError::Unknown { .. })
        ));
    }
}
