//! What execgate promises of its speed, as ratios to the API server alone.

use execgate::protocol::Subprotocol;

use crate::plan::{Attached, Measure};
use crate::report::Quantity;
use crate::rig::limit::Limit;

/// A base64 page's output: binary frames from the cluster, encoded at the edge, are to be worth the hop.
const OUTPUT: Limit = Limit::AtLeast(1.7);
/// What the same output costs the machine, all processes together.
const CPU: Limit = Limit::AtMost(0.75);
/// A key press may not feel the hop. People type into terminals; a pipe's echo is measured too, and is quicker by the terminal's
/// share, so that the same hop is a larger part of it.
const ECHO: Limit = Limit::AtMost(1.15);

/// The limit of a quantity's ratio, if it has one.
pub(crate) fn limit(measure: Measure, quantity: Quantity) -> Option<Limit> {
    match (measure, quantity) {
        (Measure::Output { page: Subprotocol::Base64Channel, attached: Attached::Pipes, .. }, quantity) => {
            match quantity {
                Quantity::MegabytesPerSecond => Some(OUTPUT),
                Quantity::AllCpuSecondsPerGigabyte => Some(CPU),
                _ => None,
            }
        }
        (Measure::Echo { attached: Attached::Terminal, .. }, Quantity::MicrosP50) => Some(ECHO),
        _ => None,
    }
}
