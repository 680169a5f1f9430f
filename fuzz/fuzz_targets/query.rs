//! Query strings: no query makes it panic, and what is written means to every reader what was judged.

#![no_main]

use execgate::target::{ExecOptions, Verb};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (bool, &str)| {
    let (attach, query) = input;
    let verb = if attach { Verb::Attach } else { Verb::Exec };
    let Ok(options) = ExecOptions::parse_query(verb, query) else {
        return;
    };
    let written = options.to_query();
    assert!(written.bytes().all(|byte| byte.is_ascii_graphic() && !b"#?+;\"'<>".contains(&byte)));
    assert_eq!(ExecOptions::parse_query(verb, &written).as_ref(), Ok(&options));
    assert_eq!(
        written.matches("command=").count(),
        options.command.words().len(),
        "one parameter for each word"
    );
});
