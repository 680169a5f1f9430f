//! `execgate demo`: the whole product on one machine, from nothing.

mod folder;
mod people;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;

use self::folder::Folder;
use self::people::Person;
use super::{EXIT_USAGE, signals};
use crate::app::{App, Signals};
use crate::config;
use crate::demo::{DemoCluster, DemoSettings};
use crate::front::{Listener, ListenerSettings};

/// Try execgate: two clusters with real shells, the proxy, and a terminal page
///
/// It needs no cluster, no configuration and no privilege. It starts two exec servers, "alpha" and "beta", that answer as Kubernetes
/// API servers do and run real shells as this user; the proxy in front of them; and a page. It prints a URL that logs in alice, who
/// may do everything, and one for bob, who may only reach alpha, and not the pod vault. Everything ends with Ctrl-C.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// Where the proxy listens
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Write what it runs on to this folder and leave it there, to be scripted or started from: config.yaml, certificates, tokens, users
    #[arg(long, value_name = "DIR")]
    write: Option<PathBuf>,
    /// Listen beyond this machine, although whoever gets hold of a login URL then has a shell here
    #[arg(long)]
    public: bool,
}

const EXAMPLES: &str = "\
Examples:
  execgate demo
  execgate demo --listen 127.0.0.1:9090 --write demo
  curl -H \"Authorization: Bearer $(cat demo/bob.token)\" http://127.0.0.1:9090/targets/alpha";

/// The cookie that a login sets.
const COOKIE: &str = "execgate_demo";

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    if !arguments.public && !arguments.listen.ip().is_loopback() {
        eprintln!(
            "execgate: {} can be reached from other machines, and the demo gives a shell on this one; listen on 127.0.0.1, or add --public if that is meant",
            arguments.listen
        );
        return Ok(ExitCode::from(EXIT_USAGE));
    }
    let runtime = tokio::runtime::Runtime::new().context("cannot start the runtime")?;
    runtime.block_on(demo(arguments))?;
    Ok(ExitCode::SUCCESS)
}

async fn demo(arguments: &Arguments) -> anyhow::Result<()> {
    try_address(arguments.listen).await?;
    let clusters = [start("alpha").await?, start("beta").await?];
    let people = [Person::new("alice", &["admins"]), Person::new("bob", &["developers"])];
    let folder = match &arguments.write {
        Some(path) => Folder::kept(path)?,
        None => Folder::temporary()?,
    };
    folder.write(arguments.listen, &clusters, &people)?;
    let settings = config::load(&folder.config())?;
    let links = people.iter().map(Person::link).collect();
    let app = App::build(settings).await?.with_links(links);
    introduce(app.addresses()[0], &people, &folder);
    // Nobody's work is lost: Ctrl-C waits for no session.
    let Signals { drain, .. } = signals::watch()?;
    let hurry = drain.clone();
    app.run(Signals { drain, hurry }).await;
    for cluster in clusters {
        cluster.shutdown().await;
    }
    Ok(())
}

/// Tries the address before anything is written: a second demo must not replace the files of the one that runs on it.
async fn try_address(address: SocketAddr) -> anyhow::Result<()> {
    let settings = ListenerSettings { address, tls: None };
    let tried = Listener::bind(&settings).await;
    tried.map(drop).context("the demo needs another address, say which with --listen")
}

async fn start(name: &str) -> anyhow::Result<DemoCluster> {
    let settings = DemoSettings { name: name.to_owned(), ..DemoSettings::default() };
    Ok(DemoCluster::start(settings).await?)
}

fn introduce(address: SocketAddr, people: &[Person], folder: &Folder) {
    let base = format!("http://{}", reachable(address));
    println!("execgate demo: two clusters, alpha and beta, behind one proxy on {base}");
    println!("It gives a shell on this machine, as this user, to whoever opens one of these:\n");
    for person in people {
        println!("  {:<6} Open {base}/login?code={}", person.name(), person.code());
    }
    println!("\nalice may do everything; bob may only reach alpha, and not the pod vault.");
    println!("It runs on {}", folder.describe());
    println!("Ctrl-C ends everything.");
}

/// An address that a browser on this machine can open.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}
