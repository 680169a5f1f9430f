# syntax=docker/dockerfile:1
# One static binary on an image without a shell. Build it with: docker build -t execgate .

FROM rust:1.95-slim-bookworm AS build
# musl-tools: a C compiler for the static target. npm: the terminal page is part of the binary.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends make musl-tools npm \
    && rm -rf /var/lib/apt/lists/*
ARG TARGETARCH
RUN case "$TARGETARCH" in \
      arm64) target=aarch64-unknown-linux-musl ;; \
      *) target=x86_64-unknown-linux-musl ;; \
    esac \
    && rustup target add "$target" \
    && echo "$target" > /target
WORKDIR /src

# The dependencies alone, with an empty crate in the place of ours: this layer is kept until the manifest or the lock file changes.
COPY Cargo.toml Cargo.lock ./
RUN mkdir src && touch src/lib.rs && echo 'fn main() {}' | tee src/main.rs build.rs > /dev/null \
    && sed -i '/^\[\[bench\]\]/,/^$/d' Cargo.toml \
    && cargo build --release --locked --target "$(cat /target)" \
    && rm -r src build.rs Cargo.toml

COPY Cargo.toml build.rs ./
COPY web web
COPY src src
# Files that are older than the empty crate would not be built.
RUN sed -i '/^\[\[bench\]\]/,/^$/d' Cargo.toml \
    && touch src/lib.rs src/main.rs build.rs \
    && cargo build --release --locked --target "$(cat /target)" \
    && cp "target/$(cat /target)/release/execgate" /execgate

# Static: certificates of public authorities, /tmp, and a user that is not root (65532). The root may be read-only: execgate writes
# nothing, but for the demo's directories in /tmp.
FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=build /execgate /execgate
EXPOSE 8443
ENTRYPOINT ["/execgate"]
CMD ["serve", "--config", "/etc/execgate/config.yaml"]
