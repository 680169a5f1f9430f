//! What Linux counts for a process: CPU time and resident memory.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context as _;
use rustix::process::{Resource, getrlimit, setrlimit};

/// `USER_HZ` is 100 on every architecture that Kubernetes runs on.
const TICK_MILLIS: u64 = 10;

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

    /// The same with the threads that have ended, in whole ticks of 10 ms.
    pub(crate) fn cpu_in_ticks(&self) -> anyhow::Result<Duration> {
        let file = self.directory.join("stat");
        let text = fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
        // proc(5): utime and stime are fields 14 and 15; the second one is a name in brackets with anything in it.
        let (_, fields) = text.rsplit_once(')').context("stat has no name")?;
        let ticks = fields.split_whitespace().skip(11).take(2).map(str::parse::<u64>);
        let ticks: u64 = ticks.sum::<Result<_, _>>().context("stat has no times")?;
        Ok(Duration::from_millis(ticks * TICK_MILLIS))
    }

    /// Resident memory, in KiB.
    pub(crate) fn resident_kib(&self) -> anyhow::Result<u64> {
        self.memory_kib("Rss:")
    }

    /// Resident memory, in KiB, of which pages that several processes share count in proportion.
    pub(crate) fn proportional_kib(&self) -> anyhow::Result<u64> {
        self.memory_kib("Pss:")
    }

    fn memory_kib(&self, key: &str) -> anyhow::Result<u64> {
        let file = self.directory.join("smaps_rollup");
        let text = fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
        let line = text.lines().find_map(|line| line.strip_prefix(key));
        let number = line.and_then(|line| line.trim().split(' ').next());
        number
            .and_then(|number| number.parse().ok())
            .with_context(|| format!("no {key} in {}", file.display()))
    }
}

/// Lets this process, and those that it starts, have as many files open as the system allows, and says how many that is.
pub(crate) fn raise_open_files_limit() -> usize {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    // Who may not raise it has what it has.
    let _ = setrlimit(Resource::Nofile, limit);
    let current = getrlimit(Resource::Nofile).current;
    current.and_then(|files| usize::try_from(files).ok()).unwrap_or(usize::MAX)
}
