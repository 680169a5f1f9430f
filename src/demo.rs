//! Exec servers with real shells on PTYs, written as if each were an API server in front of a container runtime.
//!
//! A [`DemoCluster`] answers as Kubernetes 1.36 does, awkward habits included: it is what `execgate demo` runs on and also what
//! tests and benchmarks dial, so it must not be kinder than the real thing. Its commands run on this machine with this user's
//! rights; it is loopback only unless it is told to bind elsewhere.
//!
//! | pod (namespace `default`) | container | attach joins |
//! |---|---|---|
//! | `web-0` | `app` | an interactive shell on a terminal |
//! | `web-0` | `sidecar` | `cat`, without a terminal |
//! | `vault` | `app` | a script that counts seconds and takes no input |
//! | `sh-only`, `no-shell` | `app` | the same; their search paths find no bash, and no shell at all |
//! | `console` | `app` | an interactive shell on a terminal |
//! | `pipe` | `app` | `cat`, without a terminal |
//! | `migrate` | `app` | nothing: it is Completed, so the container is not found |
//! | `pending` | `app` | nothing: it never starts |
//! | `unscheduled` | `app` | nothing: no node was assigned |
//! | `stranded` | `app` | nothing: its node is gone |
//!
//! With [`Workloads::Present`] there are more in the namespace `workloads`, as deployments, jobs and stateful sets make them (see
//! `workloads`).
//!
//! Main processes start when somebody first attaches. exec knows four commands that no container has, for benchmarks:
//! `execgate-flood FRAME_BYTES TOTAL_BYTES [LINE]`, `execgate-drip FRAME_BYTES BYTES_PER_SECOND TOTAL_BYTES`,
//! `execgate-sink [TOTAL_BYTES]` and `execgate-echo` (see `flood`).
//!
//! Pods, the namespaces that every cluster has, the version and discovery can be read, as JSON and as kubectl's tables.
//!
//! What it does not do: SPDY. A POST passes the same checks with the verb `create` and then gets 400 and a sentence about it.

mod access;
mod authority;
mod catalog;
mod cluster;
mod connection;
mod documents;
mod ending;
mod flood;
mod form;
mod frame;
mod handshake;
mod intake;
mod journal;
mod link;
mod listing;
mod main_process;
mod namespaces;
mod pods;
mod process;
mod query;
mod rbac;
mod refusal;
mod reviews;
mod routes;
mod screen;
mod session;
mod settings;
mod sizes;
mod state;
mod visit;
mod workloads;

pub use authority::AuthorityError;
pub use cluster::{DemoCluster, DemoError};
pub use journal::SeenRequest;
pub use rbac::RbacRule;
pub use settings::{DemoSettings, Fault, Right, Scheme, StatusDialect, Translator, Workloads};
