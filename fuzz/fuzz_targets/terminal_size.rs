//! Resize messages: whatever is read is 1 to 65535 both ways, and is written in the one form that every server takes.

#![no_main]

use execgate::protocol::TerminalSize;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|payload: &[u8]| {
    let Some(size) = TerminalSize::parse(payload) else {
        return;
    };
    assert!(size.width() > 0 && size.height() > 0);
    let written = size.to_json();
    assert_eq!(written, format!("{{\"Width\":{},\"Height\":{}}}", size.width(), size.height()));
    assert_eq!(TerminalSize::parse(written.as_bytes()), Some(size));
});
