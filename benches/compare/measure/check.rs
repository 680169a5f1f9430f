//! Before anything is timed: every byte arrives as it was sent, both ways.

use crate::rig::messages::{Message, close_frame, stdin_frame};
use crate::stage::Stage;
use crate::subject::Subject;
use anyhow::ensure;

/// What is flooded.
const FLOOD_BYTES: usize = 4 << 20;
/// What is echoed: each time as much as fits every buffer on the way, so that the load never waits for itself.
const ECHO_BYTES: usize = 20_011;
/// How often.
const ECHOES: usize = 100;

/// Fails unless a subject delivers what it is given.
pub(super) fn bytes_arrive_as_they_were_sent(stage: &Stage, subject: Subject) -> anyhow::Result<()> {
    flood_is_whole(stage, subject)?;
    echo_is_the_same(stage, subject)
}

fn flood_is_whole(stage: &Stage, subject: Subject) -> anyhow::Result<()> {
    let mut client =
        stage.proxy(subject).open(subject.asked, &["execgate-flood", "1000", &FLOOD_BYTES.to_string()])?;
    let mut count = 0;
    while let Message::Data { .. } = client.receive()? {
        let data = client.receiver.data()?;
        ensure!(data.iter().all(|byte| *byte == b'x'), "the flood was changed");
        count += data.len();
    }
    ensure!(count == FLOOD_BYTES, "{count} of {FLOOD_BYTES} bytes arrived");
    Ok(())
}

fn echo_is_the_same(stage: &Stage, subject: Subject) -> anyhow::Result<()> {
    let mut client = stage.proxy(subject).open(subject.asked, &["execgate-echo"])?;
    for number in 0..ECHOES {
        let sent: Vec<u8> = (number..number + ECHO_BYTES)
            .map(|value| value.to_le_bytes()[0] ^ value.to_le_bytes()[1])
            .collect();
        client.send(&stdin_frame(subject.asked.coding(), &sent))?;
        let mut echoed = Vec::with_capacity(sent.len());
        while echoed.len() < sent.len() {
            let message = client.receive()?;
            ensure!(matches!(message, Message::Data { .. }), "the echo ended with {message:?}");
            echoed.extend(client.receiver.data()?);
        }
        ensure!(echoed == sent, "what was to be echoed was changed");
    }
    client.send(&close_frame())
}
