//! execgate before real Kubernetes: kube-apiserver, kubelet and containerd on this machine. `tests/cluster/run` builds what it needs.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "../support/support.rs"]
mod support;

mod faults;
mod getting_started;
mod newcomer;
mod kubectl_reads;
mod clients;
mod nodes;
mod rights;
