//! The manifests in docs/ give what they say, and `execgate check --dial` sees it: too little, enough, and too much.

use std::fs;
use std::path::Path;

use crate::newcomer::{Newcomer, Said};

#[test]
fn the_manifests_give_what_they_say_and_the_check_sees_it() {
    let newcomer = Newcomer::with_pods();
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    let apply = |name: &str| newcomer.succeed(&format!("kubectl apply -f {}", docs.join(name).display()));
    let check = |more: &str| newcomer.run(&format!("execgate check --config config.yaml --dial {more}"));

    newcomer.succeed("execgate rbac --namespace default | kubectl apply -f -");
    newcomer.succeed("kubectl -n execgate create token execgate > prod.token");
    newcomer.succeed("execgate init --kubeconfig --token-file prod.token --name prod --user alice");
    one_namespace(&check(""), &check("--namespace default"));

    // What the check advises is what is missing.
    let advice = "execgate rbac | kubectl apply -f -";
    assert!(check("").stderr.contains(advice));
    newcomer.succeed(advice);
    assert_eq!((check("").code, check("").stderr.as_str()), (Some(0), ""));

    newcomer.succeed("kubectl create clusterrolebinding much --clusterrole=cluster-admin --serviceaccount=execgate:execgate");
    let said = check("");
    assert_eq!((said.code, said.stderr.contains("may also do everything")), (Some(0), true), "{said:?}");
    newcomer.succeed("kubectl delete clusterrolebinding much execgate");

    newcomer.succeed("kubectl -n execgate create serviceaccount other && kubectl -n execgate create token other > prod.token");
    let said = check("");
    let advice = "execgate rbac --account system:serviceaccount:execgate:other | kubectl apply -f -";
    assert!(said.stderr.contains(advice), "{said:?}");
    newcomer.succeed(advice);
    assert_eq!(check("").code, Some(0));

    let config = newcomer.path("config.yaml");
    let text = fs::read_to_string(&config).unwrap();
    fs::write(&config, text.replace("    credential:", "    impersonate: true\n    credential:")).unwrap();
    let said = check("");
    assert!(said.stderr.contains("execgate may not impersonate user \"alice\""), "{said:?}");
    newcomer.succeed("kubectl -n execgate create token execgate > prod.token");
    apply("execgate-rbac-impersonation.yaml");
    let said = check("");
    assert_eq!((said.code, said.stderr.as_str()), (Some(0), ""), "{said:?}");

    // No controller fills in the token here; the API server says at least that it would take the Secret.
    newcomer.succeed(&format!(
        "kubectl apply --dry-run=server -f {}",
        docs.join("execgate-token.yaml").display()
    ));
}

/// Bound in one namespace: not enough for a policy that names none, and enough there.
fn one_namespace(everywhere: &Said, there: &Said) {
    assert_eq!(everywhere.code, Some(1));
    let missing =
        "cluster prod: execgate may not exec in every namespace: it lacks get and create on pods/exec";
    assert!(everywhere.stderr.contains(missing), "{everywhere:?}");
    assert_eq!((there.code, there.stderr.as_str()), (Some(0), ""), "{there:?}");
    let held = "    execgate may exec, attach and read pods in namespace default\n";
    assert!(there.stdout.contains(held), "{there:?}");
}
