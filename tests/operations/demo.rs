//! `execgate demo`: one command that shows all of it, and leaves nothing behind.

use std::{
    fs,
    net::SocketAddr,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use tempfile::TempDir;

use super::{
    process::{Ended, Execgate, Signal},
    wire::{self, Reply, UPGRADE, V4, bearer, exec},
};

/// A demo with the folder that it writes, and another that holds nothing but its scratch.
pub(crate) struct Demo {
    pub(crate) process: Execgate,
    pub(crate) address: SocketAddr,
    /// The path and query that log alice in.
    pub(crate) login: String,
    folder: TempDir,
}

impl Demo {
    pub(crate) fn start() -> Self {
        Self::start_with(&[])
    }

    /// The same with more arguments.
    pub(crate) fn start_with(more: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let written = folder.path().join("written");
        fs::create_dir(folder.path().join("scratch")).unwrap();
        let arguments = ["demo", "--listen", "127.0.0.1:0", "--write", written.to_str().unwrap()];
        let arguments = [&arguments, more].concat();
        let mut process = Execgate::start(&arguments, &folder.path().join("scratch"));
        let line = process.printed("/login?code=");
        assert!(line.trim_start().starts_with("alice "), "{line}");
        let (address, login) = line.split_once("http://").unwrap().1.split_once('/').unwrap();
        Self { process, address: address.parse().unwrap(), login: format!("/{login}"), folder }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join("written").join(name)
    }

    /// The written configuration. Like the demo it was written by, it takes a free port.
    pub(crate) fn config(&self) -> PathBuf {
        self.path("config.yaml")
    }

    /// A user's token.
    pub(crate) fn token(&self, user: &str) -> String {
        fs::read_to_string(self.path(&format!("{user}.token"))).unwrap().trim_end().to_owned()
    }

    fn get(&self, path: &str, lines: &[&str]) -> Reply {
        wire::ask(self.address, &[&[&*format!("GET {path}")], lines].concat())
    }

    /// Runs a command as `user` at `address`, a proxy before these clusters: code, and output or words.
    fn run(&self, address: SocketAddr, user: &str, cluster: &str, pod: &str) -> (u16, String) {
        let query = "container=app&command=echo&command=hello&stdout=1";
        let lines = [&*exec(cluster, pod, query), &bearer(&self.token(user)), UPGRADE, V4];
        match wire::try_open(address, &lines) {
            Ok(socket) => (101, wire::text(&socket.rest().0, &[1])),
            Err(reply) => reply.status(),
        }
    }

    /// Waits for its end; the folder stays.
    pub(crate) fn end(self) -> (Ended, TempDir) {
        (self.process.end(), self.folder)
    }
}

#[test]
fn its_login_link_sets_a_cookie_that_the_page_can_use_and_scripts_cannot_read() {
    let demo = Demo::start();
    let reply = demo.get(&demo.login, &[]);
    assert_eq!((reply.code, reply.header("location")), (303, Some("/")));
    let (cookie, attributes) = reply.header("set-cookie").unwrap().split_once("; ").unwrap();
    assert_eq!(cookie, format!("execgate_demo={}", demo.token("alice")));
    assert_eq!(attributes, "HttpOnly; SameSite=Strict; Path=/");
    assert_eq!(reply.header("referrer-policy"), Some("no-referrer"));

    let reply = demo.get("/targets", &[&format!("Cookie: {cookie}")]);
    let targets: serde_json::Value = serde_json::from_slice(&reply.body).unwrap();
    assert_eq!((reply.code, &targets["user"]), (200, &"alice".into()));
    let names = |list: &serde_json::Value| {
        let list = list.as_array().unwrap().iter().map(|each| each["name"].as_str().unwrap().to_owned());
        list.collect::<Vec<_>>()
    };
    assert_eq!(names(&targets["clusters"]), ["alpha", "beta"]);
    for cluster in ["alpha", "beta"] {
        let reply = demo.get(&format!("/targets/{cluster}"), &[&format!("Cookie: {cookie}")]);
        let listed: serde_json::Value = serde_json::from_slice(&reply.body).unwrap();
        assert_eq!(
            names(&listed["pods"]),
            ["console", "no-shell", "pipe", "sh-only", "vault", "web-0"],
            "what runs, as the cluster lists it"
        );
        assert_eq!(listed["pods"][5]["containers"], serde_json::json!(["app", "sidecar"]));
    }
}

#[test]
fn a_stranger_gets_the_page_and_nothing_of_what_is_behind_it() {
    let demo = Demo::start();
    // 503 and what to install, if it was built without npm.
    assert!(matches!(demo.get("/", &[]).code, 200 | 503));
    let (code, _) = demo.get("/targets", &[]).status();
    assert_eq!(code, 401);
    for login in ["/login", "/login?code=", "/login?code=0123456789abcdef0123456789abcdef"] {
        let reply = demo.get(login, &[]);
        assert_eq!(reply.header("set-cookie"), None);
        let (code, words) = reply.status();
        assert_eq!((code, words.contains("open the one that execgate printed")), (403, true), "{words}");
    }
}

#[test]
fn what_it_writes_is_for_its_owner_alone_where_it_is_secret() {
    let demo = Demo::start();
    let mode = |name: &str| fs::metadata(demo.path(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(""), 0o700);
    for secret in ["alice.token", "bob.token", "alpha.token", "beta.token"] {
        assert_eq!(mode(secret), 0o600, "{secret}");
    }
    for public in ["config.yaml", "users.yaml", "alpha.ca.crt", "beta.ca.crt"] {
        assert_eq!(mode(public), 0o644, "{public}");
        let text = fs::read_to_string(demo.path(public)).unwrap();
        for secret in ["alice", "bob", "alpha", "beta"] {
            assert!(!text.contains(&demo.token(secret)), "{secret}'s token stands in {public}");
        }
    }
}

/// Whoever can replace users.yaml there has a shell of the user who runs the demo.
#[test]
fn a_folder_in_which_others_can_replace_files_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let written = folder.path().join("written");
    fs::create_dir(&written).unwrap();
    let arguments = ["demo", "--listen", "127.0.0.1:0", "--write", written.to_str().unwrap()];
    fs::set_permissions(&written, fs::Permissions::from_mode(0o777)).unwrap();
    let ended = Execgate::start(&arguments, folder.path()).end();
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), ""));
    assert!(ended.stderr.contains("chmod o-w"), "{}", ended.stderr);
    assert_eq!(fs::read_dir(&written).unwrap().count(), 0);
    // In a folder like /tmp everybody can add files, and nobody can replace another's.
    fs::set_permissions(&written, fs::Permissions::from_mode(0o1777)).unwrap();
    Execgate::start(&arguments, folder.path()).printed("/login?code=");
}

