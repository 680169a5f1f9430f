//! Lists as API servers write them, whole and in pieces.

use std::sync::Arc;

use proptest::prelude::*;
use serde_json::json;

use super::super::testing::{granted_to, pods_granted_to};
use super::*;
use crate::target::Resource;

fn filter_for(grant: ReadGrant) -> Filter {
    Filter::new(Pages { grant, seal: Arc::new(Seal::new()) })
}

fn filtered(grant: ReadGrant, text: &str) -> Result<String, FilterError> {
    let mut filter = filter_for(grant);
    let out = filter.push(text.as_bytes())?;
    filter.finish()?;
    Ok(String::from_utf8(out.to_vec()).unwrap())
}

fn pods(text: &str) -> Value {
    serde_json::from_str(&filtered(pods_granted_to("alice"), text).unwrap()).unwrap()
}

fn pod(name: &str, containers: &[&str]) -> Value {
    let containers: Vec<Value> = containers.iter().map(|name| json!({"name": name})).collect();
    json!({"metadata": {"name": name, "namespace": "default", "annotations": {"a": "]}\\\""}},
           "spec": {"containers": containers}, "status": {"phase": "Running"}})
}

fn pod_list(items: &[Value]) -> String {
    json!({"kind": "PodList", "apiVersion": "v1", "metadata": {"resourceVersion": "7"}, "items": items})
        .to_string()
}

fn row(name: &str) -> Value {
    json!({"cells": [name, "1/1", 0, null], "object": {"kind": "PartialObjectMetadata",
           "metadata": {"name": name, "namespace": "default"}}})
}

#[test]
fn pods_that_are_not_shown_are_left_out_and_the_others_stay_as_they_are() {
    let (web, vault, half) = (pod("web-0", &["app"]), pod("vault", &["app"]), pod("half", &["proxy", "app"]));
    let list = pods(&pod_list(&[vault.clone(), web.clone(), vault.clone(), half.clone(), vault]));
    assert_eq!(list["items"], json!([web, half]));
    assert_eq!((&list["kind"], &list["metadata"]), (&json!("PodList"), &json!({"resourceVersion": "7"})));
    assert_eq!(pods(&pod_list(&[pod("half", &["proxy"])]))["items"], json!([]));
}

#[test]
fn rows_of_a_table_are_judged_by_the_object_that_they_are_about() {
    let table = json!({"kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": {},
        "columnDefinitions": [{"name": "Name"}], "rows": [row("vault"), row("web-0"), row("half")]});
    let shown = pods(&table.to_string());
    assert_eq!(shown["rows"], json!([row("web-0"), row("half")]));
    assert_eq!(shown["columnDefinitions"], json!([{"name": "Name"}]));
}

#[test]
fn namespaces_are_judged_by_name() {
    let item = |name: &str| json!({"metadata": {"name": name}, "spec": {"finalizers": ["kubernetes"]}});
    let list =
        json!({"kind": "NamespaceList", "items": [item("default"), item("kube-system"), item("team-a")]});
    let shown = filtered(granted_to("alice", Resource::Namespaces), &list.to_string()).unwrap();
    let shown: Value = serde_json::from_str(&shown).unwrap();
    assert_eq!(shown["items"], json!([item("default"), item("team-a")]));
}

