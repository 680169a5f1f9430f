//! Several clusters at once: each session reaches the cluster that it names, with that cluster's credential and nothing of the client's.

use execgate::demo::{DemoCluster, RbacRule, SeenRequest};
use secrecy::ExposeSecret as _;

use crate::support::ask::{Ask, PIPES};
use crate::support::clusters::{cluster, cluster_named, cluster_over_tls};
use crate::support::gate::Gate;
use crate::support::setup::{ALICE, BOB, Setup};

const V4: &str = "v4.channel.k8s.io";
const V5: &str = "v5.channel.k8s.io";

/// Every header of an upgrade, in the alphabet's order.
const HEADERS: [&str; 8] = [
    "authorization",
    "connection",
    "host",
    "sec-websocket-key",
    "sec-websocket-protocol",
    "sec-websocket-version",
    "upgrade",
    "user-agent",
];

fn names(request: &SeenRequest) -> Vec<&str> {
    let mut names: Vec<&str> = request.headers.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    names
}

fn values<'a>(request: &'a SeenRequest, name: &'a str) -> Vec<&'a str> {
    request.header(name).collect()
}

fn bearer(cluster: &DemoCluster) -> String {
    format!("Bearer {}", cluster.token().expose_secret())
}

#[tokio::test]
async fn each_session_is_on_its_own_cluster_with_that_clusters_credential() {
    let (alpha, beta) = tokio::join!(cluster_over_tls("alpha"), cluster_over_tls("beta"));
    let gate = Gate::start(Setup::new().cluster(&alpha).cluster(&beta)).await;
    let ask = || Ask::script(&gate, "echo $PS1; cat").offer(V5);
    let (mut default, mut first, mut second) =
        tokio::join!(ask().open(), ask().of_cluster("alpha").open(), ask().of_cluster("beta").open());
    for (session, name) in [(&mut default, "alpha"), (&mut first, "alpha"), (&mut second, "beta")] {
        assert_eq!(session.until("\n").await, format!("{name}/web-0/app $\n"));
        session.type_in(name).await;
        session.until(name).await;
    }
    for session in [&mut default, &mut first, &mut second] {
        session.send(&[255, 0]).await;
        assert_eq!(session.transcript().await.close(), (1000, "exit code 0"));
    }
    for (cluster, count) in [(&alpha, 2), (&beta, 1)] {
        let requests = cluster.requests();
        assert_eq!(requests.len(), count);
        assert!(requests.iter().all(|request| values(request, "authorization") == [bearer(cluster)]));
    }
}

#[tokio::test]
async fn nothing_of_the_clients_request_goes_on_but_what_was_judged() {
    let cluster = cluster_over_tls("alpha").await;
    let gate = Gate::before(&cluster).await;
    let token = "base64url.bearer.authorization.k8s.io.YWxpY2UtdG9rZW4";
    let by_header = Ask::exec(&gate, "command=true&stdout=1").offer(V4);
    let by_subprotocol = by_header.clone().without("Authorization").offer(token);
    let by_cookie = by_header.clone().without("Authorization").header("Cookie", "a=b; gate=alice-token");
    for ask in [by_header, by_subprotocol, by_cookie] {
        let ask = ask
            .header("Impersonate-User", "system:admin")
            .header("impersonate-group", "system:masters")
            .header("IMPERSONATE-EXTRA-scopes", "all")
            .header("X-Remote-User", "system:admin")
            .header("X-Forwarded-For", "10.0.0.1")
            .header("X-Forwarded-Proto", "https")
            .header("Forwarded", "for=10.0.0.1")
            .header("Proxy-Authorization", "Basic YTpi")
            .header("Sec-WebSocket-Extensions", "permessage-deflate")
            .header("User-Agent", "evil/1.0")
            .header("X-Anything", "at all");
        assert_eq!(ask.open().await.transcript().await.close(), (1000, "exit code 0"));
        let request = cluster.requests().pop().unwrap();
        assert_eq!(names(&request), HEADERS);
        assert_eq!(values(&request, "authorization"), [bearer(&cluster)]);
        assert_eq!(values(&request, "host"), [cluster.address().to_string()]);
        assert_eq!(values(&request, "sec-websocket-protocol"), [V4]);
        assert_eq!(values(&request, "user-agent"), [concat!("execgate/", env!("CARGO_PKG_VERSION"))]);
        assert_ne!(values(&request, "sec-websocket-key"), ["dGhlIHNhbXBsZSBub25jZQ=="]);
        assert_eq!(request.path, "/api/v1/namespaces/default/pods/web-0/exec");
        assert_eq!(request.query, "command=true&container=app&stdout=true");
        let everything = request.headers.iter().map(|(_, value)| value.as_str()).collect::<String>();
        assert!(!everything.contains(ALICE) && !everything.contains("YWxpY2"), "{everything}");
    }
}

