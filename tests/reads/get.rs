//! A GET of a gate, and its answer; an answer that was cut is no answer.

use std::net::SocketAddr;

use bytes::Bytes;
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::{BodyExt as _, Empty};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::support::gate::Gate;
use crate::support::setup::{ALICE, BOB};
use crate::support::wire::PATIENCE;

/// A request under construction.
pub(crate) struct Get {
    address: SocketAddr,
    request: Request<Empty<Bytes>>,
}

/// The beginning of an answer, and the rest as it comes.
pub(crate) struct Opened {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Incoming,
}

/// A whole answer.
#[derive(Debug)]
pub(crate) struct Got {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Get {
    /// As alice.
    pub(crate) fn new(gate: &Gate, path: &str) -> Self {
        let request = Request::get(path).header("Host", "gate.example").body(Empty::new()).unwrap();
        Self { address: gate.address, request }.bearing(ALICE)
    }

    /// As bob.
    pub(crate) fn bobs(gate: &Gate, path: &str) -> Self {
        Self::new(gate, path).bearing(BOB)
    }

    /// The request in another name.
    pub(crate) fn bearing(self, token: &str) -> Self {
        self.header("Authorization", &format!("Bearer {token}"))
    }

    /// Sets a header.
    pub(crate) fn header(mut self, name: &'static str, value: &str) -> Self {
        self.request.headers_mut().insert(name, value.parse().unwrap());
        self
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.request.headers_mut().remove(name);
        self
    }

    pub(crate) fn by(mut self, method: &str) -> Self {
        *self.request.method_mut() = Method::from_bytes(method.as_bytes()).unwrap();
        self
    }

    /// What kubectl asks lists for.
    pub(crate) fn table(self) -> Self {
        self.header(
            "Accept",
            "application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json",
        )
    }

    /// Sends it and reads the head of the answer.
    pub(crate) async fn open(self) -> Opened {
        let tcp = TcpStream::connect(self.address).await.unwrap();
        let (mut sender, connection) = http1::handshake(TokioIo::new(tcp)).await.unwrap();
        tokio::spawn(connection);
        let answer = timeout(PATIENCE, sender.send_request(self.request)).await.expect("an answer").unwrap();
        let (head, body) = answer.into_parts();
        Opened { status: head.status, headers: head.headers, body }
    }

    /// Sends it and reads the whole answer; fails if it is cut.
    pub(crate) async fn send(self) -> Got {
        let Opened { status, headers, body } = self.open().await;
        let body = timeout(PATIENCE, body.collect()).await.expect("an end").unwrap().to_bytes();
        Got { status: status.as_u16(), headers, body }
    }

    /// Sends it, and says how much came before the answer was cut off; fails if it looks whole.
    pub(crate) async fn cut(self) -> usize {
        let Opened { status, mut body, .. } = self.open().await;
        assert_eq!(status, 200);
        let mut length = 0;
        loop {
            match timeout(PATIENCE, body.frame()).await.expect("something happens") {
                Some(Ok(frame)) => length += frame.into_data().map_or(0, |data| data.len()),
                Some(Err(_)) => return length,
                None => panic!("the answer looks whole after {length} bytes"),
            }
        }
    }
}

impl Got {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The body as a failed `metav1.Status`: code, reason and message.
    pub(crate) fn failure(&self) -> (u16, String, String) {
        let status = self.json();
        assert_eq!((&status["kind"], &status["status"]), (&"Status".into(), &"Failure".into()), "{self:?}");
        assert_eq!(
            (self.header("content-type"), &status["code"]),
            (Some("application/json"), &self.status.into())
        );
        let text = |key: &str| status[key].as_str().unwrap_or_default().to_owned();
        (self.status, text("reason"), text("message"))
    }

    /// The names of a list's objects or of a table's rows.
    pub(crate) fn names(&self) -> Vec<String> {
        let list = self.json();
        let of = |key: &str, place: &str| {
            let objects = list[key].as_array().into_iter().flatten();
            let name = |object: &Value| object.pointer(place).unwrap().as_str().unwrap().to_owned();
            objects.map(name).collect::<Vec<String>>()
        };
        [of("items", "/metadata/name"), of("rows", "/object/metadata/name")].concat()
    }
}
