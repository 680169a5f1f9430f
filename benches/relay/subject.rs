//! What is measured: where a load connects, and whose cost counts.

use std::time::Duration;

use execgate::protocol::Subprotocol;
use execgate::target::Streams;

use crate::rig::client::{Ask, Client};
use crate::rig::door::Door;
use crate::rig::gate::{Gate, Upstream};
use crate::rig::process::Process;

/// Something that speaks `base64.channel.k8s.io`.
#[derive(Clone)]
pub(crate) struct Subject {
    /// What it is called in tables.
    pub(crate) name: &'static str,
    pub(crate) door: Door,
    /// The process whose CPU time counts; `None` for the exec server itself.
    pub(crate) process: Option<Process>,
}

impl Subject {
    /// The exec server, without anything before it.
    pub(crate) fn direct(server: &Upstream) -> anyhow::Result<Self> {
        let door = Door::secure(server.address, &server.ca_pem, &server.token)?;
        Ok(Self { name: "direct", door, process: None })
    }

    /// execgate in front of it.
    pub(crate) fn through(gate: &Gate) -> Self {
        Self { name: "execgate", door: gate.plain.clone(), process: Some(gate.process()) }
    }

    /// Opens a session on a terminal, as pages do.
    pub(crate) fn open(&self, command: &[&str]) -> anyhow::Result<Client> {
        let streams = Streams { stdin: true, stdout: true, stderr: false, tty: true };
        Client::open(&self.door, &Ask { subprotocol: Subprotocol::Base64Channel, streams, command })
    }

    /// CPU time that it has taken so far, if it counts.
    pub(crate) fn cpu(&self) -> anyhow::Result<Option<Duration>> {
        self.process.as_ref().map(Process::cpu).transpose()
    }
}