#[tokio::test]
async fn where_it_is_configured_the_user_is_impersonated_and_nobody_else() {
    let (alpha, beta) = tokio::join!(cluster_named("alpha"), cluster_named("beta"));
    alpha.set_rules(vec![
        RbacRule::new("impersonate", "users,groups"),
        RbacRule::new("get,create", "pods/exec"),
    ]);
    let setup = Setup::new().cluster_with(&alpha, "impersonate: true").cluster(&beta);
    let gate = Gate::start(setup).await;
    let ask = || {
        let ask = Ask::exec(&gate, "command=true&stdout=1").offer(V4);
        ask.header("Impersonate-User", "system:admin").header("Impersonate-Group", "system:masters")
    };
    ask().bearing(BOB).open().await.transcript().await;
    let request = alpha.requests().pop().unwrap();
    assert_eq!(values(&request, "impersonate-user"), ["bob"]);
    assert_eq!(values(&request, "impersonate-group"), ["people"]);
    assert_eq!(names(&request).len(), HEADERS.len() + 2);
    ask().of_cluster("beta").open().await.transcript().await;
    assert_eq!(names(&beta.requests().pop().unwrap()), HEADERS);
}

#[tokio::test]
async fn a_user_reaches_what_the_policy_gives_and_nothing_else_is_asked_of_a_cluster() {
    let (alpha, beta) = tokio::join!(cluster_named("alpha"), cluster_named("beta"));
    let gate = Gate::start(Setup::new().cluster(&alpha).cluster(&beta)).await;
    let bob = |pod: &str| {
        let target = format!("/api/v1/namespaces/default/pods/{pod}/exec?command=true&{PIPES}");
        Ask::new(&gate, "GET", target).upgrade().bearing(BOB).offer(V4)
    };
    for ask in [bob("vault"), bob("web-0").of_cluster("beta"), bob("vault").of_cluster("beta")] {
        assert_eq!(ask.refused().await.code(), 403);
    }
    assert!(alpha.requests().is_empty() && beta.requests().is_empty());
    // A pod with two containers and none named: the API server's own refusal, as it is.
    let answer = bob("web-0").refused().await;
    assert_eq!(answer.code(), 400);
    assert!(answer.message().contains("choose one of: [app sidecar]"), "{}", answer.message());
}

#[tokio::test]
async fn a_token_that_was_rotated_is_used_at_once() {
    let cluster = cluster().await;
    let gate = Gate::before(&cluster).await;
    let run = || Ask::exec(&gate, "command=true&stdout=1").offer(V4);
    assert_eq!(run().open().await.transcript().await.close(), (1000, "exit code 0"));
    let old = bearer(&cluster);
    cluster.rotate_token();
    let answer = run().refused().await;
    assert_eq!(answer.code(), 502, "the file still has the old token");
    assert!(answer.message().contains("execgate's own credential"), "{}", answer.message());
    gate.setup.rotate(&cluster);
    assert_eq!(run().open().await.transcript().await.close(), (1000, "exit code 0"));
    let shown: Vec<String> =
        cluster.requests().iter().map(|request| values(request, "authorization").concat()).collect();
    assert_eq!(shown, [old.clone(), old.clone(), old, bearer(&cluster)]);
}
