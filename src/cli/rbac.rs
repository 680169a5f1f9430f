//! `execgate rbac`: what a cluster's administrator applies, so that execgate may do its work and nothing else.

use std::fmt::Write as _;
use std::process::ExitCode;

use clap::Args;

use super::print;
use crate::target::Namespace;

/// Print what execgate needs in a cluster, for kubectl apply
///
/// A namespace, a service account, a role with the least that works, and what binds the two. It reads no configuration and asks no
/// cluster.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// Let execgate into this namespace only; may be repeated
    #[arg(long = "namespace", value_name = "NAME", value_parser = |text: &str| Namespace::parse(text))]
    namespaces: Vec<Namespace>,
    /// Bind the role to this account, as the cluster calls it, instead of to a service account of execgate's own
    #[arg(long, value_name = "NAME")]
    account: Option<String>,
    /// The rights of a cluster with `impersonate: true`, for you to name your users and groups in
    #[arg(long, conflicts_with_all = ["namespaces", "account"])]
    impersonation: bool,
}

const EXAMPLES: &str = "\
Examples:
  execgate rbac | kubectl apply -f -
  execgate rbac --namespace team-a --namespace team-b | kubectl apply -f -
  execgate rbac --account system:serviceaccount:tools:gate | kubectl apply -f -
  kubectl -n execgate create token execgate --duration=24h > prod.token";

/// The files that the documentation shows.
const EVERYWHERE: &str = include_str!("../../docs/execgate-rbac.yaml");
const IMPERSONATION: &str = include_str!("../../docs/execgate-rbac-impersonation.yaml");

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let manifest = match (&arguments.account, arguments.namespaces.as_slice()) {
        _ if arguments.impersonation => IMPERSONATION.to_owned(),
        (None, []) => EVERYWHERE.to_owned(),
        (account, namespaces) => manifest(account.as_deref(), namespaces),
    };
    print(&manifest)?;
    Ok(ExitCode::SUCCESS)
}

/// The role of the file, bound to `account` or to the file's own, in these namespaces or in all.
fn manifest(account: Option<&str>, namespaces: &[Namespace]) -> String {
    let mut text = HEAD.replace("{NAMESPACES}", &names(namespaces));
    let [namespace, service_account, role] = objects();
    if account.is_none() {
        write!(text, "{namespace}---\n{service_account}---\n").expect("a String takes every write");
    }
    text += role;
    let places: Vec<Option<&Namespace>> =
        if namespaces.is_empty() { vec![None] } else { namespaces.iter().map(Some).collect() };
    for namespace in places {
        text += &binding(account, namespace);
    }
    text
}

/// Namespace, service account and role as they stand in the file.
fn objects() -> [&'static str; 3] {
    let start = EVERYWHERE.find("apiVersion").expect("an object has a version");
    let mut objects = EVERYWHERE[start..].split("---\n");
    [(); 3].map(|()| objects.next().expect("a test counts the file's objects"))
}

fn binding(account: Option<&str>, namespace: Option<&Namespace>) -> String {
    let (kind, place) = match namespace {
        Some(namespace) => ("RoleBinding", format!("\n  namespace: {namespace}")),
        None => ("ClusterRoleBinding", String::new()),
    };
    let (name, subject) = match account {
        None => ("execgate".to_owned(), OWN_ACCOUNT.to_owned()),
        // To RBAC a service account is a user of that name too. JSON's quotes are YAML's.
        Some(account) => (
            serde_json::json!(format!("execgate:{}", account.replace(['/', '%'], "-"))).to_string(),
            OTHER_ACCOUNT.replace("{NAME}", &serde_json::json!(account).to_string()),
        ),
    };
    BINDING
        .replace("{KIND}", kind)
        .replace("{NAME}", &name)
        .replace("{PLACE}", &place)
        .replace("{SUBJECT}", &subject)
}

fn names(namespaces: &[Namespace]) -> String {
    let names: Vec<&str> = namespaces.iter().map(Namespace::as_str).collect();
    if names.is_empty() { "all namespaces".to_owned() } else { names.join(", ") }
}

const HEAD: &str = "\
# What execgate needs to let its users into the pods of {NAMESPACES}: made by `execgate rbac`. docs/execgate-rbac.yaml is the same
# for all namespaces, and says how to get a token.
#
# Bound in single namespaces, the role gives no list of all namespaces: the terminal page then shows the pods of those that the policy
# names.
";
const BINDING: &str = "\
---
apiVersion: rbac.authorization.k8s.io/v1
kind: {KIND}
metadata:
  name: {NAME}{PLACE}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: ClusterRole
  name: execgate
subjects:
{SUBJECT}";
const OWN_ACCOUNT: &str = "  - kind: ServiceAccount\n    name: execgate\n    namespace: execgate\n";
const OTHER_ACCOUNT: &str = "  - kind: User\n    apiGroup: rbac.authorization.k8s.io\n    name: {NAME}\n";

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(manifest: &str) -> Vec<&str> {
        manifest.lines().filter_map(|line| line.strip_prefix("kind: ")).collect()
    }

    #[test]
    fn the_file_for_all_namespaces_is_its_objects_with_one_binding() {
        let (head, _) = EVERYWHERE.split_at(EVERYWHERE.find("apiVersion").unwrap());
        assert_eq!(EVERYWHERE, format!("{head}{}{}", objects().join("---\n"), binding(None, None)));
    }

    #[test]
    fn the_file_for_one_namespace_is_what_the_command_prints() {
        let file = include_str!("../../docs/execgate-rbac-namespace.yaml");
        assert_eq!(file, manifest(None, &[Namespace::parse("team-a").unwrap()]));
        assert_eq!(kinds(file), ["Namespace", "ServiceAccount", "ClusterRole", "RoleBinding"]);
    }

    #[test]
    fn another_account_gets_the_role_and_no_account_is_made() {
        let namespaces = ["a", "b"].map(|name| Namespace::parse(name).unwrap());
        let manifest = manifest(Some("system:serviceaccount:tools:gate"), &namespaces);
        assert_eq!(kinds(&manifest), ["ClusterRole", "RoleBinding", "RoleBinding"]);
        assert!(manifest.contains("  name: \"execgate:system:serviceaccount:tools:gate\"\n  namespace: b\n"));
        assert!(manifest.contains("    name: \"system:serviceaccount:tools:gate\"\n"));
    }
}
