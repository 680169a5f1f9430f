//! Somebody with a cluster, a kubectl and execgate, who runs commands in a folder of their own.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::node::{Node, kubectl};

/// One with a cluster of their own, in which nobody has heard of execgate.
pub(crate) struct Newcomer {
    folder: tempfile::TempDir,
    pub(crate) node: Node,
}

/// What a command said, on both streams, and its exit code.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Newcomer {
    /// The pods of the other tests run in the cluster.
    pub(crate) fn with_pods() -> Self {
        let node = Node::start_empty("newcomer");
        let pods = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cluster/pods.yaml");
        node.kubectl(&["apply", "-f", pods.to_str().expect("UTF-8")]);
        node.kubectl(&["wait", "--for=condition=Ready", "--timeout=60s", "pod", "web-0"]);
        Self { folder: tempfile::tempdir().unwrap(), node }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A shell command in their folder, with execgate and kubectl on the PATH.
    pub(crate) fn shell(&self, script: &str) -> Command {
        let programs = [Path::new(env!("CARGO_BIN_EXE_execgate")), &kubectl()].map(|program| {
            program.parent().expect("it lies in a folder").to_str().expect("UTF-8").to_owned()
        });
        let path = format!("{}:{}", programs.join(":"), std::env::var("PATH").unwrap());
        let mut shell = Command::new("sh");
        shell.args(["-c", script]).current_dir(self.folder.path());
        shell.env("PATH", path).env("KUBECONFIG", self.node.admin());
        shell
    }

    pub(crate) fn run(&self, script: &str) -> Said {
        let output = self.shell(script).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Said { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
    }

    /// Runs what must not fail.
    pub(crate) fn succeed(&self, script: &str) -> Said {
        let said = self.run(script);
        assert_eq!(said.code, Some(0), "{script}\n{}{}", said.stdout, said.stderr);
        said
    }
}