#[test]
fn what_it_writes_runs_in_a_second_gate_while_its_clusters_live() {
    let demo = Demo::start();
    let config = demo.config();
    let checked = Execgate::run(&["check", "--config", config.to_str().unwrap()]);
    assert_eq!((checked.code, checked.stderr.as_str()), (Some(0), ""));
    let mut gate = Execgate::serve(&config);
    let other = gate.address();
    assert_ne!(other, demo.address);
    for address in [demo.address, other] {
        let hello = (101, "hello\n".to_owned());
        for (cluster, pod) in [("alpha", "web-0"), ("alpha", "vault"), ("beta", "web-0"), ("beta", "vault")] {
            assert_eq!(demo.run(address, "alice", cluster, pod), hello, "{cluster} {pod}");
        }
        assert_eq!(demo.run(address, "bob", "alpha", "web-0"), hello);
        let refused = |cluster, pod| demo.run(address, "bob", cluster, pod);
        let words = "user \"bob\" may not exec in pod \"vault\" of namespace \"default\" on cluster \"alpha\" with container \"app\" and command [\"echo\", \"hello\"]";
        assert_eq!(refused("alpha", "vault"), (403, words.to_owned()));
        assert_eq!(refused("beta", "web-0"), (403, words.replace("vault", "web-0").replace("alpha", "beta")));
        // To bob a pod that is not there looks like one that he may not enter.
        assert_eq!(refused("beta", "no-such").0, 403);
    }
    // The second gate shows the page too; only the links that the demo has printed mean nothing to it.
    assert_eq!(wire::ask(other, &["GET /targets", &bearer(&demo.token("alice"))]).code, 200);
    assert_eq!(wire::ask(other, &[&format!("GET {}", demo.login)]).code, 404);
}

