//! The last requests that a demo cluster saw, for tests that ask what reached it. In memory only, and never logged.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Mutex, PoisonError};

/// How many requests are kept.
const LIMIT: usize = 256;

/// One request's head.
#[derive(Clone, PartialEq, Eq)]
pub struct SeenRequest {
    /// The method.
    pub method: String,
    /// The path.
    pub path: String,
    /// The query, empty if there was none.
    pub query: String,
    /// Names in lower case and values, in the order of arrival per name.
    pub headers: Vec<(String, String)>,
}

/// The last requests, oldest first.
#[derive(Default)]
pub(super) struct Journal(Mutex<VecDeque<SeenRequest>>);

impl SeenRequest {
    /// The values of all headers of that name, given in lower case.
    pub fn header<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let matching = self.headers.iter().filter(move |(key, _)| key == name);
        matching.map(|(_, value)| value.as_str())
    }
}

/// Names only: values carry credentials, and queries carry what users type.
impl fmt::Debug for SeenRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.headers.iter().map(|(name, _)| name.as_str()).collect();
        f.debug_struct("SeenRequest")
            .field("method", &self.method)
            .field("path", &self.path)
            .field("headers", &names)
            .finish_non_exhaustive()
    }
}

impl Journal {
    /// Notes one more; the oldest makes room.
    pub(super) fn note(&self, head: &http::request::Parts) {
        let value = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let headers = head.headers.iter();
        let seen = SeenRequest {
            method: head.method.to_string(),
            path: head.uri.path().to_owned(),
            query: head.uri.query().unwrap_or_default().to_owned(),
            headers: headers.map(|(name, line)| (name.to_string(), value(line))).collect(),
        };
        let mut requests = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if requests.len() == LIMIT {
            requests.pop_front();
        }
        requests.push_back(seen);
    }

    /// All that are kept.
    pub(super) fn requests(&self) -> Vec<SeenRequest> {
        let requests = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        requests.iter().cloned().collect()
    }
}
