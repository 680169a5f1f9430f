//! What is broken on purpose, and what happens to the service account's token.

use execgate::demo::{DemoCluster, DemoSettings, Fault, RbacRule, Right, Translator};

use crate::support::ask::{Answer, Ask, PIPES};
use crate::support::clusters::{cluster, cluster_with};

const V4: &str = "v4.channel.k8s.io";
const V5: &str = "v5.channel.k8s.io";

fn exec(cluster: &DemoCluster, pod: &str, query: &str) -> Ask {
    Ask::pod(cluster, pod, &format!("exec?command=true&{query}")).offer(V4)
}

fn assert_status(answer: &Answer, code: u16, reason: &str, message: &str) {
    let status = answer.json();
    assert_eq!((answer.code(), &status["code"]), (code, &code.into()), "{answer:?}");
    assert_eq!(
        (status["reason"].as_str().unwrap_or_default(), &status["message"]),
        (reason, &message.into())
    );
}

fn assert_text(answer: &Answer, code: u16, body: &str) {
    assert_eq!((answer.code(), answer.body.as_str()), (code, body), "{answer:?}");
    assert_eq!(answer.header("content-type"), Some("text/plain; charset=utf-8"));
}

#[tokio::test]
async fn the_old_token_is_refused_once_it_was_rotated() {
    let cluster = cluster().await;
    let (old, query) = (exec(&cluster, "vault", PIPES), PIPES);
    cluster.rotate_token();
    assert_eq!(old.refused().await.code(), 401);
    exec(&cluster, "vault", query).open().await;
}

#[tokio::test]
async fn rbac_judges_the_impersonated_user_and_the_journal_shows_no_credential() {
    let cluster = cluster().await;
    let impersonation = || RbacRule::new("impersonate", "users,groups").named(&["alice", "developers"]);
    cluster.set_rules(vec![impersonation()]);
    let answer = exec(&cluster, "web-0", PIPES)
        .header("Impersonate-User", "alice")
        .header("Impersonate-Group", "developers")
        .refused()
        .await;
    assert!(answer.message().contains("User \"alice\" cannot get"));
    let seen = cluster.requests().pop().unwrap();
    assert_eq!(seen.header("impersonate-group").collect::<Vec<_>>(), ["developers"]);
    assert!(!format!("{seen:?}").contains("Bearer"));
    let answer = exec(&cluster, "web-0", PIPES).header("Impersonate-Group", "developers").refused().await;
    assert_eq!(answer.code(), 400);
    let answer = exec(&cluster, "web-0", PIPES).header("Impersonate-User", "bob").refused().await;
    let message = "users \"bob\" is forbidden: User \"system:serviceaccount:execgate:execgate\" cannot impersonate resource \"users\" in API group \"\" at the cluster scope";
    assert_status(&answer, 403, "Forbidden", message);
}

#[tokio::test]
async fn a_post_passes_the_same_checks_and_is_told_that_there_is_no_spdy() {
    let cluster = cluster().await;
    let post = |pod: &str| {
        let target = format!("/api/v1/namespaces/default/pods/{pod}/exec?command=true&stdin=1");
        Ask::new(&cluster, "POST", target).header("Upgrade", "SPDY/3.1").header("Connection", "Upgrade")
    };
    assert!(post("vault").refused().await.message().contains("WebSocket only"));
    assert_eq!(post("nosuch").refused().await.code(), 404);
    cluster.set_rights(&[Right::Get]);
    assert!(post("vault").refused().await.message().contains("cannot create"));
}

#[tokio::test]
async fn each_fault_behind_the_api_server_has_its_answer() {
    let cluster = cluster().await;
    let texts = [
        (Fault::KubeletUnauthorized, 401, "Unauthorized"),
        (
            Fault::KubeletForbidden,
            403,
            "Forbidden (user=kube-apiserver-kubelet-client, verb=get, resource=nodes, subresource(s)=[proxy])",
        ),
        (Fault::KubeletLacksPod, 404, "pod does not exist"),
        (
            Fault::RuntimeBusy,
            429,
            "rpc error: code = ResourceExhausted desc = maximum number of in-flight requests exceeded",
        ),
    ];
    for (fault, code, body) in texts {
        cluster.set_fault(Some(fault));
        let answer = exec(&cluster, "vault", PIPES).refused().await;
        assert_text(&answer, code, body);
        assert_eq!(answer.header("retry-after"), (code == 429).then_some("60"));
    }
    let statuses = [
        (
            Fault::NodeUnreachable,
            500,
            "",
            "error dialing backend: dial tcp 127.0.0.1:10250: connect: connection refused",
        ),
        (Fault::KubeletRedirects, 500, "", "invalid upgrade response: status code 302"),
        (Fault::NodeMissing, 404, "NotFound", "pods \"node-1\" not found"),
    ];
    for (fault, code, reason, message) in statuses {
        cluster.set_fault(Some(fault));
        let answer = exec(&cluster, "vault", PIPES).refused().await;
        assert_status(&answer, code, reason, message);
    }
    cluster.set_fault(Some(Fault::AdmissionRefuses));
    assert_eq!(exec(&cluster, "nosuch", PIPES).refused().await.code(), 403);
    cluster.set_fault(None);
    exec(&cluster, "vault", PIPES).open().await;
}

#[tokio::test]
async fn a_fault_behind_the_api_servers_translator_comes_after_the_101() {
    let settings = DemoSettings { translator: Translator::ApiServer, ..DemoSettings::default() };
    let cluster = cluster_with(settings).await;
    for (fault, words) in [
        (Fault::KubeletLacksPod, "unable to upgrade connection: pod does not exist"),
        (Fault::KubeletUnauthorized, "unable to upgrade connection: Unauthorized"),
    ] {
        cluster.set_fault(Some(fault));
        let ask = exec(&cluster, "vault", PIPES).without("Sec-WebSocket-Protocol").offer(V5);
        let status = ask.open().await.transcript().await.status();
        assert_eq!(status["message"], format!("Internal error occurred: {words}"));
    }
}
