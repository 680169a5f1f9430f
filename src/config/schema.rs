//! The JSON schema of the configuration, made from the types of `file.rs`.

use schemars::{Schema, generate::SchemaSettings, transform::RecursiveTransform};
use serde_json::Value;

use super::{
    file::File,
    key::{KeyPath, Step},
};

/// The JSON schema (draft 2020-12) of the configuration file.
pub fn json_schema() -> Value {
    let settings = SchemaSettings::draft2020_12()
        .with_transform(RecursiveTransform(refuse_null))
        .with_transform(RecursiveTransform(join_lines));
    settings.into_generator().into_root_schema_for::<File>().to_value()
}

/// A key that may be left out may still not stand there without a value.
fn refuse_null(schema: &mut Schema) {
    if let Some(Value::Array(types)) = schema.get_mut("type") {
        types.retain(|name| name != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            schema.insert("type".to_owned(), only);
        }
    }
    if let Some(Value::Array(ways)) = schema.get("anyOf")
        && let [Value::Object(way), Value::Object(null)] = ways.as_slice()
        && null.get("type").is_some_and(|name| name == "null")
    {
        let way = way.clone();
        schema.remove("anyOf");
        for (key, value) in way {
            schema.insert(key, value);
        }
    }
}

/// Descriptions are broken into lines where the source is.
fn join_lines(schema: &mut Schema) {
    if let Some(Value::String(text)) = schema.get_mut("description") {
        *text = text.replace('\n', " ");
    }
}

/// What the key at `path` says, for an error: the first sentence of its description.
pub(super) fn meaning(path: &KeyPath) -> Option<String> {
    let root = json_schema();
    let mut schema = &root;
    for step in path.steps() {
        let whole = resolve(&root, schema);
        schema = match step {
            Step::Name(name) => property(whole, name)?,
            Step::Index(_) => whole.get("items")?,
        };
    }
    let text = schema.get("description")?.as_str()?;
    let sentence = text.split_once(". ").map_or(text, |(first, _)| first);
    Some(lower_first(sentence.trim_end_matches('.')))
}

/// The definition that `schema` refers to, or else itself.
pub(super) fn resolve<'a>(root: &'a Value, schema: &'a Value) -> &'a Value {
    let definition = definition(schema).and_then(|name| root.get("$defs")?.get(name));
    definition.unwrap_or(schema)
}

/// The name of the definition that `schema` refers to.
pub(super) fn definition(schema: &Value) -> Option<&str> {
    schema.get("$ref")?.as_str()?.strip_prefix("#/$defs/")
}

/// The schema of the key `name`, directly or in one of the ways to write the mapping.
fn property<'a>(schema: &'a Value, name: &str) -> Option<&'a Value> {
    let direct = schema.get("properties").and_then(|all| all.get(name));
    let mut ways = schema.get("oneOf").and_then(Value::as_array).into_iter().flatten();
    direct.or_else(|| ways.find_map(|way| property(way, name)))
}

/// `The name` to `the name`, but not `IP address`.
fn lower_first(text: &str) -> String {
    let mut letters = text.chars();
    match (letters.next(), letters.clone().next()) {
        (Some(first), Some(second)) if !second.is_uppercase() => {
            first.to_lowercase().chain(letters).collect()
        }
        _ => text.to_owned(),
    }
}
