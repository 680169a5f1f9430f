//! The URLs of pages that exist, as the configuration describes them: which path is which route, and what a request on it says.

mod pattern;
mod reading;
mod settings;

pub(super) use pattern::CaptureError;
pub use pattern::{PathPattern, PatternError};
pub(super) use reading::{Meaning, Place, RoutedError, RoutedRequest};
pub use settings::{RouteCommand, RoutePlace, RouteSettings, SizeParameters};

use std::sync::Arc;

use http::Uri;

use crate::target::{Captures, query_pairs};

/// All routes. No two match one path: the configuration sees to that.
#[derive(Debug, Clone, Default)]
pub(super) struct Routes(Arc<[Arc<RouteSettings>]>);

/// The route of a path, and what the path said.
#[derive(Debug)]
#[cfg_attr(test, derive(PartialEq))]
pub(super) struct Matched {
    pub(super) route: Arc<RouteSettings>,
    pub(super) captures: Result<Captures, CaptureError>,
}

/// A request's route, and all that it said of where to.
#[derive(Debug, Clone)]
pub(super) struct Routed {
    pub(super) route: Arc<RouteSettings>,
    pub(super) captures: Captures,
}

impl Matched {
    /// Whether a token stands where the route looks for one in the query.
    pub(super) fn has_token(&self, uri: &Uri) -> bool {
        let is_it = |name: &str| self.route.credential.query.as_deref() == Some(name);
        query_pairs(uri.query().unwrap_or_default()).flatten().any(|(_, name, _)| is_it(&name))
    }
}

impl Routes {
    pub(super) fn new(routes: &[RouteSettings]) -> Self {
        Self(routes.iter().cloned().map(Arc::new).collect())
    }

    /// The route of a path as it was sent, if it has one.
    pub(super) fn find(&self, path: &str) -> Option<Matched> {
        self.0.iter().find_map(|route| {
            let captures = route.path.captures(path)?;
            Some(Matched { route: Arc::clone(route), captures })
        })
    }
}
