//! How fast a session's bytes are translated, without any IO: bytes of the sender's stream per second, by pairing, direction and
//! data bytes per frame.

mod session;
mod stream;

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

use self::session::{CASES, Session};

fn transcode(criterion: &mut Criterion) {
    for (name, page, from) in CASES {
        let mut group = criterion.benchmark_group(format!("transcode/{name}"));
        for size in stream::SIZES {
            let bytes = session::sent(page, from, size);
            group.throughput(Throughput::Bytes(bytes.len() as u64));
            group.bench_with_input(BenchmarkId::from_parameter(size), &bytes, |bencher, bytes| {
                let mut session = Session::new(page);
                bencher.iter(|| session.relay(from, black_box(bytes)));
            });
        }
        group.finish();
    }
}

criterion_group!(benches, transcode);
criterion_main!(benches);
