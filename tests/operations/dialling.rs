//! `execgate check --dial`: what a cluster lets execgate do, and how to mend what is wrong.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use execgate::demo::{DemoCluster, DemoSettings, RbacRule};
use secrecy::ExposeSecret as _;
use tokio::runtime::Runtime;

use super::{
    house::{Authority, House, NOW, PAST},
    process::{Ended, Execgate},
    servers,
};

/// Whom the demo's clusters take execgate for.
const ACCOUNT: &str = "system:serviceaccount:execgate:execgate";

/// A house before a cluster of the demo's, over TLS.
struct Street {
    house: House,
    cluster: DemoCluster,
    _runtime: Runtime,
}

impl Street {
    fn new() -> Self {
        let runtime = Runtime::new().unwrap();
        let settings = DemoSettings { name: "prod".to_owned(), ..DemoSettings::default() };
        let cluster = runtime.block_on(DemoCluster::start(settings)).unwrap();
        let house = House::before(&cluster.server_url());
        house.put("ca.crt", cluster.ca_pem());
        house.put("prod.token", cluster.token().expose_secret());
        house.change(
            "credential: {tokenFile",
            "certificateAuthority: {file: ca.crt}\n    credential: {tokenFile",
        );
        Self { house, cluster, _runtime: runtime }
    }

    /// The same where the credential has these rights only.
    fn giving(rules: impl Into<Vec<RbacRule>>) -> Self {
        let street = Self::new();
        street.cluster.set_rules(rules.into());
        street
    }
}

/// Exit code, what stdout says of the clusters, and stderr.
fn dial(house: &House, more: &[&str]) -> (i32, String, String) {
    let config = house.path("config.yaml");
    let arguments = [&["check", "--config", config.to_str().unwrap(), "--dial"], more].concat();
    let Ended { code, stdout, stderr } = Execgate::run(&arguments);
    let (_, tried) = stdout.split_once("Clusters, tried now\n").unwrap_or_default();
    (code.unwrap(), house.without_folder(tried), house.without_folder(&stderr))
}

/// What the manifest gives for sessions.
fn sessions() -> RbacRule {
    RbacRule::new("get,create", "pods/exec,pods/attach")
}

fn pods() -> RbacRule {
    RbacRule::new("get,list", "pods")
}

#[test]
fn a_cluster_that_would_work_is_told_with_its_version_the_account_and_its_rights() {
    let Street { house, cluster, .. } = &Street::new();
    let (code, stdout, stderr) = dial(house, &[]);
    assert_eq!((code, stderr.as_str()), (0, ""), "{stdout}");
    let server = cluster.server_url();
    for line in [
        "  prod: would work",
        &format!("    {server} answers, Kubernetes v1.36.3; its certificate is right"),
        "    execgate may exec, attach and read pods in every namespace",
        "    execgate may list namespaces",
        "The cluster would work.",
    ] {
        assert!(stdout.contains(&format!("{line}\n")), "no line {line:?} in\n{stdout}");
    }
    let account = format!("    execgate is {ACCOUNT} there, with a token that ends on ");
    assert!(stdout.contains(&account) && stdout.contains(" (in 36"), "{stdout}");
    let token = cluster.token();
    assert!(token.expose_secret().split('.').all(|part| !stdout.contains(part)), "{stdout}");
}

#[test]
fn a_right_that_is_missing_is_named_with_the_command_that_gives_it() {
    let Street { house, .. } =
        &Street::giving([RbacRule::new("get", "pods/exec"), RbacRule::new("get,create", "pods/attach")]);
    let (code, stdout, stderr) = dial(house, &[]);
    assert_eq!(code, 1);
    let words = "cluster prod: execgate may not exec in every namespace: it lacks create on pods/exec; grant it with: execgate rbac | kubectl apply -f -; if it is meant for some namespaces only, name them in the rules, or here with --namespace\n";
    assert_eq!(stderr, words);
    for line in [
        "  prod: would not work",
        "    execgate may attach in every namespace",
        "    execgate may not read pods in every namespace; nothing in the configuration needs it",
        "1 of 1 would not work.",
    ] {
        assert!(stdout.contains(&format!("{line}\n")), "no line {line:?} in\n{stdout}");
    }
}

#[test]
fn rights_in_the_namespaces_that_the_policy_names_are_enough() {
    let rules = [sessions().in_namespace("team-a"), pods().in_namespace("team-a")];
    let Street { house, .. } = &Street::giving(rules);
    let (code, _, stderr) = dial(house, &[]);
    assert_eq!((code, stderr.contains("in every namespace")), (1, true), "{stderr}");
    // Asked about that one alone, or with a policy that names it.
    let (code, stdout, stderr) = dial(house, &["--namespace", "team-a"]);
    assert_eq!((code, stderr.as_str()), (0, ""), "{stdout}");
    assert!(stdout.contains("    execgate may exec, attach and read pods in namespace team-a\n"), "{stdout}");
    house.put(
        "config.yaml",
        &std::fs::read_to_string(house.path("config.yaml")).unwrap().replace(
            "    verbs: [exec, attach]\n",
            "    verbs: [exec, attach]\n    namespaces: [team-a, team-b]\n",
        ),
    );
    let (code, _, stderr) = dial(house, &[]);
    assert_eq!(code, 1);
    let words = "cluster prod: execgate may not exec in namespace team-b: it lacks get and create on pods/exec\n\
         cluster prod: execgate may not attach in namespace team-b: it lacks get and create on pods/attach; grant it with: execgate rbac --namespace team-b | kubectl apply -f -\n";
    assert_eq!(stderr, words);
}

