//! `execgate rbac`: what a cluster's administrator applies, so that execgate may do its work and nothing else.

use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::Args;

use crate::target::{NameError, Namespace};

/// Print what execgate needs in a cluster, for kubectl apply
///
/// A namespace, a service account and a role with the least that works, and what binds the two. It reads no configuration and asks
/// no cluster.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// Let execgate into this namespace only; may be repeated
    #[arg(long = "namespace", value_name = "NAME", value_parser = namespace, conflicts_with = "impersonation")]
    namespaces: Vec<Namespace>,
    /// The rights of a cluster with `impersonate: true`, for you to name your users and groups in
    #[arg(long)]
    impersonation: bool,
}

const EXAMPLES: &str = "\
Examples:
  execgate rbac | kubectl apply -f -
  execgate rbac --namespace team-a --namespace team-b | kubectl apply -f -
  kubectl -n execgate create token execgate --duration=24h > prod.token";

/// The files that the documentation shows.
const EVERYWHERE: &str = include_str!("../../docs/execgate-rbac.yaml");
const IMPERSONATION: &str = include_str!("../../docs/execgate-rbac-impersonation.yaml");

pub(super) fn run(arguments: &Arguments) -> ExitCode {
    let manifest = if arguments.impersonation {
        IMPERSONATION.to_owned()
    } else if arguments.namespaces.is_empty() {
        EVERYWHERE.to_owned()
    } else {
        in_namespaces(&arguments.namespaces)
    };
    // Who closes the pipe early has read enough.
    let _ = io::stdout().write_all(manifest.as_bytes());
    ExitCode::SUCCESS
}

/// The same namespace, account and role, bound in these namespaces instead of in all.
fn in_namespaces(namespaces: &[Namespace]) -> String {
    let objects: Vec<&str> = EVERYWHERE.split("---\n").collect();
    let [namespace, account, role, binding] = objects.as_slice() else {
        unreachable!("the file has four objects, as a test makes sure")
    };
    let (_, namespace) = namespace.split_at(namespace.find("apiVersion").expect("an object has a version"));
    let head = HEAD.replace("{NAMESPACES}", &names(namespaces));
    let bindings = namespaces.iter().map(|namespace| {
        let here = format!("name: execgate\n  namespace: {namespace}\nroleRef");
        binding.replace("ClusterRoleBinding", "RoleBinding").replacen("name: execgate\nroleRef", &here, 1)
    });
    let bindings: Vec<String> = bindings.collect();
    format!("{head}{namespace}---\n{account}---\n{role}---\n{}", bindings.join("---\n"))
}

const HEAD: &str = "\
# What execgate needs to let its users into pods of {NAMESPACES}, and into no other.
# Made by `execgate rbac --namespace NAME`, which may be given several names; docs/execgate-rbac.yaml is the same for all namespaces
# and says how to get a token.
#
# Listing namespaces is one right that a RoleBinding can't give: the terminal page asks for the pods of those namespaces that the
# policy names.
";

fn names(namespaces: &[Namespace]) -> String {
    let names: Vec<&str> = namespaces.iter().map(Namespace::as_str).collect();
    names.join(", ")
}

fn namespace(text: &str) -> Result<Namespace, NameError> {
    Namespace::parse(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn for_a_namespace_the_same_role_is_bound_there_and_nowhere_else() {
        let namespaces = ["team-a", "team-b"].map(|name| Namespace::parse(name).unwrap());
        let manifest = in_namespaces(&namespaces);
        let kinds: Vec<&str> = manifest.lines().filter_map(|line| line.strip_prefix("kind: ")).collect();
        assert_eq!(kinds, ["Namespace", "ServiceAccount", "ClusterRole", "RoleBinding", "RoleBinding"]);
        assert_eq!(manifest.matches("\n  name: execgate\n  namespace: team-b\nroleRef:\n").count(), 1);
        assert_eq!(manifest.matches("    name: execgate\n    namespace: execgate\n").count(), 2);
        assert!(!manifest.contains("ClusterRoleBinding\n"), "{manifest}");
    }

    #[test]
    fn the_file_for_one_namespace_is_what_the_command_prints() {
        let file = include_str!("../../docs/execgate-rbac-namespace.yaml");
        assert_eq!(file, in_namespaces(&[Namespace::parse("team-a").unwrap()]));
    }
}
