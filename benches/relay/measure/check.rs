//! Before anything is timed: every byte arrives as it was sent, both ways.

use anyhow::ensure;
use execgate::protocol::Coding;

use crate::rig::messages::{Message, close_frame, stdin_frame};
use crate::subject::Subject;

/// What is flooded.
const FLOOD_BYTES: usize = 4 << 20;
/// What is echoed: each time as much as fits every buffer on the way, so that the load never waits for itself.
const ECHO_BYTES: usize = 20_011;
/// How often.
const ECHOES: usize = 100;

/// Fails unless `subject` delivers what it is given.
pub(super) fn bytes_arrive_as_they_were_sent(subject: &Subject) -> anyhow::Result<()> {
    flood_is_whole(subject)?;
    echo_is_the_same(subject)
}

fn flood_is_whole(subject: &Subject) -> anyhow::Result<()> {
    let mut client = subject.open(&["execgate-flood", "1000", &FLOOD_BYTES.to_string()])?;
    let mut count = 0;
    while let Message::Data { .. } = client.receive()? {
        let data = client.receiver.data()?;
        ensure!(data.iter().all(|byte| *byte == b'x'), "{} changed the flood", subject.name);
        count += data.len();
    }
    ensure!(count == FLOOD_BYTES, "{} delivered {count} of {FLOOD_BYTES} bytes", subject.name);
    Ok(())
}

fn echo_is_the_same(subject: &Subject) -> anyhow::Result<()> {
    let mut client = subject.open(&["execgate-echo"])?;
    for number in 0..ECHOES {
        let sent: Vec<u8> = (number..number + ECHO_BYTES)
            .map(|value| value.to_le_bytes()[0] ^ value.to_le_bytes()[1])
            .collect();
        client.send(&stdin_frame(Coding::Base64, &sent))?;
        let mut echoed = Vec::with_capacity(sent.len());
        while echoed.len() < sent.len() {
            let message = client.receive()?;
            ensure!(matches!(message, Message::Data { .. }), "the echo ended with {message:?}");
            echoed.extend(client.receiver.data()?);
        }
        ensure!(echoed == sent, "{} changed what it was to echo", subject.name);
    }
    client.send(&close_frame())
}
