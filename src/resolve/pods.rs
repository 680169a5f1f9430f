//! Reads pods of a cluster with execgate's own credential, in the user's name where the cluster is set up so.

mod item;

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Request, Response, StatusCode, Uri, header};
use http_body_util::Full;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::de::DeserializeOwned;
use tokio::time::{Instant, timeout_at};

pub(super) use self::item::Metadata;
use self::item::{Item, List, Single};
use super::body::{self, BodyError};
use super::owner::Workload;
use super::{Candidate, ResolveError, Speaker};
use crate::cluster::{AnswerBody, Cluster, SendError, excerpt};
use crate::identity::Principal;
use crate::target::{Namespace, PodName};

/// The pods of one cluster, read for one user.
pub(super) struct Pods<'a> {
    pub(super) cluster: &'a Cluster,
    pub(super) principal: &'a Principal,
    /// The annotation that names the container to open.
    pub(super) annotation: &'a str,
}

impl Pods<'_> {
    /// The pods of `namespace` that `selector` selects and `owner` owns.
    pub(super) async fn list(
        &self,
        namespace: &Namespace,
        selector: Option<&str>,
        owner: Option<&Workload>,
    ) -> Result<Vec<Candidate>, ResolveError> {
        let mut path = format!("/api/v1/namespaces/{namespace}/pods?limit={PAGE}");
        if let Some(selector) = selector {
            path = format!("{path}&labelSelector={}", utf8_percent_encode(selector, NON_ALPHANUMERIC));
        }
        let deadline = self.deadline();
        let (mut found, mut seen, mut resume) = (Vec::new(), 0, String::new());
        loop {
            let page: List = self.read(&format!("{path}{resume}"), PAGE_LIMIT, deadline).await?;
            let items = page.items.unwrap_or_default();
            seen += items.len();
            found.extend(items.into_iter().filter_map(|item| self.candidate(item, namespace, owner)));
            if page.metadata.resume.is_empty() {
                return Ok(found);
            }
            if seen >= MOST_PODS {
                return Err(ResolveError::TooMany { cluster: self.cluster.name().clone(), limit: MOST_PODS });
            }
            resume = format!("&continue={}", utf8_percent_encode(&page.metadata.resume, NON_ALPHANUMERIC));
        }
    }

    /// The pod of that name, if there is one and `owner` owns it.
    pub(super) async fn get(
        &self,
        namespace: &Namespace,
        pod: &PodName,
        owner: Option<&Workload>,
    ) -> Result<Option<Candidate>, ResolveError> {
        let path = format!("/api/v1/namespaces/{namespace}/pods/{pod}");
        match self.read::<Single>(&path, POD_LIMIT, self.deadline()).await {
            Ok(single) => Ok(self.candidate(single.item, namespace, owner)),
            Err(ResolveError::Refused { code: 404, .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn candidate(&self, item: Item, namespace: &Namespace, owner: Option<&Workload>) -> Option<Candidate> {
        let is_owned = owner.is_none_or(|owner| owner.owns(&item.metadata));
        is_owned.then(|| item.candidate(namespace, self.annotation))?
    }

    /// For all answers together, heads and bodies.
    fn deadline(&self) -> Instant {
        Instant::now() + self.cluster.settings().connect_timeout + PATIENCE
    }

    /// The head of the answer has the cluster's connect timeout, all of it until `deadline`.
    async fn read<T: DeserializeOwned>(
        &self,
        path: &str,
        limit: usize,
        deadline: Instant,
    ) -> Result<T, ResolveError> {
        let broken = |source| ResolveError::Body { cluster: self.cluster.name().clone(), source };
        let sent = timeout_at(deadline, self.cluster.send(self.request(path)?)).await;
        let answer = sent.map_err(|_| broken(BodyError::TooSlow))??;
        if answer.status() != StatusCode::OK {
            return Err(self.refused(answer).await);
        }
        let body = body::whole(answer.into_body(), limit, deadline).await.map_err(broken)?;
        serde_json::from_slice(&body).map_err(|error| broken(BodyError::Json(error)))
    }

    fn request(&self, path: &str) -> Result<Request<Full<Bytes>>, ResolveError> {
        let cluster = || self.cluster.name().clone();
        let mut request = Request::new(Full::default());
        *request.uri_mut() =
            Uri::try_from(path).map_err(|_| SendError::TooLong { cluster: cluster(), length: path.len() })?;
        let headers = request.headers_mut();
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        if let Some(user) = self.cluster.impersonated(self.principal.user(), self.principal.groups()) {
            let unsendable = |source| ResolveError::Unsendable { cluster: cluster(), source };
            user.write(headers).map_err(unsendable)?;
        }
        Ok(request)
    }

    async fn refused(&self, answer: Response<AnswerBody>) -> ResolveError {
        let code = answer.status().as_u16();
        let beginning = answer.into_body().beginning(Instant::now() + PATIENCE).await;
        let speaker = if self.cluster.impersonate() { Speaker::User } else { Speaker::Execgate };
        ResolveError::Refused {
            cluster: self.cluster.name().clone(),
            code,
            speaker,
            answer: excerpt(&beginning),
        }
    }
}

/// A page is held whole, and an object may have a megabyte.
const PAGE: usize = 100;
/// A hundred pods as they usually are have one megabyte.
const PAGE_LIMIT: usize = 16 * 1024 * 1024;
/// The 1.5 MiB of etcd, and what JSON makes of it.
const POD_LIMIT: usize = 4 * 1024 * 1024;
/// More than that is no selection: something is missing in the selector.
const MOST_PODS: usize = 1000;
/// For the bodies: an API server that works sends what it has.
const PATIENCE: Duration = Duration::from_secs(30);
