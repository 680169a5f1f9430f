//! Services that are asked which pod is meant.

use std::path::PathBuf;
use std::time::Duration;

use execgate::cluster::Fault;
use execgate::resolve::{ResolverError, ServiceError};
use serde_json::{Value, json};

use super::super::*;
use super::rude::{Rude, answer};

const POD: &str = r#"{"kind":"Pod","metadata":{"name":"job-17"},"spec":{"containers":[{"name":"app"},{"name":"proxy"}]},
    "status":{"phase":"Running","containerStatuses":[{"name":"app","state":{"running":{}}}]}}"#;
const MEANT: &str = r#"{"namespace":"team-a","pod":"job-17","container":"app"}"#;

fn at(service: &Rude) -> ServiceSettings {
    super::super::service(&format!("http://{}/v1/resolve/", service.address))
}

/// What the service's answer becomes, before a cluster that has the pod.
async fn asked(reply: String) -> Result<Found, ResolveError> {
    let (service, cluster) = (Rude::start(vec![reply]).await, Rude::start(vec![answer("200 OK", POD)]).await);
    House::plain(cluster.address).find(Find::Http(at(&service)), &[]).await
}

#[tokio::test]
async fn a_service_is_told_who_asks_for_what_and_its_pod_is_looked_at() {
    let (mut service, mut cluster) =
        (Rude::start(vec![answer("200 OK", MEANT)]).await, Rude::start(vec![answer("200 OK", POD)]).await);
    let house = House::plain(cluster.address);
    let secret = house.write("secret", &format!("{SECRET}\n"));
    let settings = ServiceSettings { secret: Some(CredentialSettings::TokenFile(secret)), ..at(&service) };
    let found = house.find(Find::Http(settings), &[("jobId", "17, or what?")]).await.unwrap();
    assert_eq!(opened(&found).unwrap(), ("job-17".to_owned(), "app".to_owned()));
    let question = service.seen().await;
    assert_eq!(question.head.lines().next().unwrap(), "POST /v1/resolve/ HTTP/1.1");
    assert_eq!(question.header("authorization"), Some(&*format!("Bearer {SECRET}")));
    assert_eq!(question.header("content-type"), Some("application/json"));
    assert_eq!(
        serde_json::from_str::<Value>(&question.body).unwrap(),
        json!({
            "user": "alice",
            "groups": ["people", "on-call"],
            "cluster": "alpha",
            "captures": {"user": "alice", "namespace": "workloads", "jobId": "17, or what?"},
        })
    );
    let read = cluster.seen().await;
    assert_eq!(read.head.lines().next().unwrap(), "GET /api/v1/namespaces/team-a/pods/job-17 HTTP/1.1");
    assert_eq!(read.header("authorization"), Some(&*format!("Bearer {TOKEN}")));
}

#[tokio::test]
async fn a_pod_that_the_service_names_is_not_named_to_those_who_may_not_open_it() {
    let found = asked(answer("200 OK", MEANT)).await.unwrap();
    let error = choose(&found, |_, _| false).unwrap_err();
    assert_eq!(error.for_user(), "cluster \"alpha\" has no pod for this address that you may open");
}

#[tokio::test]
async fn a_no_is_told_in_the_services_own_words() {
    let no = |status: &str| answer(status, r#"{"message":"job 17 is over\nsince noon"}"#);
    for (status, code) in [("403 Forbidden", 403), ("404 Not Found", 404)] {
        let error = asked(no(status)).await.unwrap_err();
        assert_eq!((error.http_status(), error.fault()), (code, Fault::Downstream));
        assert_eq!(error.for_user(), format!("scow refused ({code}): job 17 is over since noon"));
    }
    let error = asked(answer("404 Not Found", "404 page not found")).await.unwrap_err();
    assert_eq!(error.for_user(), "scow knows no pod for this address");
}

#[tokio::test]
async fn what_is_no_usable_answer_is_for_the_administrator_and_reaches_no_cluster() {
    let elsewhere = r#"{"namespace":"team-a","pod":"job-17","cluster":"beta"}"#;
    for reply in [
        answer("200 OK", "<html>"),
        answer("200 OK", r#"{"namespace":"../..","pod":"job-17"}"#),
        answer("200 OK", elsewhere),
        answer("200 OK", &" ".repeat(65 * 1024)),
        answer("302 Found\r\nLocation: http://127.0.0.1/", ""),
        answer("500 Internal Server Error", r#"{"message":"node-1 is down"}"#),
        "SSH-2.0\r\n\r\n".to_owned(),
    ] {
        let (service, mut cluster) = (Rude::start(vec![reply.clone()]).await, Rude::start(Vec::new()).await);
        let error = House::plain(cluster.address).find(Find::Http(at(&service)), &[]).await.unwrap_err();
        assert_eq!((error.http_status(), error.fault()), (502, Fault::Upstream), "{reply:?}");
        assert!(error.for_user().starts_with("scow "), "{}", error.for_user());
        assert!(cluster.is_alone());
    }
}

#[tokio::test]
async fn a_secret_that_is_refused_is_execgates_affair() {
    let error = asked(answer("401 Unauthorized", "who?")).await.unwrap_err();
    assert!(
        matches!(error, ResolveError::Service { source: ServiceError::SecretRefused { .. }, .. }),
        "{error:?}"
    );
    assert_eq!((error.http_status(), error.fault()), (502, Fault::Ours));
}

#[tokio::test]
async fn a_service_that_is_silent_or_stops_in_the_middle_runs_into_its_timeout() {
    let half = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{".to_owned();
    let service = Rude::start(vec![String::new(), half]).await;
    let house = House::new("http://127.0.0.1:1");
    for _ in 0..2 {
        let settings = ServiceSettings { timeout: Duration::from_millis(200), ..at(&service) };
        let error = house.find(Find::Http(settings), &[]).await.unwrap_err();
        assert_eq!(error.http_status(), 504, "{error:?}");
        assert!(error.for_user().starts_with("scow did not say in time"), "{}", error.for_user());
    }
}

#[tokio::test]
async fn a_service_that_is_not_there_is_told_as_such() {
    let address = Rude::start(Vec::new()).await.address;
    let settings = service(&format!("http://{address}/"));
    let error = House::new("http://127.0.0.1:1").find(Find::Http(settings), &[]).await.unwrap_err();
    assert!(
        matches!(
            error,
            ResolveError::Service { source: ServiceError::Connect(_) | ServiceError::Broken(_), .. }
        ),
        "{error:?}"
    );
    assert_eq!(error.http_status(), 502);
}

#[test]
fn a_secret_that_is_not_there_stops_the_start_and_one_that_is_there_is_never_shown() {
    let house = House::new("http://127.0.0.1:1");
    let with = |path: PathBuf| {
        let secret = Some(CredentialSettings::TokenFile(path));
        let service = ServiceSettings { secret, ..service("http://127.0.0.1:1/") };
        Resolver::new(settings(Find::Http(service)))
    };
    let error = with("/nowhere/secret".into()).unwrap_err();
    assert!(matches!(error, ResolverError::Secret { .. }), "{error:?}");
    assert!(chain(&error).contains("target resolver scow"), "{}", chain(&error));
    assert!(!format!("{:?}", with(house.write("secret", SECRET)).unwrap()).contains(SECRET));
}
