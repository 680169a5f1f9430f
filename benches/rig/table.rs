//! Figures in Markdown.

/// A line of cells.
pub(crate) fn line(cells: impl Iterator<Item = String>) -> String {
    format!("| {} |", cells.collect::<Vec<_>>().join(" | "))
}

/// The line under the heads: the first column is words, `numbers` more are numbers.
pub(crate) fn rule(numbers: usize) -> String {
    format!("|---|{}", "---:|".repeat(numbers))
}

/// The middle one of some figures.
pub(crate) fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    if sorted.len() % 2 == 1 { sorted[middle] } else { f64::midpoint(sorted[middle - 1], sorted[middle]) }
}
