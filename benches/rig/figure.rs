//! A figure, whatever it counts.

/// One figure.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Figure<Quantity> {
    pub(crate) quantity: Quantity,
    pub(crate) value: f64,
}

impl<Quantity> Figure<Quantity> {
    pub(crate) fn new(quantity: Quantity, value: f64) -> Self {
        Self { quantity, value }
    }
}
