//! How to give a credential the rights that it lacks: a command that can be pasted.

use crate::cluster::Identity;
use crate::target::Namespace;

/// The account of the manifest.
const OURS: &str = "system:serviceaccount:execgate:execgate";

/// What to do for the one whom `identity` names, in these namespaces or, if there are none, in all.
pub(super) fn advice(identity: Option<&Identity>, namespaces: &[&Namespace]) -> String {
    let account = match identity.map(|identity| identity.username.as_str()) {
        Some(OURS) => String::new(),
        Some(username) => format!(" --account {}", word(username)),
        None => " --account NAME".to_owned(),
    };
    let namespaces: Vec<String> = namespaces.iter().map(|name| format!(" --namespace {name}")).collect();
    let namespaces = namespaces.concat();
    format!("grant it with: execgate rbac{account}{namespaces} | kubectl apply -f -")
}

/// A word that a shell reads as it stands.
fn word(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.:/@=+,%".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_names_the_account_unless_it_is_the_manifests_own() {
        let told = |username: &str, namespaces: &[&str]| {
            let identity = Identity { username: username.to_owned(), groups: Vec::new() };
            let namespaces: Vec<Namespace> =
                namespaces.iter().map(|name| Namespace::parse(*name).unwrap()).collect();
            advice(Some(&identity), &namespaces.iter().collect::<Vec<_>>())
        };
        let command = |options: &str| format!("grant it with: execgate rbac{options} | kubectl apply -f -");
        assert_eq!(told(OURS, &[]), command(""));
        assert_eq!(told(OURS, &["a", "b"]), command(" --namespace a --namespace b"));
        let other = "system:serviceaccount:tools:gate";
        assert_eq!(told(other, &["a"]), command(&format!(" --account {other} --namespace a")));
        assert_eq!(told("o'brien", &[]), command(r" --account 'o'\''brien'"));
    }
}
