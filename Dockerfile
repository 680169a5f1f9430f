# syntax=docker/dockerfile:1
# One static binary on an image without a shell. Build it with: docker build -t execgate .

FROM rust:1.95-slim-bookworm AS build
# musl-tools is a C compiler for the static target; npm builds the terminal page, which is part of the binary.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends make musl-tools npm \
    && rm -rf /var/lib/apt/lists/*
RUN rustup target add "$(uname -m)-unknown-linux-musl"
WORKDIR /src

# The dependencies alone, with empty files in the place of ours: this layer is kept until the manifest or the lock file changes.
COPY Cargo.toml Cargo.lock ./
RUN mkdir -p src benches/compare \
    && touch src/lib.rs benches/walker.rs benches/transcode.rs benches/compare/main.rs \
    && echo 'fn main() {}' > src/main.rs \
    && cp src/main.rs build.rs \
    && cargo build --release --locked --target "$(uname -m)-unknown-linux-musl"

COPY build.rs ./
COPY web web
COPY docs/*.yaml docs/
COPY src src
# Cargo builds what is newer than its last build, and these may be older.
RUN touch build.rs src/lib.rs src/main.rs \
    && cargo build --release --locked --target "$(uname -m)-unknown-linux-musl" \
    && cp "target/$(uname -m)-unknown-linux-musl/release/execgate" /execgate

# The roots of public authorities, /tmp, and a user that is not root. The root file system may be read-only: execgate writes nothing
# (the demo makes its pods' directories in /tmp).
FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=build /execgate /execgate
EXPOSE 8443
ENTRYPOINT ["/execgate"]
CMD ["serve", "--config", "/etc/execgate/config.yaml"]
