//! How fast frame headers are walked: bytes of a stream per second, by sender and data bytes per frame.

mod stream;

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use execgate::protocol::{Coding, FrameWalker, Piece, Sender};

/// What the relay takes at once.
const PIECE: usize = 16 * 1024;

fn walk(criterion: &mut Criterion) {
    for (name, sender) in [("walker/from_client", Sender::Client), ("walker/from_server", Sender::Server)] {
        let mut group = criterion.benchmark_group(name);
        for size in stream::SIZES {
            let bytes = stream::of_frames(sender, Coding::Raw, size);
            group.throughput(Throughput::Bytes(bytes.len() as u64));
            group.bench_with_input(BenchmarkId::from_parameter(size), &bytes, |bencher, bytes| {
                bencher.iter(|| count(sender, black_box(bytes)));
            });
        }
        group.finish();
    }
}

/// Walks a stream and says how many bytes of payload it held.
fn count(sender: Sender, mut bytes: &[u8]) -> usize {
    let mut walker = FrameWalker::new(sender);
    let mut payload_bytes = 0;
    while let Some(piece) = walker.next(&mut bytes, PIECE).expect("it is well-formed") {
        match piece {
            Piece::Data { payload, .. } => payload_bytes += payload.len(),
            Piece::Control(frame) => payload_bytes += frame.payload().len(),
        }
    }
    payload_bytes
}

criterion_group!(benches, walk);
criterion_main!(benches);
