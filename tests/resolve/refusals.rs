//! API servers that answer otherwise than one hopes, and what is asked of them.

use std::time::Duration;

use execgate::cluster::Fault;
use execgate::resolve::{BodyError, Choice, Speaker};
use serde_json::json;

use super::super::*;
use super::rude::{Rude, answer};

fn page(names: &[&str], resume: &str) -> String {
    let pods = names.iter().map(|name| {
        json!({"metadata": {"name": name}, "spec": {"containers": [{"name": "app"}]}, "status": {"phase": "Running"}})
    });
    let items: Vec<_> = pods.collect();
    let list =
        json!({"kind": "PodList", "apiVersion": "v1", "metadata": {"continue": resume}, "items": items});
    answer("200 OK", &list.to_string())
}

#[tokio::test]
async fn a_list_is_asked_for_in_pages_with_the_selector_escaped() {
    let mut server = Rude::start(vec![page(&["a"], "x/y="), page(&["b"], "")]).await;
    let house = House::plain(server.address);
    let find = labels("example.com/app={name},user={user}", Choice::NewestReady);
    let found = house.find(find, &[("name", "w_e.b")]).await.unwrap();
    assert_eq!(names(&found), ["a", "b"]);
    let asked = "GET /api/v1/namespaces/workloads/pods?limit=100&labelSelector=example%2Ecom%2Fapp%3Dw%5Fe%2Eb%2Cuser%3Dalice";
    let first = server.seen().await;
    assert_eq!(first.head.lines().next().unwrap(), format!("{asked} HTTP/1.1"));
    assert_eq!(first.header("authorization"), Some(&*format!("Bearer {TOKEN}")));
    assert_eq!(first.header("impersonate-user"), None);
    assert_eq!(
        server.seen().await.head.lines().next().unwrap(),
        format!("{asked}&continue=x%2Fy%3D HTTP/1.1")
    );
}

#[tokio::test]
async fn where_the_cluster_judges_users_it_is_asked_in_the_users_name() {
    let refused = answer("403 Forbidden", r#"{"kind":"Status","message":"pods is forbidden on node-1"}"#);
    let mut server = Rude::start(vec![refused]).await;
    let house = House::plain(server.address).with(|settings| settings.impersonate = true);
    let error = house.find(labels("app=web", Choice::Only), &[]).await.unwrap_err();
    let seen = server.seen().await;
    assert_eq!(seen.header("impersonate-user"), Some("alice"));
    assert_eq!(seen.head.matches("impersonate-group: ").count(), 2);
    assert!(matches!(error, ResolveError::Refused { code: 403, speaker: Speaker::User, .. }), "{error:?}");
    assert_eq!((error.http_status(), error.fault()), (403, Fault::Downstream));
}

#[tokio::test]
async fn an_endless_list_is_refused() {
    let names: Vec<String> = (0..100).map(|number| format!("p{number}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let server = Rude::start(vec![page(&names, "on"); 10]).await;
    let error = House::plain(server.address).find(labels("app=web", Choice::Only), &[]).await.unwrap_err();
    assert!(matches!(error, ResolveError::TooMany { limit: 1000, .. }), "{error:?}");
    assert!(error.for_user().contains("more than 1000 pods"));
}

#[tokio::test]
async fn what_is_no_list_and_no_pod_is_told_as_nonsense() {
    let odd = ["<html>", "{}", r#"{"kind":"Status"}"#, r#"{"kind":"PodList","items":[{"metadata":{}}]}"#];
    let server = Rude::start(odd.map(|body| answer("200 OK", body)).to_vec()).await;
    let house = House::plain(server.address);
    for find in [labels("app=web", Choice::Only), named("a"), named("a"), labels("app=web", Choice::Only)] {
        let error = house.find(find, &[]).await.unwrap_err();
        assert!(matches!(error, ResolveError::Body { source: BodyError::Json(_), .. }), "{error:?}");
        assert_eq!((error.http_status(), error.fault()), (502, Fault::Upstream));
    }
}

#[tokio::test]
async fn an_answer_that_is_too_long_is_not_read_to_its_end() {
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n{}", " ".repeat(5 * 1024 * 1024));
    let server = Rude::start(vec![head]).await;
    let error = House::plain(server.address).find(named("a"), &[]).await.unwrap_err();
    assert!(matches!(error, ResolveError::Body { source: BodyError::TooLarge { .. }, .. }), "{error:?}");
}

#[tokio::test]
async fn a_cluster_that_is_silent_broken_or_busy_is_told_as_such() {
    let script =
        vec![answer("500 Internal Server Error", "oh"), answer("429 Too Many Requests", ""), String::new()];
    let server = Rude::start(script).await;
    let house = House::plain(server.address).with(|settings| {
        settings.connect_timeout = Duration::from_millis(200);
    });
    for code in [502, 429, 504] {
        let error = house.find(named("a"), &[]).await.unwrap_err();
        assert_eq!(error.http_status(), code, "{error:?}");
        assert!(error.for_user().contains("cluster \"alpha\""), "{}", error.for_user());
    }
}
