//! A real Kubernetes on this machine: one node and its control plane, in namespaces that end with it. tests/cluster/node/start is what
//! runs; this is its handle.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Mutex, OnceLock};

use rustix::process::{Pid, Signal, kill_process};

use super::ask::{Door, Serves};
use super::setup::{Setup, entry};

/// What a node is made of, by the names of the programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Etcd,
    ApiServer,
    Containerd,
    Kubelet,
}

/// A running node. Dropping it ends every process and mount of it; so does the end of this process.
pub(crate) struct Node {
    name: &'static str,
    folder: PathBuf,
    supervisor: Mutex<Supervisor>,
}

struct Supervisor {
    process: Child,
    /// Its end is the node's end.
    commands: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Part {
    /// The program's name, which is its process's name too.
    pub(crate) fn program(self) -> &'static str {
        match self {
            Self::Etcd => "etcd",
            Self::ApiServer => "kube-apiserver",
            Self::Containerd => "containerd",
            Self::Kubelet => "kubelet",
        }
    }
}

/// The two clusters that a test may use and must leave as they are: started once a process, at the first use.
pub(crate) fn alpha() -> &'static Node {
    static ALPHA: OnceLock<Node> = OnceLock::new();
    ALPHA.get_or_init(|| Node::start("alpha"))
}

/// The other one.
pub(crate) fn beta() -> &'static Node {
    static BETA: OnceLock<Node> = OnceLock::new();
    BETA.get_or_init(|| Node::start("beta"))
}

impl Node {
    /// Starts one of a test's own, with the pods of tests/cluster/pods.yaml running and the service account of
    /// docs/execgate-rbac.yaml. Blocks until then; panics with the reason if it can't be.
    pub(crate) fn start(name: &'static str) -> Self {
        let node = Self::start_empty(name);
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        for manifest in ["docs/execgate-rbac.yaml", "tests/cluster/pods.yaml"] {
            node.kubectl(&["apply", "-f", root.join(manifest).to_str().expect("UTF-8")]);
        }
        node.kubectl(&["wait", "--for=condition=Ready", "--timeout=60s", "pod", "web-0", "vault", "sh-only"]);
        node.kubectl(&[
            "wait",
            "--for=condition=Ready",
            "--timeout=60s",
            "pod",
            "no-shell",
            "console",
            "pipe",
        ]);
        node.kubectl(&[
            "wait",
            "--for=jsonpath={.status.phase}=Succeeded",
            "--timeout=60s",
            "pod",
            "migrate",
        ]);
        node
    }

    /// A node without a pod, as a newcomer's cluster is.
    pub(crate) fn start_empty(name: &'static str) -> Self {
        let folders = Path::new(env!("CARGO_TARGET_TMPDIR")).join("clusters");
        fs::create_dir_all(&folders).expect("the target directory can be written to");
        let prefix = format!("{name}-");
        let folder = tempfile::Builder::new().prefix(&prefix).tempdir_in(folders).expect("the same").keep();
        let start = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cluster/node/start");
        let mut process = Command::new(start)
            .args([programs(), &folder])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("tests/cluster/node/start can be run");
        let commands = process.stdin.take();
        let answers = BufReader::new(process.stdout.take().expect("piped"));
        let mut supervisor = Supervisor { process, commands, answers };
        assert_eq!(supervisor.answer(), "ready", "{name} does not start: its words are above");
        Self { name, folder, supervisor: Mutex::new(supervisor) }
    }

