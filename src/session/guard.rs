//! One open session: its id, its span, and its place in the count, given back when the guard is dropped.

use std::{fmt, sync::Arc};

use tokio_util::sync::CancellationToken;
use tracing::{Span, field, info_span};

use super::registry::Shared;
use crate::policy::Grant;

/// A session's id: 8 random bytes as hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SessionId(u64);

impl SessionId {
    pub(super) fn random() -> Self {
        Self(rand::random())
    }
}

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// A session that was let in. Whatever happens to it, dropping this ends its entry.
#[derive(Debug)]
pub struct SessionGuard {
    id: SessionId,
    span: Span,
    shared: Arc<Shared>,
}

impl SessionGuard {
    pub(super) fn new(id: SessionId, grant: &Grant, shared: Arc<Shared>) -> Self {
        let span = session_span(id, grant);
        Self { id, span, shared }
    }

    /// The session's id.
    pub fn id(&self) -> SessionId {
        self.id
    }

    /// The span of everything that happens in this session: who, and where.
    pub fn span(&self) -> &Span {
        &self.span
    }

    /// Fires when this session is to end: its relay closes with 1001 then.
    pub fn drain(&self) -> CancellationToken {
        self.shared.drain()
    }
}

impl Drop for SessionGuard {
    fn drop(&mut self) {
        self.shared.leave();
    }
}

/// OpenTelemetry's names, where it has them.
fn session_span(id: SessionId, grant: &Grant) -> Span {
    let target = grant.target();
    info_span!(
        "session",
        session.id = %id,
        user.name = grant.principal().user(),
        k8s.cluster.name = %target.cluster,
        k8s.namespace.name = %target.namespace,
        k8s.pod.name = %target.pod,
        k8s.container.name = grant.options().container.as_ref().map(field::display),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_sixteen_digits() {
        assert_eq!(SessionId(10).to_string(), "000000000000000a");
    }
}
