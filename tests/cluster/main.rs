//! execgate before real Kubernetes: kube-apiserver, kubelet and containerd on this machine. `tests/cluster/run` builds what it needs.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "../support/support.rs"]
mod support;

mod clients;
mod endings;
mod faults;
mod getting_started;
mod kubectl_reads;
mod newcomer;
mod nodes;
mod pages;
mod rights;
mod subject;

#[path = "../conformance/straight/straight.rs"]
mod straight;

#[path = "../conformance/through/through.rs"]
mod through;