#[test]
fn writing_again_into_the_same_folder_replaces_what_is_there() {
    let demo = Demo::start();
    let old = demo.token("alice");
    demo.process.signal(Signal::Interrupt);
    let (_, folder) = demo.end();
    let written = folder.path().join("written");
    fs::set_permissions(written.join("alice.token"), fs::Permissions::from_mode(0o644)).unwrap();
    let arguments = ["demo", "--listen", "127.0.0.1:0", "--write", written.to_str().unwrap()];
    let mut again = Execgate::start(&arguments, folder.path());
    again.printed("/login?code=");
    let token = written.join("alice.token");
    assert_ne!(fs::read_to_string(&token).unwrap().trim_end(), old);
    assert_eq!(fs::metadata(&token).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn it_says_that_it_gives_a_shell_and_listens_beyond_this_machine_only_when_told() {
    let folder = tempfile::tempdir().unwrap();
    let refused = Execgate::run(&["demo", "--listen", "0.0.0.0:0"]);
    let words = "execgate: 0.0.0.0:0 can be reached from other machines, and the demo gives a shell on this one; listen on 127.0.0.1, or add --public if that is meant\n";
    assert_eq!((refused.code, refused.stderr.as_str()), (Some(64), words));
    assert_eq!(refused.stdout, "");
    let mut public = Execgate::start(&["demo", "--listen", "0.0.0.0:0", "--public"], folder.path());
    public.printed("It gives a shell on this machine, as this user, to whoever opens one of these:");
    // A link that works in a browser on this machine.
    public.printed("http://127.0.0.1:");
}

#[test]
fn a_second_one_on_the_same_port_says_so_and_spoils_nothing() {
    let first = Demo::start();
    let (token, address) = (first.token("alice"), first.address.to_string());
    let folder = tempfile::tempdir().unwrap();
    let written = first.path("");
    let arguments = ["demo", "--listen", &address, "--write", written.to_str().unwrap()];
    let ended = Execgate::start(&arguments, folder.path()).end();
    let words = format!(
        "execgate: the demo needs another address, say which with --listen: cannot listen on {address}: another program already does; stop it or choose another port\n"
    );
    assert_eq!((ended.code, ended.stderr), (Some(1), words));
    assert_eq!(ended.stdout, "", "no link is printed that leads nowhere");
    assert_eq!(left_in(folder.path()), [""; 0]);
    assert_eq!(first.token("alice"), token);
}

#[test]
fn either_signal_ends_it_without_a_process_or_a_directory_left() {
    for signal in [Signal::Terminate, Signal::Interrupt] {
        let demo = Demo::start();
        let alice = bearer(&demo.token("alice"));
        let query = "container=app&command=sh&command=-c&command=echo+$$;trap+''+TERM+HUP;sleep+1000&stdout=1&stdin=1&tty=1";
        let mut shell = wire::open(demo.address, &[&exec("alpha", "web-0", query), &alice, UPGRADE, V4]);
        let id = shell.next_text(1);
        let scratch = demo.folder.path().join("scratch");
        assert_ne!(left_in(&scratch), [""; 0]);
        assert!(Path::new("/proc").join(id.trim()).exists());
        demo.process.signal(signal);
        // The page is told, in a close frame, that it was not the command.
        let (_, close) = shell.rest();
        assert_eq!(close, Some((1001, "the gateway is shutting down; connect again".to_owned())));
        let (ended, folder) = demo.end();
        assert_eq!(ended.code, Some(0), "{ended:?}");
        assert_eq!(left_in(&folder.path().join("scratch")), [""; 0]);
        assert!(is_gone(id.trim()), "the shell {id} is still there");
    }
}

/// A killed process that nobody has collected yet is gone all the same (proc(5), state Z or X).
fn is_gone(id: &str) -> bool {
    let stat = fs::read_to_string(Path::new("/proc").join(id).join("stat"));
    stat.map_or(true, |stat| stat.rsplit(") ").next().is_some_and(|rest| rest.starts_with(['Z', 'X'])))
}

fn left_in(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}
