//! A client that fetches as a browser does, and sees what an answer really is: whole or cut.

use bytes::Bytes;
use http::{HeaderMap, Request, Response, StatusCode, header};
use http_body_util::{BodyExt as _, Empty};
use hyper::body::{Body, Incoming};
use hyper_util::rt::TokioIo;
use tokio::time::timeout;

use crate::gate::{Gate, nobody};
use crate::support::setup::Setup;
use crate::support::wire::PATIENCE;

/// An answer whose body has come to its end.
#[derive(Debug)]
pub(crate) struct Fetched {
    pub(crate) code: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Gate {
    /// A gate whose configuration says `frontend: ...`, before a cluster that nobody may reach in this test.
    pub(crate) async fn with_frontend(frontend: &str) -> Self {
        Self::start(Setup::new().plain("alpha", nobody()).with(&format!("frontend: {frontend}"))).await
    }

    /// Sends a request on a connection of its own, and waits for the head of the answer. `Host` is added.
    pub(crate) async fn send<B>(&self, mut request: Request<B>) -> Response<Incoming>
    where
        B: Body<Data: Send, Error: std::error::Error + Send + Sync> + Send + 'static,
    {
        let tcp = self.connect().await;
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(tcp)).await.unwrap();
        tokio::spawn(connection.with_upgrades());
        request.headers_mut().insert(header::HOST, "gate.example".parse().unwrap());
        timeout(PATIENCE, sender.send_request(request)).await.expect("an answer").unwrap()
    }

    /// A request without a body, and its whole answer.
    pub(crate) async fn fetch(&self, method: &str, path: &str, lines: &[(&str, &str)]) -> Fetched {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in lines {
            request = request.header(*name, *value);
        }
        whole(self.send(request.body(Empty::<Bytes>::new()).unwrap()).await).await
    }

    /// A GET, and its whole answer.
    pub(crate) async fn get(&self, path: &str) -> Fetched {
        self.fetch("GET", path, &[]).await
    }
}

/// Reads an answer to its end, which must come in order.
pub(crate) async fn whole(answer: Response<Incoming>) -> Fetched {
    let (head, body) = answer.into_parts();
    let body = timeout(PATIENCE, body.collect()).await.expect("an end").unwrap().to_bytes();
    Fetched { code: head.status.as_u16(), headers: head.headers, body }
}

impl Fetched {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// The words of a refusal.
    pub(crate) fn refused(&self, code: StatusCode) -> String {
        assert_eq!(self.code, code, "{self:?}");
        let status: serde_json::Value = serde_json::from_slice(&self.body).unwrap();
        assert_eq!(status["kind"], "Status");
        status["message"].as_str().unwrap().to_owned()
    }
}
