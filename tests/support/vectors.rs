//! The reference's test vectors that more than one test reads: whole frames, in hexadecimal digits.

/// The status of exit code 7 behind a translator.
pub(crate) const E7: &str = r#"{"metadata":{},"status":"Failure","message":"command terminated with non-zero exit code: command terminated with exit code 7","reason":"NonZeroExitCode","details":{"causes":[{"reason":"ExitCode","message":"7"}]}}"#;
/// What precedes it on the wire.
pub(crate) const E7_HEADER: &str = "82 7e 00 d5 03";
pub(crate) const SUCCESS: &str = "82 23 03 7b 22 6d 65 74 61 64 61 74 61 22 3a 7b 7d 2c 22 73 74 61 74 75 73 22 3a 22 53 75 63 63 65 73 73 22 7d";
/// The same from a runtime of cri-streaming 1.36 and later.
pub(crate) const SHORT_SUCCESS: &str = "82 15 03 7b 22 73 74 61 74 75 73 22 3a 22 53 75 63 63 65 73 73 22 7d";
pub(crate) const CLOSE: &str = "88 02 03 e8";
pub(crate) const STDIN_FOO: &str = "82 85 37 fa 21 3d 37 9c 4e 52 3d";
pub(crate) const BASE64_STDIN_FOO: &str = "81 89 37 fa 21 3d 07 a0 4c 04 41 b9 46 00 0a";
pub(crate) const END_OF_STDIN: &str = "82 82 37 fa 21 3d c8 fa";
/// To 80 columns and 24 rows.
pub(crate) const RESIZE: &str =
    "82 99 37 fa 21 3d 33 81 03 6a 5e 9e 55 55 15 c0 19 0d 1b d8 69 58 5e 9d 49 49 15 c0 13 09 4a";

/// Everything that would end a server's decoder for good, or says nothing.
pub(crate) const MALFORMED_SIZES: [&str; 14] = [
    r#"{"Width":70000,"Height":24}"#,
    r#"{"Width":-1,"Height":24}"#,
    r#"{"Width":80.5,"Height":24}"#,
    r#"{"Width":"80","Height":24}"#,
    r#"{"Width":0,"Height":24}"#,
    r#"{"Width":80}"#,
    r#"{"Width":80,"Height":24"#,
    r#"{"Width":80,"Height":24}]"#,
    "null",
    "{}",
    "[]",
    "80x24",
    "{",
    " ",
];