#[test]
fn what_cannot_be_judged_is_not_shown() {
    for item in [
        r#"{"metadata":{"name":"vault","name":"web-0","namespace":"default"}}"#,
        r#"{"metadata":{"name":"web-0","namespace":"kube-system"}}"#,
        r#"{"metadata":{"name":"web-0"}}"#,
        r#"{"metadata":{"namespace":"default"}}"#,
        r#"{"metadata":{"name":"../web-0","namespace":"default"}}"#,
        r#"{"metadata":{"name":"web-0","namespace":"default"},"spec":{"containers":[{}]}}"#,
        "null",
        "\"web-0\"",
        "7",
        "[]",
        "{]",
    ] {
        let list = format!(r#"{{"items":[{item},{item}]}}"#);
        assert_eq!(pods(&list)["items"], json!([]), "{item}");
        let table = format!(r#"{{"rows":[{{"object":{item}}},{item}]}}"#);
        if item != "{]" {
            assert_eq!(pods(&table)["rows"], json!([]), "{item}");
        }
    }
}

#[test]
fn how_many_follow_is_not_told_and_where_to_go_on_only_sealed() {
    let grant = pods_granted_to("alice");
    let mut filter = filter_for(grant);
    let page = json!({"metadata": {"continue": "start-of-vault", "remainingItemCount": 3, "resourceVersion": "7"},
        "items": []});
    let out = filter.push(page.to_string().as_bytes()).unwrap();
    let out: Value = serde_json::from_slice(&out).unwrap();
    let sealed = out["metadata"]["continue"].as_str().unwrap();
    assert!(!out.to_string().contains("start-of-vault"));
    assert_eq!(filter.pages.seal.open(&filter.pages.grant, sealed).as_deref(), Some("start-of-vault"));
    assert_eq!(out["metadata"]["remainingItemCount"], Value::Null);
    assert_eq!(
        pods(r#"{"metadata":{"continue":""},"items":null}"#),
        json!({"metadata": {"continue": ""}, "items": null})
    );
}

#[test]
fn the_status_of_an_expired_page_has_its_place_to_go_on_sealed() {
    let pages = Pages { grant: pods_granted_to("alice"), seal: Arc::new(Seal::new()) };
    let expired = json!({"kind": "Status", "status": "Failure", "metadata": {"continue": "start-of-vault"},
        "reason": "Expired", "code": 410});
    let told: Value = serde_json::from_slice(&pages.status(expired.to_string().as_bytes()).unwrap()).unwrap();
    let sealed = told["metadata"]["continue"].as_str().unwrap();
    assert_eq!(pages.seal.open(&pages.grant, sealed).as_deref(), Some("start-of-vault"));
    assert_eq!((&told["reason"], &told["code"]), (&json!("Expired"), &json!(410)));
    assert_eq!(pages.status(b"404 page not found"), None);
    assert_eq!(pages.status(b"{\"kind\":\"Pod\"}"), None);
    let late = pages.status(br#"{"status":"Failure","message":"Timeout","code":504}"#).unwrap();
    let late: Value = serde_json::from_slice(&late).unwrap();
    assert_eq!((&late["kind"], &late["message"]), (&json!("Status"), &json!("Timeout")));
}

#[test]
fn fields_that_are_not_known_are_left_out_whatever_they_are_called() {
    let secret = pod("vault", &["app"]).to_string();
    let list = format!(
        r#"{{"x":{secret},"ite\u006ds":[{secret}],"Items":[{secret}],"items":[],"rows":[{secret}],"y":1,"z":null}}"#
    );
    assert_eq!(
        filtered(pods_granted_to("alice"), &list).unwrap(),
        "{\"items\":[],\"items\":[],\"rows\":[]}\n"
    );
}

#[test]
fn what_is_no_whole_list_is_an_error() {
    for text in [
        "",
        "{",
        "[]",
        "null",
        "<html>",
        r#"{"items":[]"#,
        r#"{"items":[{"metadata":"#,
        r#"{"items":{}}"#,
        r#"{"items":"[]"}"#,
        r#"{"kind":tru}"#,
        r#"{"metadata":[]}"#,
        r#"{"items":[]}}"#,
        r#"{"items":[]}{"#,
        "{kind:1}",
    ] {
        assert!(filtered(pods_granted_to("alice"), text).is_err(), "{text}");
    }
}

#[test]
fn nothing_is_held_without_bound() {
    let long = "x".repeat(OBJECT_LIMIT);
    let held = |text: String| filtered(pods_granted_to("alice"), &text).unwrap_err();
    assert!(matches!(
        held(format!(r#"{{"items":["{long}"]}}"#)),
        FilterError::TooLarge { limit: OBJECT_LIMIT }
    ));
    assert!(matches!(held(format!(r#"{{"kind":"{long}"}}"#)), FilterError::TooLarge { limit: FIELD_LIMIT }));
    assert!(matches!(held(format!(r#"{{"{long}":1}}"#)), FilterError::TooLarge { limit: FIELD_LIMIT }));
    assert_eq!(pods(&format!(r#"{{"unknown":"{long}{long}"}}"#)), json!({}));
}

proptest! {
    #[test]
    fn pieces_make_no_difference(cuts in proptest::collection::vec(1_usize..40, 1..60), spaces in "[ \n\t]{0,3}") {
        let list = json!({"kind": "PodList", "metadata": {"resourceVersion": "1"}, "extra": [{"a": "]"}, 1.5],
            "items": [pod("vault", &["app"]), pod("web-0", &["app", "b"]), pod("half", &["proxy"])], "rows": [row("web-0")]});
        let text = list.to_string().replace(',', &format!("{spaces},{spaces}"));
        let whole = filtered(pods_granted_to("alice"), &text).unwrap();
        let mut filter = filter_for(pods_granted_to("alice"));
        let (mut out, mut rest) = (Vec::new(), text.as_bytes());
        for cut in cuts.iter().cycle() {
            if rest.is_empty() {
                break;
            }
            let (piece, after) = rest.split_at((*cut).min(rest.len()));
            out.extend_from_slice(&filter.push(piece).unwrap());
            rest = after;
        }
        filter.finish().unwrap();
        prop_assert_eq!(String::from_utf8(out).unwrap(), whole);
    }

    #[test]
    fn no_input_makes_it_write_what_is_not_json(text in r#"[\[\]{}",:a1 \\]{0,60}"#) {
        if let Ok(out) = filtered(pods_granted_to("alice"), &text) {
            prop_assert!(serde_json::from_str::<Value>(&out).is_ok(), "{out}");
        }
    }
}
