//! Every row of the table of refusals before the 101, and what becomes of it behind a translator.

use execgate::demo::{DemoCluster, Fault, RbacRule, Right};

use crate::support::ask::{Answer, Ask, PIPES};
use crate::support::clusters::cluster;

const V4: &str = "v4.channel.k8s.io";
const V5: &str = "v5.channel.k8s.io";

fn exec(cluster: &DemoCluster, pod: &str, query: &str) -> Ask {
    let target = format!("/api/v1/namespaces/default/pods/{pod}/exec?command=true&{query}");
    Ask::new(cluster, "GET", target).upgrade().offer(V4)
}

fn assert_status(answer: &Answer, code: u16, reason: &str, message: &str) {
    let status = answer.json();
    assert_eq!(answer.code(), code, "{answer:?}");
    assert_eq!((status["code"].as_u64(), status["kind"].as_str()), (Some(code.into()), Some("Status")));
    assert_eq!(status["reason"].as_str().unwrap_or_default(), reason);
    assert_eq!(status["message"], message);
    assert!(answer.head.contains("content-type: application/json"));
}

fn assert_text(answer: &Answer, code: u16, body: &str) {
    assert_eq!(answer.code(), code, "{answer:?}");
    assert_eq!(answer.body.trim_end(), body);
    assert!(answer.head.contains("content-type: text/plain"));
    assert!(answer.head.contains("connection: close"));
}

#[tokio::test]
async fn no_token_and_a_bad_one_are_401() {
    let cluster = cluster().await;
    let ask = || exec(&cluster, "nosuch", "").without("Authorization");
    for ask in [ask(), ask().header("Authorization", "Bearer no"), ask().header("Authorization", "Basic no")]
    {
        let answer = ask.refused().await;
        assert_status(&answer, 401, "Unauthorized", "Unauthorized");
    }
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
async fn rbac_refuses_before_anybody_learns_whether_the_pod_exists() {
    let cluster = cluster().await;
    cluster.set_rights(&[Right::Create]);
    let answer = exec(&cluster, "nosuch", PIPES).refused().await;
    let message = "pods \"nosuch\" is forbidden: User \"system:serviceaccount:default:execgate\" cannot get resource \"pods/exec\" in API group \"\" in the namespace \"default\"";
    assert_status(&answer, 403, "Forbidden", message);
    cluster.set_rights(&[Right::Get]);
    let answer = exec(&cluster, "nosuch", PIPES).refused().await;
    assert_status(&answer, 403, "Forbidden", "pods \"nosuch\" is forbidden: ");
}

#[tokio::test]
async fn rbac_judges_the_impersonated_user() {
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
    let message = "users \"bob\" is forbidden: User \"system:serviceaccount:default:execgate\" cannot impersonate resource \"users\" in API group \"\" at the cluster scope";
    assert_status(&answer, 403, "Forbidden", message);
}

#[tokio::test]
async fn what_the_api_server_itself_refuses() {
    let cluster = cluster().await;
    let rows = [
        ("nosuch", PIPES, 404, "NotFound", "pods \"nosuch\" not found"),
        ("web-0", "container=x&stdin=1", 400, "BadRequest", "container x is not valid for pod web-0"),
        (
            "web-0",
            PIPES,
            400,
            "BadRequest",
            "a container name must be specified for pod web-0, choose one of: [app sidecar]",
        ),
        ("pending", PIPES, 400, "BadRequest", "pod pending does not have a host assigned"),
        ("vault", "dryRun=All&stdin=1", 400, "BadRequest", "dryRun is not supported"),
    ];
    for (pod, query, code, reason, message) in rows {
        for offer in [V4, V5] {
            let ask = exec(&cluster, pod, query).without("Sec-WebSocket-Protocol").offer(offer);
            assert_status(&ask.refused().await, code, reason, message);
        }
    }
}

#[tokio::test]
async fn a_plain_get_needs_an_upgrade_but_only_for_a_pod_that_exists() {
    let cluster = cluster().await;
    let plain = |pod| exec(&cluster, pod, PIPES).without("Connection");
    let answer = plain("vault").refused().await;
    assert_status(&answer, 400, "BadRequest", "Upgrade request required");
    assert_eq!(plain("nosuch").refused().await.code(), 404);
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
async fn a_bad_key_or_version_gets_the_words_of_golang_x_net() {
    let cluster = cluster().await;
    let ask = || exec(&cluster, "vault", PIPES);
    let answer = ask().without("Sec-WebSocket-Key").refused().await;
    assert_eq!(
        (answer.head.as_str(), answer.body.as_str()),
        ("HTTP/1.1 400 Bad Request\r\n", "mismatch challenge/response")
    );
    let answer = ask().without("Sec-WebSocket-Version").header("Sec-WebSocket-Version", "8").refused().await;
    assert_eq!(answer.head, "HTTP/1.1 400 Bad Request\r\nSec-WebSocket-Version: 13\r\n");
    assert_eq!(answer.body, "missing or bad WebSocket Version");
}

#[tokio::test]
async fn no_streams_and_a_stopped_container_are_the_kubelets_refusals() {
    let cluster = cluster().await;
    let none = "you must specify at least 1 of stdin, stdout, stderr";
    for query in ["", "stdin=0&stdout=false&stderr=FALSE", "tty=1&stderr=1"] {
        let answer = exec(&cluster, "vault", query).refused().await;
        assert_text(&answer, 400, none);
    }
    let answer = exec(&cluster, "migrate", PIPES).refused().await;
    assert_text(&answer, 500, "container not found (\"app\")");
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
        assert_eq!(answer.head.contains("retry-after: 60"), code == 429);
    }
    let statuses = [
        (
            Fault::NodeUnreachable,
            500,
            "",
            "error dialing backend: dial tcp 127.0.0.1:10250: connect: connection refused",
        ),
        (Fault::KubeletRedirects, 500, "", "invalid upgrade response: status code 302"),
        (Fault::NodeMissing, 404, "NotFound", "nodes \"node-1\" not found"),
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
async fn behind_a_translator_the_nodes_refusals_come_as_statuses_after_the_101() {
    let cluster = cluster().await;
    let late = |pod: &'static str, query: &'static str, fault| {
        cluster.set_fault(fault);
        let ask = exec(&cluster, pod, query).without("Sec-WebSocket-Protocol");
        async {
            let mut session = ask.offer(V5).open().await;
            let transcript = session.transcript().await;
            assert_eq!((transcript.closes, transcript.last), (vec![vec![3, 0xe8]], 0x88));
            let [status] = transcript.statuses.try_into().unwrap();
            let status: serde_json::Value = serde_json::from_str(&status).unwrap();
            assert_eq!((&status["code"], &status["reason"]), (&500.into(), &"InternalError".into()));
            status["message"].as_str().unwrap().to_owned()
        }
    };
    assert_eq!(
        late("migrate", PIPES, None).await,
        "Internal error occurred: unable to upgrade connection: container not found (\"app\")"
    );
    assert_eq!(
        late("vault", "", None).await,
        "Internal error occurred: unable to upgrade connection: you must specify at least 1 of stdin, stdout, stderr"
    );
    assert_eq!(
        late("vault", "stdin=1", Some(Fault::NodeUnreachable)).await,
        "Internal error occurred: error sending request: Post \"https://127.0.0.1:10250/exec/default/vault/app?command=true&stdin=1\": dial tcp 127.0.0.1:10250: connect: connection refused"
    );
    assert_eq!(
        late("vault", PIPES, Some(Fault::KubeletLacksPod)).await,
        "Internal error occurred: unable to upgrade connection: pod does not exist"
    );
}