    /// The name under which a gate is to know it.
    pub(crate) fn name(&self) -> &'static str {
        self.name
    }

    /// The API server's URL.
    pub(crate) fn server(&self) -> String {
        self.read("server").trim().to_owned()
    }

    /// The cluster's certificate authority.
    pub(crate) fn ca_pem(&self) -> String {
        self.read("ca.crt")
    }

    /// The kubeconfig of one who may do everything.
    pub(crate) fn admin(&self) -> PathBuf {
        self.folder.join("admin.kubeconfig")
    }

    /// What kubectl prints as the administrator; panics with what it says when it fails.
    pub(crate) fn kubectl(&self, arguments: &[&str]) -> String {
        let mut kubectl = Command::new(kubectl());
        kubectl.arg("--kubeconfig").arg(self.admin()).args(arguments);
        let output = kubectl.output().expect("kubectl was built");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "kubectl {arguments:?} on {}: {errors}", self.name);
        String::from_utf8(output.stdout).expect("kubectl prints UTF-8")
    }

    /// A token of the service account `execgate`, good for an hour, with more arguments of `kubectl create token`.
    pub(crate) fn token(&self, more: &[&str]) -> String {
        let arguments = [&["create", "token", "execgate", "--namespace", "execgate"], more].concat();
        self.kubectl(&arguments).trim().to_owned()
    }

    /// SIGKILL; returns when the process is gone.
    pub(crate) fn kill(&self, part: Part) {
        self.command("kill", part);
    }

    /// Starts a killed server again; returns when it serves.
    pub(crate) fn restart(&self, part: Part) {
        self.command("start", part);
    }

    /// SIGSTOP: the server's sockets stay, and nobody answers on them any more.
    pub(crate) fn freeze(&self, part: Part) {
        signal(self.process(part), Signal::STOP);
    }

    /// SIGCONT.
    pub(crate) fn thaw(&self, part: Part) {
        signal(self.process(part), Signal::CONT);
    }

    /// The first process of a container, as this machine counts processes.
    pub(crate) fn main_process(&self, pod: &str, container: &str) -> u32 {
        let path = format!("jsonpath={{.status.containerStatuses[?(@.name==\"{container}\")].containerID}}");
        let id = self.kubectl(&["get", "pod", pod, "-o", &path]);
        let id = id.trim().strip_prefix("containerd://").expect("it runs");
        let is_first = |process: &u32| {
            let read = |name| fs::read_to_string(format!("/proc/{process}/{name}")).unwrap_or_default();
            let status = read("status");
            let mut numbers = status.lines().filter_map(|line| line.strip_prefix("NSpid:"));
            read("cgroup").contains(id) && numbers.next().is_some_and(|line| line.ends_with("\t1"))
        };
        processes().find(is_first).unwrap_or_else(|| panic!("no process of {container} in {pod}"))
    }

    /// The server's process.
    pub(crate) fn process(&self, part: Part) -> u32 {
        self.processes()
            .into_iter()
            .find(|process| is_program(*process, part.program()))
            .unwrap_or_else(|| panic!("{} of {} does not run", part.program(), self.name))
    }

    /// The end of a server's log, for a test's last words.
    pub(crate) fn log(&self, part: Part) -> String {
        self.read(&format!("log/{}.log", part.program()))
    }

    /// What works in this node's folder: its servers.
    fn processes(&self) -> Vec<u32> {
        processes()
            .filter(|id| fs::read_link(format!("/proc/{id}/cwd")).is_ok_and(|at| at == self.folder))
            .collect()
    }

    fn command(&self, verb: &str, part: Part) {
        let mut supervisor = self.supervisor.lock().expect("no test panics in here");
        let commands = supervisor.commands.as_mut().expect("it lives");
        writeln!(commands, "{verb} {}", part.program()).expect("it reads");
        assert_eq!(supervisor.answer(), "ok", "{verb} {} on {}", part.program(), self.name);
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }
}

/// The API server itself, asked with the token of the service account `execgate`.
impl Serves for Node {
    fn door(&self) -> Door {
        let server = self.server();
        let address = server.strip_prefix("https://").expect("a URL").parse().expect("an address");
        Door { address, ca: Some(self.ca_pem()), token: self.token(&[]) }
    }
}

impl Setup {
    /// A real cluster, with the service account that the manifest makes; the first one is the default cluster.
    pub(crate) fn node(mut self, node: &Node) -> Self {
        let name = node.name();
        self.write(&format!("{name}.token"), &node.token(&[]));
        self.write(&format!("{name}.crt"), &node.ca_pem());
        let authority = format!("    certificateAuthority: {{file: {name}.crt}}\n");
        self.add(name, &(entry(name, &node.server()) + &authority), "");
        self
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let supervisor = self.supervisor.get_mut().unwrap_or_else(std::sync::PoisonError::into_inner);
        supervisor.commands = None;
        supervisor.process.wait().ok();
    }
}

impl Supervisor {
    /// The next line; empty if there is none any more.
    fn answer(&mut self) -> String {
        let mut line = String::new();
        self.answers.read_line(&mut line).expect("UTF-8");
        line.trim().to_owned()
    }
}

/// The kubectl of the cluster's own version.
pub(crate) fn kubectl() -> PathBuf {
    programs().join("kubectl")
}

/// What tests/cluster/build has built, or builds now.
fn programs() -> &'static PathBuf {
    static PROGRAMS: OnceLock<PathBuf> = OnceLock::new();
    PROGRAMS.get_or_init(|| {
        let build = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cluster/build");
        let output =
            Command::new(build).stderr(Stdio::inherit()).output().expect("tests/cluster/build can be run");
        assert!(output.status.success(), "tests/cluster/build fails: its words are above");
        String::from_utf8(output.stdout).expect("a path").trim().into()
    })
}

/// Every process of this machine.
fn processes() -> impl Iterator<Item = u32> {
    let all = fs::read_dir("/proc").expect("Linux").flatten();
    all.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}

/// Sends `signal` to a process that a node started.
pub(crate) fn signal(process: u32, signal: Signal) {
    let process = i32::try_from(process).ok().and_then(Pid::from_raw).expect("a process's number");
    kill_process(process, signal).expect("it runs, and a cluster needs root");
}

fn is_program(process: u32, name: &str) -> bool {
    fs::read_to_string(format!("/proc/{process}/comm")).is_ok_and(|comm| comm.trim() == name)
}
