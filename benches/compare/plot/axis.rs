//! An axis: where a value stands, and which values are marked.

/// How values are spread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scale {
    /// From zero.
    Linear,
    Logarithmic,
}

/// What is marked in each power of ten.
const STEPS: [f64; 3] = [1.0, 2.0, 5.0];
/// How many parts a linear axis has at most.
const PARTS: f64 = 6.0;

/// One axis of a chart.
#[derive(Debug, Clone)]
pub(super) struct Axis {
    /// What it counts, in which unit.
    pub(super) label: &'static str,
    pub(super) scale: Scale,
    /// Values with lines of their own, from the least to the most.
    pub(super) marks: Vec<(f64, String)>,
}

impl Axis {
    /// From zero to a value, or as far as what is drawn goes.
    pub(super) fn linear(label: &'static str, most: f64) -> Self {
        let mut axis = Self { label, scale: Scale::Linear, marks: Vec::new() };
        axis.reach(0.0, most);
        axis
    }

    /// As far as what is drawn goes.
    pub(super) fn logarithmic(label: &'static str) -> Self {
        Self { label, scale: Scale::Logarithmic, marks: Vec::new() }
    }

    /// The same axis, which has all of these values on it.
    pub(super) fn over(&self, values: impl Iterator<Item = f64>) -> Self {
        let (mut least, mut most) = (f64::INFINITY, 0.0_f64);
        for value in values.chain(self.marks.iter().map(|(value, _)| *value)) {
            (least, most) = (least.min(value), most.max(value));
        }
        let mut axis = self.clone();
        if axis.marks.len() < 2 {
            axis.reach(least, most);
        }
        axis
    }

    /// Where a value stands, from 0 to 1.
    pub(super) fn place(&self, value: f64) -> f64 {
        let of = |value: f64| if self.scale == Scale::Linear { value } else { value.ln() };
        let (Some((first, _)), Some((last, _))) = (self.marks.first(), self.marks.last()) else { return 0.0 };
        (of(value) - of(*first)) / (of(*last) - of(*first))
    }

    /// Marks round values, the first not over `least` and the last not under `most`.
    fn reach(&mut self, least: f64, most: f64) {
        if most <= 0.0 {
            return;
        }
        let values = match self.scale {
            Scale::Linear => {
                let step = rounds().find(|step| most / step <= PARTS).unwrap_or(most);
                (0..=8).map(|count| f64::from(count) * step).collect()
            }
            Scale::Logarithmic => rounds().collect::<Vec<f64>>(),
        };
        let start = values.iter().rposition(|value| *value <= least).unwrap_or(0);
        let end = values.iter().position(|value| *value >= most).unwrap_or(values.len() - 1);
        self.marks = values[start..=end].iter().map(|value| (*value, value.to_string())).collect();
    }
}

/// 0.001, 0.002, 0.005, 0.01 and so on.
fn rounds() -> impl Iterator<Item = f64> {
    let powers = (-3..=9).map(|power| 10_f64.powi(power));
    powers.flat_map(|power| STEPS.map(|step| (step * power * 1e6).round() / 1e6))
}
