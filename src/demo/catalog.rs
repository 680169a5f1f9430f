//! What can be read by plain GET: pods, namespaces, and as much discovery as kubectl needs to find them.

use http::request::Parts;
use http::{HeaderValue, StatusCode, header};
use serde_json::{Value, json};

use super::access::Caller;
use super::documents;
use super::form::Form;
use super::listing::{self, Page};
use super::namespaces;
use super::pods::Pod;
use super::rbac::Attributes;
use super::refusal::{Answer, Refusal, json as json_answer};
use super::state::State;

/// Answers a GET of that path.
pub(super) fn read(
    state: &State,
    head: &Parts,
    segments: &[&str],
    caller: &Caller,
) -> Result<Answer, Refusal> {
    if documents::PATHS.contains(&segments) {
        let form = Form::of(&head.headers, &Form::OF_DISCOVERY)?;
        let (content_type, document) = documents::document(segments, form);
        let mut answer = json_answer(StatusCode::OK, document.to_string().into_bytes());
        answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
        return Ok(answer);
    }
    let asked = Asked { state, head, caller };
    let object = match *segments {
        ["api", "v1", "namespaces"] => {
            asked.list("namespaces", "", namespaces::all(state.settings.workloads), &namespaces::TABLE)
        }
        ["api", "v1", "namespaces", name] => asked.one(
            "namespaces",
            name,
            name,
            namespaces::one(name, state.settings.workloads),
            &namespaces::TABLE,
        ),
        ["api", "v1", "namespaces", namespace, "pods"] => {
            asked.list("pods", namespace, state.pods.list(namespace), &Pod::TABLE)
        }
        ["api", "v1", "namespaces", namespace, "pods", pod] => {
            let found = state.pods.find(namespace, pod).map(Pod::to_json);
            asked.one("pods", namespace, pod, found, &Pod::TABLE)
        }
        _ => Err(Refusal::no_such_resource()),
    };
    Ok(json_answer(StatusCode::OK, object?.to_string().into_bytes()))
}

/// A request for objects.
struct Asked<'a> {
    state: &'a State,
    head: &'a Parts,
    caller: &'a Caller,
}

/// How objects of one kind are listed.
pub(super) struct Table {
    /// What a list of them is called.
    pub(super) list_kind: &'static str,
    /// Names and types of the columns; those with priority 1 are for `-o wide`.
    pub(super) columns: &'static [(&'static str, &'static str, u8)],
    /// The cells of one object.
    pub(super) cells: fn(&Value) -> Vec<Value>,
}

impl Asked<'_> {
    fn list(
        &self,
        resource: &str,
        namespace: &str,
        objects: Vec<Value>,
        table: &Table,
    ) -> Result<Value, Refusal> {
        self.judged(&Attributes::new("list", resource, namespace, ""))?;
        let form = Form::of(&self.head.headers, &Form::OF_OBJECTS)?;
        let Page { objects, metadata } = listing::page(objects, self.query())?;
        Ok(match form {
            Form::Table => table.of(&objects, &metadata, self.query()),
            Form::Plain | Form::Aggregated => {
                let items: Vec<Value> = objects.into_iter().map(as_item).collect();
                json!({"kind": table.list_kind, "apiVersion": "v1", "metadata": metadata, "items": items})
            }
        })
    }

    fn one(
        &self,
        resource: &str,
        namespace: &str,
        name: &str,
        found: Option<Value>,
        table: &Table,
    ) -> Result<Value, Refusal> {
        self.judged(&Attributes::new("get", resource, namespace, name))?;
        let form = Form::of(&self.head.headers, &Form::OF_OBJECTS)?;
        let object = found.ok_or_else(|| Refusal::not_found(resource, name))?;
        Ok(match form {
            Form::Table => table.of(&[object], &json!({"resourceVersion": "1"}), self.query()),
            Form::Plain | Form::Aggregated => object,
        })
    }

    fn judged(&self, asked: &Attributes) -> Result<(), Refusal> {
        if self.state.allows(asked) {
            return Ok(());
        }
        Err(Refusal::forbidden(&asked.resource, &asked.name, &asked.not_allowed(&self.caller.user)))
    }

    fn query(&self) -> &str {
        self.head.uri.query().unwrap_or_default()
    }
}

impl Table {
    /// `metav1.Table`: a row for each object, with as much of the object as is asked for.
    fn of(&self, objects: &[Value], metadata: &Value, query: &str) -> Value {
        let columns = self.columns.iter().map(|(name, kind, priority)| {
            let format = if *name == "Name" { "name" } else { "" };
            json!({"name": name, "type": kind, "format": format, "description": name, "priority": priority})
        });
        let include = listing::first(query, "includeObject");
        let rows = objects.iter().map(|object| {
            let mut row = json!({"cells": (self.cells)(object)});
            match include.as_deref() {
                Some("None") => row["object"] = Value::Null,
                Some("Object") => row["object"] = object.clone(),
                _ => {
                    row["object"] = json!({"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1",
                        "metadata": object["metadata"]});
                }
            }
            row
        });
        json!({
            "kind": "Table",
            "apiVersion": "meta.k8s.io/v1",
            "metadata": metadata,
            "columnDefinitions": columns.collect::<Vec<Value>>(),
            "rows": rows.collect::<Vec<Value>>(),
        })
    }
}

/// In a list, objects do not say again what they are.
fn as_item(mut object: Value) -> Value {
    if let Some(fields) = object.as_object_mut() {
        fields.remove("kind");
        fields.remove("apiVersion");
    }
    object
}
