//! Which part of a list is asked for: selectors, and pages with a place to go on.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};

use super::query::pairs;
use super::refusal::Refusal;

/// A page of a list.
pub(super) struct Page {
    /// Its objects.
    pub(super) objects: Vec<Value>,
    /// The list's metadata: if it goes on, where, and how many more there are.
    pub(super) metadata: Value,
}

/// The part of `objects`, which are sorted by name, that `query` asks for.
pub(super) fn page(objects: Vec<Value>, query: &str) -> Result<Page, Refusal> {
    let limit = match first(query, "limit").filter(|limit| !limit.is_empty()) {
        None => 0,
        Some(limit) => limit.parse().map_err(|_| bad_number(&limit))?,
    };
    let after =
        first(query, "continue").filter(|token| !token.is_empty()).map(|token| open(&token)).transpose()?;
    let mut objects: Vec<Value> = objects
        .into_iter()
        .filter(|object| after.as_deref().is_none_or(|after| name(object) > after))
        .collect();
    objects = selected(objects, query)?;
    let mut metadata = Map::from_iter([("resourceVersion".to_owned(), json!("1"))]);
    if limit > 0 && objects.len() > limit {
        let rest = objects.split_off(limit);
        let last = objects.last().map_or("", name);
        metadata.insert("continue".to_owned(), json!(token(last)));
        metadata.insert("remainingItemCount".to_owned(), json!(rest.len()));
    }
    Ok(Page { objects, metadata: metadata.into() })
}

/// The first value of that parameter, as the API server reads it.
pub(super) fn first(query: &str, name: &str) -> Option<String> {
    pairs(query).into_iter().find(|(key, _)| key == name).map(|(_, value)| value)
}

/// The fields that a selector may name.
const FIELDS: [&str; 2] = ["metadata.name", "status.phase"];

fn selected(objects: Vec<Value>, query: &str) -> Result<Vec<Value>, Refusal> {
    let fields = first(query, "fieldSelector").unwrap_or_default();
    let labels = first(query, "labelSelector").unwrap_or_default();
    let parts = |selector: &str| -> Vec<String> {
        selector.split(',').filter(|part| !part.is_empty()).map(str::to_owned).collect()
    };
    let pair = |part: &str| {
        part.split_once('=').map(|(key, value)| (key.to_owned(), value.trim_start_matches('=').to_owned()))
    };
    let fields =
        parts(&fields).iter().map(|part| pair(part)).collect::<Option<Vec<_>>>().ok_or_else(|| {
            Refusal::bad_request(format!("invalid selector: {fields:?}; can't understand {fields:?}"))
        })?;
    // A key alone asks for the label with any value.
    let labels = parts(&labels).into_iter().map(|part| match pair(&part) {
        Some((key, value)) => (key, Some(value)),
        None => (part, None),
    });
    let labels: Vec<(String, Option<String>)> = labels.collect();
    if labels
        .iter()
        .any(|(key, _)| !key.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_./".contains(&byte)))
    {
        return Err(Refusal::bad_request("unable to parse requirement: this server knows key=value and key"));
    }
    if let Some((field, _)) = fields.iter().find(|(field, _)| !FIELDS.contains(&field.as_str())) {
        return Err(Refusal::bad_request(format!("field label not supported: {field}")));
    }
    let fits = |object: &Value| {
        fields.iter().all(|(field, value)| text_at(object, field) == Some(value))
            && labels.iter().all(|(key, value)| {
                let label = object["metadata"]["labels"].get(key).and_then(Value::as_str);
                label.is_some_and(|label| value.as_ref().is_none_or(|value| value == label))
            })
    };
    Ok(objects.into_iter().filter(fits).collect())
}

/// What stands in the field of that name, such as `status.phase`.
fn text_at<'a>(object: &'a Value, field: &str) -> Option<&'a str> {
    object.pointer(&format!("/{}", field.replace('.', "/")))?.as_str()
}

fn name(object: &Value) -> &str {
    object["metadata"]["name"].as_str().unwrap_or_default()
}

/// As Kubernetes writes it: whoever decodes it reads where the page ended.
fn token(last: &str) -> String {
    let place = json!({"v": "meta.k8s.io/v1", "rv": 1, "start": format!("/{last}\0")});
    URL_SAFE_NO_PAD.encode(place.to_string())
}

fn open(token: &str) -> Result<String, Refusal> {
    let read = || -> Option<String> {
        let place: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(token).ok()?).ok()?;
        Some(place["start"].as_str()?.trim_matches(['/', '\0']).to_owned())
    };
    read().ok_or_else(|| Refusal::bad_request("invalid continue token: continue key is not valid"))
}

fn bad_number(text: &str) -> Refusal {
    Refusal::bad_request(format!("strconv.ParseInt: parsing {text:?}: invalid syntax"))
}
