//! TCP and TLS: knows no Kubernetes.
