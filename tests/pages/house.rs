//! A gate with routes, before a demo cluster, and a page's end of a session.

use execgate::demo::DemoCluster;
use serde_json::Value;

use crate::support::ask::Ask;
use crate::support::clusters::cluster;
use crate::support::gate::Gate;
use crate::support::session::Session;
use crate::support::setup::{ALICE, Setup};

/// The routes of five systems that are published, as their pages ask.
pub(crate) const ROUTES: &str = r#"
routes:
  - name: console
    path: /console/{cluster}/api/v1/namespaces/{namespace}/pods/{pod}/exec
    target: {cluster: "{cluster}", namespace: "{namespace}", pod: "{pod}"}
    command: query
  - name: scow
    path: /api/jobShell
    query: {cluster: cluster, jobId: job}
    target: {cluster: "{cluster}", namespace: default, pod: "{job}", container: app}
    command: {fixed: [sh]}
    dialect: scow
    credential: [{cookie: SCOW_USER}]
    initialSize: {columns: cols, rows: rows}
  - name: kubemgr
    path: /kubemgr/api/v1/ws/{cluster}/{namespace}/{pod}/{container}/{shell}/ssh
    target: {cluster: "{cluster}", namespace: "{namespace}", pod: "{pod}", container: "{container}"}
    command: {table: {capture: shell, commands: {b: [bash], s: [sh]}}}
    dialect: kubemgr
    credential: [{query: clusterinfo}]
  - name: kubeutil
    path: /ws/{namespace}/{pod}/{container}/webshell
    target: {namespace: "{namespace}", pod: "{pod}", container: "{container}"}
    command: {shell: {try: [sh]}}
    dialect: kubeutil
    onDisconnect: {send: eof}
  - name: alodi
    path: /pod/{name}
    target: {namespace: default, pod: "{name}", container: app}
    command: {shell: {}}
    dialect: raw
    onDisconnect: {send: exit}
  - name: home
    path: /home
    target: {namespace: default, pod: "home-{user}", container: app}
    command: {fixed: [sh]}
    dialect: raw
"#;

pub(crate) async fn gate() -> (DemoCluster, Gate) {
    gate_with(ROUTES).await
}

pub(crate) async fn gate_with(routes: &str) -> (DemoCluster, Gate) {
    let cluster = cluster().await;
    let gate = Gate::start(Setup::new().cluster(&cluster).with(routes)).await;
    (cluster, gate)
}

/// A page's end: whole messages as it sees them.
pub(crate) struct Page(pub(crate) Session);

impl Page {
    /// A page at that address, whose token stands where its route looks.
    pub(crate) async fn open(gate: &Gate, target: &str) -> Self {
        Self(ask(gate, target).open().await)
    }

    pub(crate) async fn says(&mut self, message: &Value) {
        self.0.frame(0x81, message.to_string().as_bytes()).await;
    }

    /// The next message, or close frame; pings are answered.
    pub(crate) async fn next(&mut self) -> (u8, Vec<u8>) {
        loop {
            let frame = self.0.next().await.expect("a close frame before the end");
            if frame.first != 0x89 {
                return (frame.first, frame.payload);
            }
            self.0.frame(0x8a, &frame.payload).await;
        }
    }

    /// Reads until what the terminal shows holds `text`; `shown` is what a message puts there.
    pub(crate) async fn until(&mut self, text: &str, shown: fn(&[u8]) -> Vec<u8>) -> String {
        let mut seen = Vec::new();
        loop {
            let (first, payload) = self.next().await;
            assert_ne!(first, 0x88, "{:?} after {:?}", payload, String::from_utf8_lossy(&seen));
            seen.extend(shown(&payload));
            if String::from_utf8_lossy(&seen).contains(text) {
                return String::from_utf8_lossy(&seen).into_owned();
            }
        }
    }

    /// What is still said, and the code and reason of the close frame behind it.
    pub(crate) async fn end(&mut self) -> (Vec<Vec<u8>>, u16, String) {
        let mut messages = Vec::new();
        loop {
            let (first, payload) = self.next().await;
            if first == 0x88 {
                let (code, reason) = payload.split_first_chunk().expect("a close code");
                return (messages, u16::from_be_bytes(*code), String::from_utf8(reason.to_vec()).unwrap());
            }
            messages.push(payload);
        }
    }
}

/// A request of a page: a cookie, or else whatever its address says.
pub(crate) fn ask(gate: &Gate, target: &str) -> Ask {
    let ask = Ask::new(gate, "GET", target).upgrade().by_page();
    if target.starts_with("/api/jobShell") {
        ask.without("Authorization").header("Cookie", &format!("other=1; SCOW_USER={ALICE}"))
    } else if target.starts_with("/kubemgr/") {
        ask.without("Authorization")
    } else {
        ask
    }
}

/// The field of a JSON message.
pub(crate) fn field(payload: &[u8], path: &str) -> Vec<u8> {
    let message: Value = serde_json::from_slice(payload).unwrap();
    match message.pointer(path) {
        Some(Value::String(text)) => text.clone().into_bytes(),
        Some(list @ Value::Array(_)) => serde_json::from_value(list.clone()).unwrap(),
        other => panic!("{other:?} in {message}"),
    }
}

pub(crate) fn scow(payload: &[u8]) -> Vec<u8> {
    field(payload, "/data/data")
}

pub(crate) fn kubeutil(payload: &[u8]) -> Vec<u8> {
    field(payload, "/data")
}

pub(crate) fn bare(payload: &[u8]) -> Vec<u8> {
    payload.to_vec()
}
