//! A whole session without IO: whatever both sides send, however it is cut, whenever they leave, the bridge does not panic, holds no
//! more than its bound, finds an end to every deadline, and says the same for every cut of the same bytes,
//! copied or handed on where they were read.
//!
//! Layout of an input: the page's and the cluster's subprotocol, the streams, the audience (a byte each), two cut sizes (two bytes),
//! then events: a byte of which the lowest bit is the leg (1: the cluster) and the rest the kind, a little-endian length or
//! argument of two bytes, and for some kinds so many bytes.

#![no_main]

mod bridge {
    pub(crate) mod heard;
    pub(crate) mod script;
    pub(crate) mod stage;
}

use bridge::script::Script;
use bridge::stage::{Reading, Stage};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Some(script) = Script::read(bytes) else {
        return;
    };
    let whole = Stage::play(&script, &[usize::MAX], Reading::Copying);
    let cut = Stage::play(&script, &script.cuts, Reading::InPlace);
    whole.assert_same(&cut);
});
