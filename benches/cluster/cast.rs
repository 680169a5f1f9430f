//! The processes that have a hand in a session, and what they cost. etcd has none; the container's own command is nobody's cost but its
//! own, and the same on every route.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use crate::rig::process::Process;
use crate::support::node::{Node, Part};

/// What a process does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    ApiServer,
    Kubelet,
    Containerd,
    /// Of every pod on the node.
    Shims,
    Execgate,
    /// This process: the page.
    Load,
}

impl Role {
    pub(crate) const ALL: [Self; 6] =
        [Self::ApiServer, Self::Kubelet, Self::Containerd, Self::Shims, Self::Execgate, Self::Load];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::ApiServer => "API server",
            Self::Kubelet => "kubelet",
            Self::Containerd => "containerd",
            Self::Shims => "shims",
            Self::Execgate => "execgate",
            Self::Load => "load",
        }
    }
}

/// Who plays what.
pub(crate) struct Cast {
    players: Vec<(Role, Process)>,
}

impl Cast {
    /// The node's servers and shims, execgate, and this process.
    pub(crate) fn of(node: &Node, execgate: Process) -> Self {
        let server = |part| Process::new(node.process(part));
        let mut players = vec![
            (Role::ApiServer, server(Part::ApiServer)),
            (Role::Kubelet, server(Part::Kubelet)),
            (Role::Containerd, server(Part::Containerd)),
            (Role::Execgate, execgate),
            (Role::Load, Process::new(std::process::id())),
        ];
        players.extend(shims(node).into_iter().map(|shim| (Role::Shims, shim)));
        Self { players }
    }

    /// CPU time so far, in the order of [`Role::ALL`].
    pub(crate) fn cpu(&self) -> anyhow::Result<[Duration; 6]> {
        self.sums(Process::cpu_in_ticks)
    }

    /// Memory in KiB, in the same order.
    pub(crate) fn memory_kib(&self) -> anyhow::Result<[u64; 6]> {
        self.sums(Process::proportional_kib)
    }

    fn sums<T: Default + std::ops::AddAssign>(
        &self,
        cost: impl Fn(&Process) -> anyhow::Result<T>,
    ) -> anyhow::Result<[T; 6]> {
        let mut sums: [T; 6] = Default::default();
        for (sum, role) in sums.iter_mut().zip(Role::ALL) {
            for (_, process) in self.players.iter().filter(|(played, _)| *played == role) {
                *sum += cost(process)?;
            }
        }
        Ok(sums)
    }
}

/// The shims in the node's namespace of processes: nothing else tells them from those of another node.
fn shims(node: &Node) -> Vec<Process> {
    let namespace = |process: u32| fs::read_link(format!("/proc/{process}/ns/pid")).ok();
    let own = namespace(node.process(Part::Containerd));
    let ids = fs::read_dir("/proc").expect("Linux").flatten();
    let ids = ids.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let is_shim = |id: &u32| {
        let program = fs::read_link(PathBuf::from(format!("/proc/{id}/exe"))).unwrap_or_default();
        program.ends_with("containerd-shim-runc-v2") && namespace(*id) == own
    };
    ids.filter(is_shim).map(Process::new).collect()
}
