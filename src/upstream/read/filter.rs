//! Leaves out of a list what its reader is not shown, while it comes in. One object is held at a time.
//!
//! A list is an object: `items` of a `PodList` or `NamespaceList`, `rows` of a `Table`. Its fields are taken one by one; of those
//! that are not known, nothing is told on, whatever they hold.

mod item;

use bytes::{Bytes, BytesMut};
use serde::de::IgnoredAny;
use serde_json::{Map, Value};

use super::{Seal, extent::Extent};
use crate::policy::ReadGrant;

/// The way through one list.
#[derive(Debug)]
pub(super) struct Filter {
    pages: Pages,
    place: Place,
    /// The key, value or object that is being collected.
    held: BytesMut,
    out: BytesMut,
    fields_written: usize,
    objects_written: usize,
}

/// What judges and what seals.
#[derive(Debug)]
pub(super) struct Pages {
    pub(super) grant: ReadGrant,
    pub(super) seal: std::sync::Arc<Seal>,
}

/// What comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// The list's opening brace.
    Start,
    /// A key, or the closing brace.
    Key,
    /// The rest of a key.
    InKey(Extent),
    /// The colon after the key of this field.
    Colon(Field),
    /// The field's value, or its rest.
    Value(Field, Extent),
    /// An object or the end of the objects.
    Object(Objects),
    /// The rest of an object.
    InObject(Objects, Extent),
    /// Nothing.
    End,
}

/// What a field of the list is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    /// Told on as it is: it says something about the list and nothing about an object.
    Plain(&'static str),
    /// `metadata`.
    Metadata,
    /// `items` or `rows`.
    Objects(Objects),
    /// Left out.
    Unknown,
}

/// Where the objects stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Objects {
    Items,
    Rows,
}

