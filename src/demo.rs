//! Exec servers with real shells on PTYs, written as if each were an API server in front of a container runtime.
