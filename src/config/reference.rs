//! The reference of the configuration as Markdown, made from its JSON schema.

use std::{collections::VecDeque, fmt::Write};

use serde_json::Value;

use super::schema::{definition, json_schema, resolve};

const PREFACE: &str = "This page is made from the types that the program reads its configuration with: change the comments in \
`src/config/file.rs` and run `cargo run -- schema --markdown > docs/configuration.md`. A complete file with comments is \
[config/execgate.yaml](../config/execgate.yaml); `execgate check --config FILE` says what a file means, and \
`execgate schema` prints the JSON schema for your editor.";

/// The reference: a section for the file and one for each kind of value in it.
pub fn reference() -> String {
    let root = json_schema();
    let mut page = format!("# Configuration\n\n{}\n\n{PREFACE}\n\n## The file\n", description(&root));
    page += &keys(&root);
    for kind in kinds(&root) {
        let schema = &root["$defs"][&kind.name];
        let places: Vec<String> = kind.places.iter().map(|place| format!("`{place}`")).collect();
        let (name, places) = (&kind.name, places.join(", "));
        write!(page, "\n## {name}\n\nAt {places}. {}\n{}", description(schema), body(schema))
            .expect("a String takes every write");
    }
    page
}

/// A definition of the schema and where the file uses it.
struct Kind {
    name: String,
    places: Vec<String>,
}

/// All definitions, as they are met from the top of the file down.
fn kinds(root: &Value) -> Vec<Kind> {
    let mut kinds: Vec<Kind> = Vec::new();
    let mut open = VecDeque::from([(String::new(), root)]);
    while let Some((place, schema)) = open.pop_front() {
        if let Some(items) = schema.get("items") {
            open.push_back((format!("{place}[]"), items));
        }
        if let Some(values) = schema.get("additionalProperties").filter(|values| values.is_object()) {
            open.push_back((format!("{place}.*"), values));
        }
        for (name, value) in properties(schema).chain(ways(schema).flat_map(properties)) {
            let dot = if place.is_empty() { "" } else { "." };
            open.push_back((format!("{place}{dot}{name}"), value));
        }
        let Some(name) = definition(schema) else { continue };
        if let Some(kind) = kinds.iter_mut().find(|kind| kind.name == name) {
            kind.places.push(place);
            continue;
        }
        kinds.push(Kind { name: name.to_owned(), places: vec![place.clone()] });
        open.push_back((place, resolve(root, schema)));
    }
    kinds
}

/// A kind's keys, or its values, or the ways to write it.
fn body(schema: &Value) -> String {
    if schema.get("properties").is_some() {
        return keys(schema);
    }
    let mut rows = String::new();
    for way in ways(schema) {
        let separator = if rows.is_empty() { "\n" } else { "" };
        rows += separator;
        if let Some(word) = way.get("const").and_then(Value::as_str) {
            writeln!(rows, "- `{word}`: {}", description(way)).expect("a String takes every write");
        }
        for (name, value) in properties(way) {
            let (kind, meaning) = (kind(value), description(way));
            writeln!(rows, "- `{name}` ({kind}): {meaning}").expect("a String takes every write");
        }
    }
    rows
}

/// The table of a mapping's keys.
fn keys(schema: &Value) -> String {
    let mut table = String::from("\n| key | value | default | meaning |\n|---|---|---|---|\n");
    let required = required(schema);
    for (name, value) in properties(schema) {
        let default = match value.get("default") {
            _ if required.contains(&name) => "required".to_owned(),
            Some(Value::String(text)) => format!("`{text}`"),
            Some(Value::Object(entries)) if entries.is_empty() => "none".to_owned(),
            Some(Value::Object(_)) => "those below".to_owned(),
            Some(Value::Array(list)) if list.is_empty() => "none".to_owned(),
            Some(value) => format!("`{value}`").replace('"', ""),
            None => "none".to_owned(),
        };
        let meaning = description(value).replace('|', "\\|");
        writeln!(table, "| `{name}` | {} | {default} | {meaning} |", kind(value))
            .expect("a String takes every write");
    }
    table
}

/// What may stand after a key.
fn kind(schema: &Value) -> String {
    if let Some(name) = definition(schema) {
        return format!("[{name}](#{})", name.to_lowercase());
    }
    match schema["type"].as_str() {
        Some("array") => format!("list of {}", kind(&schema["items"])),
        Some("object") => format!("mapping of text to {}", kind(&schema["additionalProperties"])),
        Some("boolean") => "`true` or `false`".to_owned(),
        Some("integer") => "whole number".to_owned(),
        _ => "text".to_owned(),
    }
}

/// The keys of a mapping: those that must be there in the order of the types, then the others by name.
fn properties(schema: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let required = required(schema);
    let all = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
    let mut all: Vec<_> = all.map(|(name, value)| (name.as_str(), value)).collect();
    all.sort_by_key(|(name, _)| required.iter().position(|other| other == name).unwrap_or(usize::MAX));
    all.into_iter()
}

fn required(schema: &Value) -> Vec<&str> {
    let names = schema.get("required").and_then(Value::as_array).into_iter().flatten();
    names.filter_map(Value::as_str).collect()
}

fn ways(schema: &Value) -> impl Iterator<Item = &Value> {
    schema.get("oneOf").and_then(Value::as_array).into_iter().flatten()
}

fn description(schema: &Value) -> &str {
    schema.get("description").and_then(Value::as_str).unwrap_or_default()
}
