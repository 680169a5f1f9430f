//! The pods of a demo cluster: what the API says of them, and where their commands run.

use std::fs::DirBuilder;
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, symlink};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tokio::sync::Mutex;

use super::catalog::Table;
use super::flood;
use super::main_process::{MainKind, MainProcess};
use super::process::{Ending, Process, Program};
use super::session::House;
use super::settings::Workloads;
use super::workloads;
use crate::target::Streams;

/// The namespace of the pods that every demo cluster has.
pub(super) const NAMESPACE: &str = "default";
/// The one node.
pub(super) const NODE: &str = "node-1";

/// All pods, and the directory below which their containers have theirs; it is removed with them.
pub(super) struct Pods {
    pods: Vec<Pod>,
    directory: PathBuf,
}

/// One pod.
pub(super) struct Pod {
    /// Where it is.
    pub(super) namespace: &'static str,
    /// Its name.
    pub(super) name: &'static str,
    /// What `status.phase` says.
    pub(super) phase: Phase,
    /// Where it was put, if anywhere; the node may be gone.
    pub(super) node: Option<&'static str>,
    /// Its containers in order.
    pub(super) containers: Vec<Container>,
    /// What the API says of it otherwise.
    look: fn(&mut Value),
}

/// How far a pod has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// Its containers run.
    Running,
    /// It has done its work: its containers exist no more.
    Succeeded,
    /// Its containers have not started yet.
    Pending,
}

/// The programs that a container's search path finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tools {
    /// This machine's.
    All,
    /// These, if this machine has them.
    Only(&'static [&'static str]),
}

/// One container.
pub(super) struct Container {
    /// Its name.
    pub(super) name: &'static str,
    /// What attach joins.
    pub(super) main_kind: MainKind,
    main: Mutex<Option<MainProcess>>,
    directory: PathBuf,
    environment: Vec<(&'static str, String)>,
}

/// A pod to be made.
pub(super) struct Row {
    pub(super) namespace: &'static str,
    pub(super) name: &'static str,
    pub(super) phase: Phase,
    pub(super) node: Option<&'static str>,
    pub(super) tools: Tools,
    pub(super) containers: &'static [(&'static str, MainKind)],
    /// Changes what the API says of it.
    pub(super) look: fn(&mut Value),
}

const APP: &[(&str, MainKind)] = &[("app", MainKind::Counter)];

const ROWS: [Row; 10] = [
    Row::running("web-0", &[("app", MainKind::Shell), ("sidecar", MainKind::Cat)]),
    Row::running("vault", APP),
    Row { tools: Tools::Only(SH_ONLY), ..Row::running("sh-only", APP) },
    Row { tools: Tools::Only(&["sleep"]), ..Row::running("no-shell", APP) },
    // The pod of alice's job 17.
    Row {
        look: |pod| pod["metadata"]["labels"] = json!({"app": "console", "job-id": "17", "owner": "alice"}),
        ..Row::running("console", &[("app", MainKind::Shell)])
    },
    Row::running("pipe", &[("app", MainKind::Cat)]),
    Row { phase: Phase::Succeeded, ..Row::running("migrate", APP) },
    Row { phase: Phase::Pending, ..Row::running("pending", APP) },
    Row { phase: Phase::Pending, node: None, ..Row::running("unscheduled", APP) },
    Row { phase: Phase::Pending, node: Some("node-9"), ..Row::running("stranded", APP) },
];

/// As much as somebody who looks around there types.
const SH_ONLY: &[&str] = &[
    "sh", "cat", "echo", "env", "grep", "head", "id", "ls", "ps", "sed", "seq", "sleep", "stty", "tail",
    "top", "wc",
];

