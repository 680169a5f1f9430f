//! metav1.Status: no JSON or text makes it panic; what is written is read back as the same.

#![no_main]

use execgate::protocol::{Close, ExitStatus, REASON_LIMIT, Status};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    if let ExitStatus::Failed(message) = ExitStatus::from_text(&text) {
        assert_eq!(message, text);
    }
    let close = Close::new(Close::NORMAL, &*text);
    assert!(close.reason().len() <= REASON_LIMIT && text.starts_with(close.reason().trim_end_matches('…')));
    let read_back = Close::parse(&close.to_payload()).expect("what is written is well-formed");
    assert_eq!((read_back.code, read_back.reason()), (close.code, close.reason()));
    let Some(status) = Status::parse(bytes) else {
        return;
    };
    let exit = status.exit_status();
    let again = Status::parse(&status.to_json()).expect("what is written can be read");
    assert_eq!(again.exit_status(), exit);
});
