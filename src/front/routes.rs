//! The URLs of pages that exist, as the configuration describes them: which path is which route, and what a request on it says.

mod pattern;
mod reading;
mod settings;

pub use pattern::{PathPattern, PatternError};
pub(super) use reading::{Place, RoutedError, RoutedRequest};
pub use settings::{RouteCommand, RoutePlace, RouteSettings, SizeParameters};

use std::sync::Arc;

use crate::target::Captures;

/// All routes. No two match one path: the configuration sees to that.
#[derive(Debug, Clone, Default)]
pub(super) struct Routes(Arc<[Arc<RouteSettings>]>);

/// A request's route, and what its path said.
#[derive(Debug, Clone)]
#[cfg_attr(test, derive(PartialEq))]
pub(super) struct Routed {
    pub(super) route: Arc<RouteSettings>,
    pub(super) captures: Captures,
}

impl Routes {
    pub(super) fn new(routes: &[RouteSettings]) -> Self {
        Self(routes.iter().cloned().map(Arc::new).collect())
    }

    /// The route of a path as it was sent, if it has one. An error is a path of a route that two readers could read differently.
    pub(super) fn find(&self, path: &str) -> Result<Option<Routed>, PatternError> {
        for route in &*self.0 {
            if let Some(captures) = route.path.captures(path)? {
                return Ok(Some(Routed { route: Arc::clone(route), captures }));
            }
        }
        Ok(None)
    }
}