/// Why an answer is no list that can be told on.
#[derive(Debug, thiserror::Error)]
pub enum FilterError {
    /// It is not the JSON that a list is.
    #[error("the list is malformed: {0}")]
    Malformed(&'static str),
    /// A part of it is no JSON at all.
    #[error("the list holds a field that is no JSON")]
    Json(#[from] serde_json::Error),
    /// Something in it is larger than anything that Kubernetes stores.
    #[error("the list holds a part of more than {limit} bytes")]
    TooLarge {
        /// The limit in bytes.
        limit: usize,
    },
}

impl Filter {
    pub(super) fn new(pages: Pages) -> Self {
        Self {
            pages,
            place: Place::Start,
            held: BytesMut::new(),
            out: BytesMut::new(),
            fields_written: 0,
            objects_written: 0,
        }
    }

    /// Takes what has come, and gives what may go on.
    pub(super) fn push(&mut self, mut bytes: &[u8]) -> Result<Bytes, FilterError> {
        while !bytes.is_empty() {
            let taken = self.step(bytes)?;
            bytes = bytes.get(taken..).unwrap_or_default();
        }
        Ok(self.out.split().freeze())
    }

    /// Says whether the list is whole.
    pub(super) fn finish(&self) -> Result<(), FilterError> {
        if self.place == Place::End { Ok(()) } else { Err(FilterError::Malformed("it ends in the middle")) }
    }

    /// One step; says how many bytes it took.
    fn step(&mut self, bytes: &[u8]) -> Result<usize, FilterError> {
        match self.place {
            Place::InKey(extent) => self.in_key(extent, bytes),
            Place::Value(field, extent) if extent != Extent::Ahead => self.in_value(field, extent, bytes),
            Place::InObject(objects, extent) => self.in_object(objects, extent, bytes),
            _ => self.between(bytes),
        }
    }

    /// What stands between keys, values and objects.
    fn between(&mut self, bytes: &[u8]) -> Result<usize, FilterError> {
        let byte = *bytes.first().expect("there are bytes left");
        let next = match (self.place, byte) {
            (_, b' ' | b'\t' | b'\r' | b'\n') => self.place,
            (Place::Start, b'{') => {
                self.out.extend_from_slice(b"{");
                Place::Key
            }
            (Place::Key, b'}') => {
                self.out.extend_from_slice(b"}\n");
                Place::End
            }
            (Place::Key, b'"') => return self.in_key(Extent::Ahead, bytes),
            (Place::Key, b',') => Place::Key,
            (Place::Colon(field), b':') => Place::Value(field, Extent::Ahead),
            (Place::Value(Field::Objects(objects), _), b'[') => {
                self.write_key(objects.key());
                self.out.extend_from_slice(b"[");
                self.objects_written = 0;
                Place::Object(objects)
            }
            (Place::Value(field, extent), _) => return self.in_value(field, extent, bytes),
            (Place::Object(_), b']') => {
                self.out.extend_from_slice(b"]");
                Place::Key
            }
            (Place::Object(objects), b',') => Place::Object(objects),
            (Place::Object(objects), _) => return self.in_object(objects, Extent::Ahead, bytes),
            _ => return Err(FilterError::Malformed("something stands where nothing may")),
        };
        self.place = next;
        Ok(1)
    }

    fn in_key(&mut self, mut extent: Extent, bytes: &[u8]) -> Result<usize, FilterError> {
        let ended = extent.advance(bytes);
        let taken = self.hold(bytes, ended, FIELD_LIMIT)?;
        self.place = Place::InKey(extent);
        if ended.is_some() {
            let key: String = serde_json::from_slice(&self.held.split())?;
            self.place = Place::Colon(Field::named(&key));
        }
        Ok(taken)
    }

    fn in_value(&mut self, field: Field, mut extent: Extent, bytes: &[u8]) -> Result<usize, FilterError> {
        let ended = extent.advance(bytes);
        // What is left out need not be held, so it may be as large as it likes.
        let taken = match field {
            Field::Unknown => ended.unwrap_or(bytes.len()),
            _ => self.hold(bytes, ended, FIELD_LIMIT)?,
        };
        self.place = Place::Value(field, extent);
        if ended.is_some() {
            let value = self.held.split();
            self.write_field(field, &value)?;
            self.place = Place::Key;
        }
        Ok(taken)
    }

    fn in_object(
        &mut self,
        objects: Objects,
        mut extent: Extent,
        bytes: &[u8],
    ) -> Result<usize, FilterError> {
        let ended = extent.advance(bytes);
        let taken = self.hold(bytes, ended, OBJECT_LIMIT)?;
        self.place = Place::InObject(objects, extent);
        if ended.is_some() {
            let object = self.held.split();
            if self.pages.show(objects, &object) {
                if self.objects_written > 0 {
                    self.out.extend_from_slice(b",");
                }
                self.out.extend_from_slice(&object);
                self.objects_written += 1;
            }
            self.place = Place::Object(objects);
        }
        Ok(taken)
    }

    /// Keeps what belongs to the part that is being collected.
    fn hold(&mut self, bytes: &[u8], ended: Option<usize>, limit: usize) -> Result<usize, FilterError> {
        let part = ended.and_then(|end| bytes.get(..end)).unwrap_or(bytes);
        if self.held.len() + part.len() > limit {
            return Err(FilterError::TooLarge { limit });
        }
        self.held.extend_from_slice(part);
        Ok(part.len())
    }

    fn write_field(&mut self, field: Field, value: &[u8]) -> Result<(), FilterError> {
        match field {
            Field::Plain(key) => {
                serde_json::from_slice::<IgnoredAny>(value)?;
                self.write_key(key);
                self.out.extend_from_slice(value);
            }
            Field::Metadata => {
                let metadata = self.pages.metadata(value)?;
                self.write_key("metadata");
                self.out.extend_from_slice(&metadata);
            }
            // Go writes an empty list as null where nobody made one.
            Field::Objects(objects) if value == b"null" => {
                self.write_key(objects.key());
                self.out.extend_from_slice(b"null");
            }
            Field::Objects(_) => return Err(FilterError::Malformed("its objects are no list")),
            Field::Unknown => {}
        }
        Ok(())
    }

    fn write_key(&mut self, key: &str) {
        let comma = if self.fields_written > 0 { "," } else { "" };
        self.out.extend_from_slice(format!("{comma}\"{key}\":").as_bytes());
        self.fields_written += 1;
    }
}

impl Pages {
    fn show(&self, objects: Objects, json: &[u8]) -> bool {
        let item = match objects {
            Objects::Items => item::Item::parse(json),
            Objects::Rows => item::Item::of_row(json),
        };
        item.is_some_and(|item| item.is_shown_by(&self.grant))
    }

    /// A Status with its metadata treated as a list's: an expired page's names where to go on all the same. One of the API server's
    /// timeout filter does not say that it is one.
    pub(super) fn status(&self, json: &[u8]) -> Option<Bytes> {
        let mut status: Map<String, Value> = serde_json::from_slice(json).ok()?;
        if status.get("status")? != "Failure" {
            return None;
        }
        status.entry("kind").or_insert_with(|| "Status".into());
        status.entry("apiVersion").or_insert_with(|| "v1".into());
        if let Some(metadata) = status.get_mut("metadata") {
            let told = self.metadata(&serde_json::to_vec(metadata).ok()?).ok()?;
            *metadata = serde_json::from_slice(&told).ok()?;
        }
        Some(serde_json::to_vec(&status).ok()?.into())
    }

    /// How many objects follow would tell how many are left out; where the list goes on is sealed.
    fn metadata(&self, json: &[u8]) -> Result<Vec<u8>, FilterError> {
        let mut metadata: Map<String, Value> = serde_json::from_slice(json)?;
        metadata.remove("remainingItemCount");
        if let Some(Value::String(resume)) = metadata.get_mut("continue")
            && !resume.is_empty()
        {
            *resume = self.seal.close(&self.grant, resume);
        }
        Ok(serde_json::to_vec(&metadata)?)
    }
}

impl Field {
    fn named(key: &str) -> Self {
        match key {
            "kind" => Self::Plain("kind"),
            "apiVersion" => Self::Plain("apiVersion"),
            "columnDefinitions" => Self::Plain("columnDefinitions"),
            "metadata" => Self::Metadata,
            "items" => Self::Objects(Objects::Items),
            "rows" => Self::Objects(Objects::Rows),
            _ => Self::Unknown,
        }
    }
}

impl Objects {
    fn key(self) -> &'static str {
        match self {
            Self::Items => "items",
            Self::Rows => "rows",
        }
    }
}

/// The columns of a table take 5 KB, the longest place to go on at 2 KB.
const FIELD_LIMIT: usize = 256 * 1024;
/// etcd stores objects of at most 1.5 MiB, smaller than their JSON is; a row can hold one and a line besides.
const OBJECT_LIMIT: usize = 4 * 1024 * 1024;

#[cfg(test)]
mod tests;
