//! What Linux counts for a process: CPU time and resident memory.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context as _;

/// A process, by its directory in `/proc`.
#[derive(Debug, Clone)]
pub(crate) struct Process {
    directory: PathBuf,
}

impl Process {
    /// The process of that id.
    pub(crate) fn new(id: u32) -> Self {
        Self { directory: PathBuf::from(format!("/proc/{id}")) }
    }

    /// CPU time that its threads have taken so far, in user and kernel mode. `schedstat` counts nanoseconds, `stat` only ticks.
    pub(crate) fn cpu(&self) -> anyhow::Result<Duration> {
        let tasks = self.directory.join("task");
        let mut nanoseconds = 0_u64;
        for task in fs::read_dir(&tasks).with_context(|| format!("cannot read {}", tasks.display()))? {
            let file = task?.path().join("schedstat");
            let text = fs::read_to_string(&file)
                .with_context(|| format!("cannot read {}: CPU time needs it", file.display()))?;
            let spent = text.split(' ').next().unwrap_or_default();
            nanoseconds +=
                spent.parse::<u64>().with_context(|| format!("no number in {}", file.display()))?;
        }
        Ok(Duration::from_nanos(nanoseconds))
    }

    /// Resident memory, in KiB.
    pub(crate) fn resident_kib(&self) -> anyhow::Result<u64> {
        let file = self.directory.join("smaps_rollup");
        let text = fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
        let line = text.lines().find_map(|line| line.strip_prefix("Rss:"));
        let number = line.and_then(|line| line.trim().split(' ').next());
        number.and_then(|number| number.parse().ok()).with_context(|| format!("no Rss in {}", file.display()))
    }
}

/// How many files this process may have open.
pub(crate) fn open_files_limit() -> usize {
    let limits = fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"));
    let soft = line.and_then(|line| line.split_whitespace().next());
    soft.and_then(|soft| soft.parse().ok()).unwrap_or(1024)
}