impl Row {
    const fn running(name: &'static str, containers: &'static [(&'static str, MainKind)]) -> Self {
        Self {
            namespace: NAMESPACE,
            name,
            phase: Phase::Running,
            node: Some(NODE),
            tools: Tools::All,
            containers,
            look: |_| {},
        }
    }
}

impl Pods {
    /// Makes the containers' directories below the system's temporary one, for this user alone.
    pub(super) fn new(cluster: &str, workloads: Workloads) -> io::Result<Self> {
        let name = format!("execgate-demo-{:016x}", rand::random::<u64>());
        let mut pods = Self { pods: Vec::new(), directory: std::env::temp_dir().join(name) };
        let of_workloads = workloads::ROWS.into_iter().filter(|_| workloads == Workloads::Present);
        for Row { namespace, name: pod, phase, node, tools, containers, look } in
            ROWS.into_iter().chain(of_workloads)
        {
            let mut made = Vec::with_capacity(containers.len());
            for &(name, main_kind) in containers {
                let directory = pods.directory.join(pod).join(name);
                make_directory(&directory)?;
                made.push(Container {
                    name,
                    main_kind,
                    main: Mutex::new(None),
                    environment: environment(cluster, pod, name, &directory, tools.path(&directory)?),
                    directory,
                });
            }
            pods.pods.push(Pod { namespace, name: pod, phase, node, containers: made, look });
        }
        Ok(pods)
    }

    /// The pod of that name.
    pub(super) fn find(&self, namespace: &str, name: &str) -> Option<&Pod> {
        self.pods.iter().find(|pod| namespace == pod.namespace && pod.name == name)
    }

    /// The pods of the namespace, by name.
    pub(super) fn list(&self, namespace: &str) -> Vec<Value> {
        let in_namespace = self.pods.iter().filter(|pod| namespace == pod.namespace);
        let mut sorted: Vec<&Pod> = in_namespace.collect();
        sorted.sort_unstable_by_key(|pod| pod.name);
        sorted.into_iter().map(Pod::to_json).collect()
    }
}

impl Drop for Pods {
    fn drop(&mut self) {
        // What cannot be removed stays in the temporary directory, where the system cleans up.
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

impl Pod {
    /// What `kubectl get pods` shows.
    pub(super) const TABLE: Table = Table {
        list_kind: "PodList",
        columns: &[
            ("Name", "string", 0),
            ("Ready", "string", 0),
            ("Status", "string", 0),
            ("Restarts", "string", 0),
            ("Age", "string", 0),
            ("IP", "string", 1),
            ("Node", "string", 1),
            ("Nominated Node", "string", 1),
            ("Readiness Gates", "string", 1),
        ],
        cells,
    };

    /// The container of that name.
    pub(super) fn container(&self, name: &str) -> Option<&Container> {
        self.containers.iter().find(|container| container.name == name)
    }

    /// The pod as the API shows it: the fields that pickers and kubectl read.
    pub(super) fn to_json(&self) -> Value {
        let containers: Vec<Value> = self.containers.iter().map(Container::spec).collect();
        let statuses: Vec<Value> =
            self.containers.iter().map(|container| container.status(self.phase)).collect();
        let mut spec = json!({"containers": containers, "restartPolicy": "Always"});
        let mut status = json!({"phase": self.phase.as_str()});
        if let Some(node) = self.node {
            spec["nodeName"] = json!(node);
        }
        // A kubelet writes these.
        if self.node == Some(NODE) {
            status["containerStatuses"] = json!(statuses);
            let ready = if self.phase == Phase::Running { "True" } else { "False" };
            status["conditions"] = json!([{"type": "Ready", "status": ready}]);
        }
        let mut pod = json!({
            "kind": "Pod",
            "apiVersion": "v1",
            "metadata": {
                "name": self.name,
                "namespace": self.namespace,
                "uid": format!("00000000-0000-4000-8000-{:0>12x}", self.name.len()),
                "resourceVersion": "1",
                "creationTimestamp": CREATED,
                "labels": {"app": self.name},
            },
            "spec": spec,
            "status": status,
        });
        (self.look)(&mut pod);
        pod
    }
}

fn cells(pod: &Value) -> Vec<Value> {
    let containers = pod["spec"]["containers"].as_array().map_or(0, Vec::len);
    let statuses = pod["status"]["containerStatuses"].as_array().into_iter().flatten();
    let ready = statuses.filter(|status| status["ready"] == json!(true)).count();
    let status = match pod["status"]["phase"].as_str() {
        Some("Succeeded") => json!("Completed"),
        _ => pod["status"]["phase"].clone(),
    };
    let node = pod["spec"].get("nodeName").cloned().unwrap_or_else(|| json!("<none>"));
    let nothing = || json!("<none>");
    let name = pod["metadata"]["name"].clone();
    vec![
        name,
        json!(format!("{ready}/{containers}")),
        status,
        json!("0"),
        json!("1y"),
        nothing(),
        node,
        nothing(),
        nothing(),
    ]
}

impl Phase {
    fn as_str(self) -> &'static str {
        match self {
            Self::Running => "Running",
            Self::Succeeded => "Succeeded",
            Self::Pending => "Pending",
        }
    }
}

impl Container {
    /// Runs a command as exec does: with a terminal or pipes, in the container's directory.
    pub(super) fn exec(&self, argv: &[String], streams: Streams) -> Process {
        flood::start(argv, streams).unwrap_or_else(|| Process::start(&self.program(argv), streams))
    }

    /// Joins the main process.
    pub(super) async fn attach(&self, streams: Streams, house: &House) -> Process {
        let mut main = self.main.lock().await;
        if main.as_ref().is_none_or(MainProcess::has_ended) {
            let argv = self.main_kind.argv();
            *main = Some(MainProcess::start(self.main_kind, &self.program(&argv), house));
        }
        let main = main.as_ref().expect("it was started just above");
        let attached = main.attach(streams, house).await;
        attached.unwrap_or_else(|error| Process::stillborn(Ending::NotStarted(error.to_string())))
    }

    fn program<'a>(&'a self, argv: &'a [String]) -> Program<'a> {
        Program { argv, environment: &self.environment, directory: &self.directory }
    }

    fn spec(&self) -> Value {
        let mut spec = json!({
            "name": self.name,
            "image": "localhost/execgate-demo:1",
            "command": self.main_kind.argv(),
        });
        if self.main_kind.has_stdin() {
            spec["stdin"] = json!(true);
        }
        if self.main_kind.has_tty() {
            spec["tty"] = json!(true);
        }
        spec
    }

    fn status(&self, phase: Phase) -> Value {
        let running = phase == Phase::Running;
        let state = match phase {
            Phase::Running => json!({"running": {"startedAt": CREATED}}),
            Phase::Succeeded => json!({"terminated": {"exitCode": 0, "reason": "Completed"}}),
            Phase::Pending => json!({"waiting": {"reason": "ErrImageNeverPull"}}),
        };
        json!({
            "name": self.name,
            "image": "localhost/execgate-demo:1",
            "ready": running,
            "restartCount": 0,
            "state": state,
        })
    }
}

impl Tools {
    /// The search path. Where it is to find little, it is a folder of links inside the container's directory.
    fn path(self, directory: &Path) -> io::Result<String> {
        let machine = std::env::var("PATH").unwrap_or_else(|_| "/usr/local/bin:/usr/bin:/bin".to_owned());
        let Self::Only(names) = self else {
            return Ok(machine);
        };
        let folder = directory.join("bin");
        make_directory(&folder)?;
        for name in names {
            let found =
                std::env::split_paths(&machine).map(|place| place.join(name)).find(|file| file.exists());
            found.map_or(Ok(()), |file| symlink(file, folder.join(name)))?;
        }
        Ok(folder.display().to_string())
    }
}

fn make_directory(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// The whole environment of a container's commands: nothing of execgate's own gets in but the search path.
fn environment(
    cluster: &str,
    pod: &str,
    container: &str,
    directory: &Path,
    path: String,
) -> Vec<(&'static str, String)> {
    vec![
        ("PATH", path),
        ("HOME", directory.display().to_string()),
        ("HOSTNAME", pod.to_owned()),
        ("TERM", "xterm-256color".to_owned()),
        ("LANG", "C.UTF-8".to_owned()),
        ("PS1", format!("{cluster}/{pod}/{container} $ ")),
    ]
}

/// When every pod was made, as far as anybody asks.
const CREATED: &str = "2026-01-01T00:00:00Z";
