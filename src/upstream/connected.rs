//! What an API server answers to an upgrade: an open WebSocket, or a refusal kept whole.

use bytes::Bytes;
use http::HeaderValue;

use crate::{
    cluster::excerpt,
    net::Transport,
    protocol::{Status, Subprotocol},
    target::PodName,
};

/// An open exec WebSocket.
#[derive(Debug)]
pub struct Connected {
    /// The connection, past the 101.
    pub transport: Transport,
    /// What the API server sent right after the 101 and was read with it.
    pub early: Bytes,
    /// What it chose of our offer.
    pub subprotocol: Subprotocol,
}

/// An API server's answer of 400 or more, to be passed on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The HTTP status code.
    pub code: u16,
    /// What the body is.
    pub content_type: Option<HeaderValue>,
    /// The body's first 64 KiB, as far as they came in time.
    pub body: Bytes,
    /// When to try again.
    pub retry_after: Option<HeaderValue>,
}

impl Refusal {
    /// The body as a `metav1.Status`, if it is one.
    pub fn status(&self) -> Option<Status> {
        Status::parse(&self.body).filter(|status| status.kind.as_deref() == Some("Status"))
    }

    /// True for the answer to an offer in which the server knew nothing: 403 without a body and without a type (x/net
    /// `websocket/server.go`, `ErrBadWebSocketProtocol`).
    pub(super) fn is_empty_forbidden(&self) -> bool {
        self.code == 403 && self.body.is_empty() && self.content_type.is_none()
    }

    /// True for a kubelet that refuses the API server: 401 or 403 in plain text (`pkg/kubelet/server/server.go`). Neither the user's
    /// nor execgate's credential is meant.
    pub(super) fn is_the_kubelets(&self) -> bool {
        let text = self.body.trim_ascii();
        let is_its_text = match self.code {
            401 => text == b"Unauthorized",
            403 => text.starts_with(b"Forbidden (user="),
            _ => false,
        };
        is_its_text && self.status().is_none()
    }

    /// True for a 404 that misses the pod's node, not the pod: the registry tells it in the words and kind of a missing pod, with the
    /// node's name (seen on 1.36), or by its own kind.
    pub(super) fn misses_a_node(&self, pod: &PodName) -> bool {
        let details = self.status().filter(|_| self.code == 404).and_then(|status| status.details);
        details.is_some_and(|details| match details.kind.as_deref() {
            Some("nodes") => true,
            Some("pods") => details.name.is_some_and(|name| name != pod.as_str()),
            _ => false,
        })
    }

    /// True if the pod's node is out of reach: the API server cannot dial its kubelet (apimachinery `pkg/util/proxy/upgradeaware.go`),
    /// or the kubelet its runtime (gRPC's words, in plain text).
    pub(super) fn is_about_the_node(&self) -> bool {
        let message = self.status().and_then(|status| status.message);
        let is_undialled = message.is_some_and(|message| message.starts_with("error dialing backend: "));
        let text = self.body.trim_ascii_start();
        let is_without_runtime =
            [&b"rpc error: code = Unavailable "[..], b"rpc error: code = DeadlineExceeded "]
                .iter()
                .any(|words| text.starts_with(words));
        self.code == 500 && (is_undialled || is_without_runtime)
    }

    /// The runtime's words about a request that contradicts itself or the container (gRPC's `InvalidArgument`, in plain text; CRI
    /// `streaming/server.go`), such as a tty with a stderr of its own.
    pub(super) fn contradiction(&self) -> Option<&str> {
        let text = std::str::from_utf8(&self.body).ok().filter(|_| self.code == 500)?;
        let words = text.trim().strip_prefix("rpc error: code = InvalidArgument desc = ")?;
        (!words.contains(char::is_control)).then_some(words)
    }

    /// True for a TLS server's answer to plain HTTP (Go's `net/http`, nginx).
    pub(super) fn wants_tls(&self) -> bool {
        let text = String::from_utf8_lossy(&self.body);
        self.code == 400 && text.contains("HTTP request") && text.contains("HTTPS")
    }

    /// The body for the log: its sentence, short and on one line.
    pub(super) fn excerpt(&self) -> String {
        excerpt(&self.body)
    }
}
