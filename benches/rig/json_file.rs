//! A report for programs.

use std::fs;
use std::path::Path;

use anyhow::Context as _;
use serde_json::Value;

/// Writes a report, and the folder that it goes to if there is none.
pub(crate) fn write(file: &Path, report: &Value) -> anyhow::Result<()> {
    if let Some(directory) = file.parent() {
        fs::create_dir_all(directory)
            .with_context(|| format!("cannot make the directory {}", directory.display()))?;
    }
    fs::write(file, format!("{report:#}\n")).with_context(|| format!("cannot write {}", file.display()))
}