#[test]
fn rights_that_execgate_never_uses_are_warned_about() {
    let rules = [sessions(), RbacRule::new("get,list", "secrets"), RbacRule::new("create", "pods")];
    let Street { house, cluster, .. } = &Street::giving(rules);
    let (code, _, stderr) = dial(house, &[]);
    let warning = |what: &str| {
        format!(
            "warning: cluster prod: execgate's credential may also {what}, which execgate never does, but whoever steals it could; use an account that has no more than `execgate rbac` gives\n"
        )
    };
    assert_eq!((code, stderr), (0, warning("read secrets and create pods")));
    cluster.set_rules(vec![RbacRule::new("*", "*")]);
    assert_eq!(dial(house, &[]).2, warning("do everything"));
}

#[test]
fn where_users_are_impersonated_each_user_and_group_must_be_allowed() {
    let impersonate = |kind: &str, names: &[&str]| RbacRule::new("impersonate", kind).named(names);
    let Street { house, cluster, .. } = &Street::giving([impersonate("users", &["alice"])]);
    house.change("credential: {tokenFile", "impersonate: true\n    credential: {tokenFile");
    let (code, _, stderr) = dial(house, &[]);
    let words = "cluster prod: execgate may not impersonate user \"bob\"; name them under resourceNames in what `execgate rbac --impersonation` prints, and apply it\n";
    assert_eq!((code, stderr.as_str()), (1, words));
    cluster.set_rules(vec![impersonate("users", &["alice", "bob"])]);
    let (code, stdout, stderr) = dial(house, &[]);
    assert_eq!((code, stderr.as_str()), (0, ""));
    assert!(stdout.contains("execgate may impersonate every user and group of the users files;"), "{stdout}");
    cluster.set_rules(vec![RbacRule::new("impersonate", "users,groups")]);
    let (code, _, stderr) = dial(house, &[]);
    assert_eq!((code, stderr.matches("may impersonate anybody").count()), (0, 1), "{stderr}");
}

#[test]
fn a_cluster_that_can_not_be_judged_is_told_with_what_to_change() {
    let says = |house: &House, parts: &[&str]| {
        let (code, stdout, stderr) = dial(house, &[]);
        assert_eq!((code, stdout.as_str()), (1, "  prod: would not work\n\n1 of 1 would not work.\n"));
        for part in parts {
            assert!(stderr.contains(part), "no {part:?} in\n{stderr}");
        }
        assert_eq!(
            stderr.matches("warning: cluster prod is reached without TLS").count() + 1,
            stderr.lines().count()
        );
    };
    let address = servers::nobody();
    says(
        &House::before(&format!("http://{address}")),
        &["cannot reach the API server of cluster prod; check its server: cannot connect to", "refused"],
    );
    let html = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n<h1>Log in</h1>";
    says(
        &House::before(&format!("http://{}", servers::answering(html))),
        &[
            "what stands at the address of cluster prod does not answer as an API server: to GET /version it said 200 with text/html and \"<h1>Log in</h1>\"",
        ],
    );
    let tls = "HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n";
    says(
        &House::before(&format!("http://{}", servers::answering(tls))),
        &["Client sent an HTTP request to an HTTPS server."],
    );
}

#[test]
fn a_certificate_that_is_not_believed_is_told_with_the_reason() {
    let ours = Authority::new(NOW);
    for (authority, years, words) in [
        (&Authority::named("another", NOW), NOW, "certificateAuthority is the server's own"),
        (&ours, PAST, "it expired on 2021-01-01"),
    ] {
        let certificate = authority.certify("127.0.0.1", years);
        let house = House::before(&format!("https://{}", servers::showing(&certificate)));
        house.put("ca.crt", ours.pem());
        house.change(
            "credential: {tokenFile",
            "certificateAuthority: {file: ca.crt}\n    credential: {tokenFile",
        );
        let (code, _, stderr) = dial(&house, &[]);
        assert_eq!((code, stderr.contains("cluster prod") && stderr.contains(words)), (1, true), "{stderr}");
    }
}

#[test]
fn a_token_that_is_refused_is_told_with_its_file_and_its_end_but_not_itself() {
    let Street { house, cluster, .. } = &Street::new();
    cluster.rotate_token();
    let (code, _, stderr) = dial(house, &[]);
    let words = "cluster prod does not accept execgate's credential, the token in the file prod.token: it answered 401 and \"Unauthorized\"; renew it or check that it belongs to this cluster\n";
    assert_eq!((code, stderr.as_str()), (1, words));
    let [head, claims] =
        ["{}", "{\"exp\":1600000000,\"sub\":\"x\"}"].map(|part| BASE64_URL_SAFE_NO_PAD.encode(part));
    house.put("prod.token", &format!("{head}.{claims}.c2lnbmF0dXJl"));
    let (code, _, stderr) = dial(house, &[]);
    let words = "cluster prod does not accept execgate's credential, the token in the file prod.token: the token ended on 2020-09-13 12:26 UTC; put a new one there, as of kubectl -n execgate create token execgate --duration=24h\n";
    assert_eq!((code, stderr.as_str()), (1, words));
    std::fs::remove_file(house.path("prod.token")).unwrap();
    let (code, _, stderr) = dial(house, &[]);
    assert_eq!(code, 1);
    assert!(stderr.contains("clusters[0].credential.tokenFile: prod.token: no such file"), "{stderr}");
}
