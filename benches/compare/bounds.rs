//! What execgate promises of its cost, most of it as ratios to other proxies in the same rounds.

use crate::peer::Peer;
use crate::plan::Measure;
use crate::report::Quantity;
use crate::rig::limit::Limit::{self, AtLeast, AtMost};
use crate::route::Route;
use crate::subject::Subject;

/// One promise.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Promise {
    pub(crate) measure: Measure,
    pub(crate) subject: Subject,
    pub(crate) quantity: Quantity,
    /// Whose figure execgate's is divided by; `None` for a promise of the figure itself.
    pub(crate) against: Option<Subject>,
    pub(crate) limit: Limit,
}

/// All of them.
pub(crate) fn promises() -> Vec<Promise> {
    [transfers(), echo_and_open(), sessions(), process()].concat()
}

const OUTPUT: [Measure; 2] =
    [Measure::Output { frame_bytes: 8 << 10 }, Measure::Output { frame_bytes: 32 << 10 }];
const INPUT: [Measure; 3] = [
    Measure::Input { frame_bytes: 1 << 10 },
    Measure::Input { frame_bytes: 8 << 10 },
    Measure::Input { frame_bytes: 32 << 10 },
];
const OURS: Subject = Subject::base64(Peer::Execgate, Route::Tls);

/// Moving bytes. Before an API server execgate asks for raw bytes, a quarter fewer to decrypt, and encodes them at the edge: for a
/// base64 page that is to be worth its price. With nothing to encode it is to move bytes for what others take.
fn transfers() -> Vec<Promise> {
    let [small, middle, large] = INPUT;
    let base64 = |peer, route| Subject::base64(peer, route);
    let v4 = |peer| Subject::v4(peer, Route::Plain);
    let cpu = |measures: &[Measure], subject, against, most| {
        let promise = move |measure| Promise {
            measure,
            subject,
            quantity: Quantity::CpuSecondsPerGigabyte,
            against: Some(against),
            limit: AtMost(most),
        };
        measures.iter().copied().map(promise).collect::<Vec<_>>()
    };
    let haproxy_tls = base64(Peer::Haproxy, Route::Tls);
    let speed = OUTPUT.map(|measure| Promise {
        measure,
        subject: OURS,
        quantity: Quantity::MegabytesPerSecond,
        against: Some(haproxy_tls),
        limit: AtLeast(1.3),
    });
    let both = [OUTPUT[0], OUTPUT[1], middle, large];
    [
        speed.to_vec(),
        cpu(&OUTPUT, OURS, haproxy_tls, 0.70),
        cpu(&[small, large], OURS, haproxy_tls, 0.80),
        cpu(&both, v4(Peer::Execgate), v4(Peer::Haproxy), 1.10),
        cpu(&both, v4(Peer::Execgate), v4(Peer::Nginx64k), 0.60),
        cpu(
            &[OUTPUT[0], OUTPUT[1], small, large],
            base64(Peer::Execgate, Route::Plain),
            base64(Peer::Haproxy, Route::Plain),
            1.5,
        ),
        cpu(&OUTPUT, base64(Peer::Execgate, Route::TlsBoth), base64(Peer::Haproxy, Route::TlsBoth), 0.80),
    ]
    .concat()
}

/// Whoever types, and whoever logs in, is not to feel that somebody asks who they are.
fn echo_and_open() -> Vec<Promise> {
    let nginx = Subject::base64(Peer::Nginx, Route::Tls);
    let promise = |measure, quantity, most| Promise {
        measure,
        subject: OURS,
        quantity,
        against: Some(nginx),
        limit: AtMost(most),
    };
    vec![
        promise(Measure::Echo, Quantity::MicrosP50, 1.0),
        promise(Measure::Echo, Quantity::MicrosP99, 1.2),
        promise(Measure::Open, Quantity::CpuMillisPerSession, 1.0),
    ]
}

/// A session's own cost, and what sessions take from each other.
fn sessions() -> Vec<Promise> {
    let idle = |route, most| Promise {
        subject: Subject::base64(Peer::Execgate, route),
        ..own(Measure::Idle, Quantity::KibPerIdleSession, AtMost(most))
    };
    vec![
        // Small frames that wait already are joined, so that a page has fewer events.
        own(Measure::Output { frame_bytes: 64 }, Quantity::FramesPerMessage, AtLeast(5.0)),
        idle(Route::Plain, 5.0),
        idle(Route::Tls, 19.0),
        idle(Route::TlsBoth, 40.0),
        own(Measure::Fairness, Quantity::BesideFlood, AtMost(3.0)),
        own(Measure::Many, Quantity::ManyToOne, AtMost(1.2)),
        two_workers(),
    ]
}

/// Load, exec server and two workers need four cores; with fewer the second worker has none, but is not to cost either.
fn two_workers() -> Promise {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    if cores >= 4 {
        own(Measure::Workers, Quantity::SpeedOfTwo, AtLeast(1.8))
    } else {
        own(Measure::Workers, Quantity::CpuOfTwo, AtMost(1.1))
    }
}

/// One binary that is there at once.
fn process() -> Vec<Promise> {
    vec![
        own(Measure::Rest, Quantity::BinaryMegabytes, AtMost(15.0)),
        own(Measure::Rest, Quantity::StartMillis, AtMost(50.0)),
        own(Measure::Rest, Quantity::RestMegabytes, AtMost(12.0)),
    ]
}

fn own(measure: Measure, quantity: Quantity, limit: Limit) -> Promise {
    Promise { measure, subject: OURS, quantity, against: None, limit }
}
