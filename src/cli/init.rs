//! `execgate init`: a configuration to start from, for a cluster that is there.

mod files;
mod kubeconfig;
mod target;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{ArgGroup, Args};

use self::files::{Files, Plan};
use self::kubeconfig::Place;
use self::target::Target;
use super::token::generate;
use crate::cluster::ServerUrl;
use crate::target::{ClusterName, Namespace};

/// Write a configuration and a users file to start from
///
/// For one cluster and one user, with a terminal page on this machine. The cluster's address and authority are taken from a
/// kubeconfig or given; a kubeconfig's own credentials are not looked at. Nothing that is there already is overwritten. The user's
/// token goes to stderr, is shown this once, and is what to log in with.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, group = ArgGroup::new("cluster").required(true).args(["kubeconfig", "server"]))]
pub(super) struct Arguments {
    /// Take the address and the authority of the cluster from this file; without FILE from where kubectl has them
    #[arg(long, value_name = "FILE", num_args = 0..=1, default_missing_value = "")]
    kubeconfig: Option<Place>,
    /// The context of the kubeconfig, if not the current one
    #[arg(long, value_name = "NAME", requires = "kubeconfig")]
    context: Option<String>,
    /// The API server's address
    #[arg(long, value_name = "URL", value_parser = |text: &str| ServerUrl::parse(text).map(|_| text.to_owned()))]
    server: Option<String>,
    /// The authority of the API server's certificate; without it the machine's own authorities are believed
    #[arg(long, value_name = "FILE", conflicts_with = "kubeconfig")]
    certificate_authority: Option<PathBuf>,
    /// The token of execgate's service account: docs/execgate-rbac.yaml says how to get one
    #[arg(long, value_name = "FILE")]
    token_file: PathBuf,
    /// What to call the cluster in paths, rules and logs; without it, as the kubeconfig does
    #[arg(long, value_name = "CLUSTER", value_parser = |text: &str| ClusterName::parse(text))]
    name: Option<ClusterName>,
    /// The user
    #[arg(long, value_name = "USER", env = "USER", default_value = "admin", hide_env = true)]
    user: String,
    /// Let the user into this namespace only; may be repeated
    #[arg(long = "namespace", value_name = "NAME", value_parser = |text: &str| Namespace::parse(text))]
    namespaces: Vec<Namespace>,
    /// Where to listen
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// The folder to write to; made if it is not there
    #[arg(long, value_name = "DIR", default_value = ".")]
    dir: PathBuf,
}

const EXAMPLES: &str = "\
Examples:
  execgate init --kubeconfig --token-file prod.token --name prod --user alice
  execgate init --server https://10.0.0.10:6443 --certificate-authority ca.crt --token-file prod.token --name prod";

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let target = Target::find(arguments)?;
    let files = Files::new(&arguments.dir, target.name.as_str())?;
    let token = generate()?;
    let plan = Plan { target, arguments, token: &token };
    for line in files.write(&plan)? {
        println!("{line}");
    }
    println!("\nNext:\n{}", files.next_steps(arguments.listen));
    eprintln!("\ntoken of {}, shown this once: {token}", arguments.user);
    Ok(ExitCode::SUCCESS)
}
